"""Every code of the catalogue, reached over HTTP: told on the order, in a mail and in the documentation."""

from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from compliance.checks import CHECKS
from compliance.problems import CATALOGUE, Entry, Family, entry
from compliance.problems.describing import page
from crushsync.vinoshipper.client import orders as calls
from fulfillment.models import FulfillmentOrder, Problem
from fulfillment.problems.finding import told_all
from notifications.mails.recipients import keep
from notifications.models import Mail, MailItem, MailState, Sweep
from orders.models import Order, OrderEvent
from tests.factories import MembershipFactory, RecipientFactory
from tests.flow.conftest import World
from tests.problems.stage import Stage, Told
from tests.problems.standing import STANDING, STANDING_ASIDE
from tests.problems.stories import TROUBLES

# What only the state of an order tells: whether Vinoshipper has something under its number.
REACHED = {
    "sold_out", "age_failed", "age_locked", "payment_missing", "conflict", "changed_after_sending",
    "cancelled_after_sending", "void_too_late", "returned", "partner_trouble", "gone_there", "gave_up",
    "internal_error",
}  # fmt: skip
# Of what is right as it is, what Vinoshipper gets to see.
GO_THERE = {"send sent", "voided", "age_verified", "partner_undecided"}


def test_every_code_has_its_story() -> None:
    """A code that nothing brings about is dead, and one that nobody has tried may be."""
    troubles = [code for codes in TROUBLES for code in codes.split()]
    standing = [code for codes in (*STANDING, *STANDING_ASIDE) for code in codes.split()]
    assert sorted(troubles) == sorted(code for code, told in CATALOGUE.items() if told.needs_person)
    assert sorted(standing) == sorted(code for code, told in CATALOGUE.items() if not told.needs_person)


@pytest.fixture
def stage(world: World) -> Stage:
    """Vinoshipper is strict with some people, states and stocks; our own checks are, too."""
    world.sandbox.vinoshipper.account(
        age_fails=["Young"],
        volume_limits={"NY": 0},
        products={"one": {"sku": "HO-TWIN"}, "two": {"sku": "HO-TWIN"}},
        statuses={
            "Locked": "AGE_VERIFICATION_LOCKED",
            "Broke": "PAYMENT_CAPTURE_FAILED",
            "Slow": "PENDING",
        },
    )
    world.sandbox.vinoshipper.product("HO-ZN21-750", inventory=0)
    account = world.account
    account.ship_to_states = ["TX", "UT", "MN", "NY", "AE", "WA"]
    account.hold_until, account.hold_states = (timezone.now() + timedelta(days=9)).date(), ["WA"]
    account.most_bottles = 12
    levels = ("birth_date_missing", "name_too_long", "phone_odd", "street_too_long")
    account.check_levels = dict.fromkeys(levels, "blocks")
    account.due_at = timezone.now()  # its products are read first
    account.save()
    keep(RecipientFactory.build(winery=account.winery))
    world.run(lambda: account.products.exists())
    return Stage(world)


def test_every_code_is_reached_and_told(
    stage: Stage, client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    told = {
        codes: Told(stage, number, codes, tell)
        for number, (codes, tell) in enumerate([*TROUBLES.items(), *STANDING.items()], 1)
    }
    break_down_for(told["internal_error"], monkeypatch)
    stage.play(list(told.values()))
    expected = {(code, whose(told[codes], code)) for codes in TROUBLES for code in codes.split()}
    standing = [*((codes, told[codes].name) for codes in STANDING), *aside(told)]
    try:
        stage.world.run(lambda: found() == expected and not unsaid(standing), seconds=60)
    except AssertionError:
        assert (found() ^ expected, unsaid(standing)) == (set(), [])
    told_by_mail(stage.world)

    client.force_login(MembershipFactory.create(winery=stage.world.store.winery).user)
    documented, texts = page(), "\n".join(str(sent.body) for sent in mail.outbox)
    letters = [sent for sent in mail.outbox if isinstance(sent, EmailMultiAlternatives)]
    htmls = unescape("\n".join(str(sent.alternatives[0][0]) for sent in letters))
    for row in open_rows():
        about = entry(row.code)
        assert row.family == (about.family or family(row.code)), row.code
        on_page = shown_on(client, row)
        said = (row.sentence, str(about.cause), *map(str, about.steps))
        assert [text for text in said if text not in on_page] == [], row.code
        for words in (row.sentence, str(about.steps[0])):
            assert words in texts, row.code
            assert words in htmls, row.code
        assert_documented(documented, about)
    for codes, name in standing:
        pages = shown(client, Order.objects.get(name=name))
        for code in codes.split():
            assert said_of(name, code)[0] in pages, code
            assert_documented(documented, CATALOGUE[code])
    assert len(told_all(Problem.objects.all())) == len(expected)
    there = {row["number"] for row in stage.world.at_vinoshipper()}
    kept_here = {codes for codes in (*TROUBLES, *STANDING) if codes in CHECKS} | {*STANDING} - GO_THERE
    assert {codes for codes in kept_here if told[codes].their_number in there} == {"sold_out"}


def break_down_for(one: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own code fails while it makes this order's call."""
    sound = calls._order_path

    def broken(number: str) -> str:
        if number == one.their_number:
            raise RuntimeError("a fault of ours")
        return sound(number)

    monkeypatch.setattr(calls, "_order_path", broken)


def open_rows() -> Iterator[Problem]:
    return Problem.objects.filter(closed_at=None).select_related("order").order_by("pk").iterator()


def found() -> set[tuple[str, str]]:
    return {(row.code, row.order.name if row.order else row.subject) for row in open_rows()}


def whose(one: Told, code: str) -> str:
    """The order's name, or the connection's, the product's, or the number of an order nobody could read."""
    if CATALOGUE[code].family == Family.CONNECTION:
        return {"credentials": "locked-out", "no_answer_in_a_row": "silent"}.get(code, code)
    return {"low_stock": "HO-RS24-750@Cellar", "not_read": one.id}.get(code, one.name)


def family(code: str) -> Family:
    return Family.HAS_ISSUE if code in REACHED else Family.NEVER_REACHED


def told_by_mail(world: World) -> None:
    """All mails are sent, those that would wait for more of them, too."""

    def is_told() -> bool:
        Sweep.objects.filter(open_claims=0).update(due_at=timezone.now())
        Mail.objects.filter(state=MailState.WAITING, open_claims=0).update(due_at=timezone.now())
        untold = Problem.objects.filter(closed_at=None).exclude(pk__in=MailItem.objects.values("problem"))
        return not untold.exists() and not Mail.objects.filter(state=MailState.WAITING).exists()

    world.run(is_told, seconds=30)
    assert set(Mail.objects.values_list("state", flat=True)) <= {MailState.SENT, MailState.SKIPPED}


def shown_on(client: Client, row: Problem) -> str:
    """The page of its order; of what is no order's, its own."""
    if row.order:
        return shown(client, row.order)
    return unescape(client.get(reverse("admin:fulfillment_problem_change", args=[row.pk])).content.decode())


def shown(client: Client, order: Order) -> str:
    return unescape(client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode())


def assert_documented(documented: str, about: Entry) -> None:
    assert f"### {about.code}\n" in documented
    assert str(about.sentence) in documented


def aside(told: dict[str, Told]) -> Iterator[tuple[str, str]]:
    for codes, story in STANDING_ASIDE.items():
        yield codes, told[story].name


def said_of(name: str, code: str) -> list[str]:
    """The order stands so now, or its history says that it did: in these sentences."""
    now = FulfillmentOrder.objects.filter(order__name=name, reason_code=code).values_list("reason", flat=True)
    before = OrderEvent.objects.filter(order__name=name, code=code).values_list("sentence", flat=True)
    return [*now, *before]


def unsaid(standing: list[tuple[str, str]]) -> list[str]:
    return [code for codes, name in standing for code in codes.split() if not said_of(name, code)]
