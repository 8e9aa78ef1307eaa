"""Problems to tell of, and what became of the mails about them."""

from collections.abc import Sequence
from email.message import EmailMessage

from django.utils import timezone

from compliance.problems import Family
from crushsync.accounts.models import Winery
from fulfillment.models import Closing, Problem
from notifications.models import Mail, MailState
from tests.factories import FulfillmentOrderFactory, ProblemFactory


def problem_of(winery: Winery, **fields: object) -> Problem:
    work = FulfillmentOrderFactory.create(order__store__winery=winery)
    return ProblemFactory.create(fulfillment_order=work, **fields)


def name_of(problem: Problem) -> str:
    assert problem.order is not None
    return str(problem.order.name)


def connection_problem(winery: Winery, code: str = "credentials") -> Problem:
    return Problem.objects.create(
        winery=winery,
        code=code,
        subject="Estate shop",
        family=Family.CONNECTION,
        sentence="Shopify did not accept the credentials of this connection.",
        said="bad token for elena.marquez@example.com",
    )


def close(*problems: Problem, how: Closing = Closing.MENDED) -> None:
    pks = [problem.pk for problem in problems]
    Problem.objects.filter(pk__in=pks).update(closed_at=timezone.now(), closed_how=how)


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def states() -> Sequence[str]:
    return list(Mail.objects.order_by("pk").values_list("state", flat=True))


def settled() -> bool:
    return Mail.objects.exists() and not Mail.objects.filter(state=MailState.WAITING).exists()
