"""Ends: told together, once they are certain, and to who heard of the beginning."""

from crushsync.accounts.models import Winery
from fulfillment.models import Closing, Problem
from notifications.models import Mail, MailItem, MailKind, MailState, Recipient
from tests.factories import ProblemFactory, RecipientFactory
from tests.notifications.conftest import MailServer, Run
from tests.notifications.telling import close, connection_problem, name_of, part, problem_of, settled
from tests.notifications.test_mails import PERSONAL


def test_the_end_is_told_to_who_heard_of_the_beginning(
    winery: Winery, recipient: Recipient, mail_server: MailServer, run: Run
) -> None:
    problem = problem_of(winery)
    run(settled)
    late = RecipientFactory.create(winery=winery)
    close(problem)
    run(lambda: settled() and Mail.objects.count() == 2)
    assert [mail["Subject"] for mail in mail_server.got][1] == f"Solved: order {name_of(problem)}"
    assert not late.mails.exists()


def test_a_connection_is_told_down_once_and_back_once(
    winery: Winery, recipient: Recipient, mail_server: MailServer, run: Run
) -> None:
    problem = connection_problem(winery)
    run(settled)
    run()
    close(problem)
    run(lambda: settled() and Mail.objects.count() == 2)
    run()
    assert [mail["Subject"] for mail in mail_server.got] == [
        "Connection down: Estate shop",
        "Connection restored: Estate shop",
    ]
    assert not [word for word in PERSONAL if word in part(mail_server.got[0], "plain")]


def test_what_is_solved_together_is_told_in_one_mail(
    winery: Winery, recipient: Recipient, mail_server: MailServer, run: Run
) -> None:
    """One SKU is mapped, and twelve orders go."""
    problems = [problem_of(winery) for _ in range(12)]
    run(settled)
    close(*problems)
    run(lambda: settled() and Mail.objects.count() == 2)
    assert [mail["Subject"] for mail in mail_server.got][1:] == ["Cedar Hollow: 12 problems solved"]
    for kind in ("plain", "html"):
        text = part(mail_server.got[1], kind)
        assert text.count("Vinoshipper does not know") == 1
        assert f"{name_of(problems[0])}, {name_of(problems[1])}" in text
        assert "and 2 more" in text
    assert MailItem.objects.filter(is_end=True).count() == 12


def refused_again(problem: Problem) -> Problem:
    """Somebody mended the order in the store, and Vinoshipper said the same."""
    close(problem)
    return ProblemFactory.create(fulfillment_order=problem.fulfillment_order, code=problem.code)


def replaced(problem: Problem) -> Problem:
    close(problem, how=Closing.REPLACED)
    return ProblemFactory.create(fulfillment_order=problem.fulfillment_order, code="sold_out")


def test_an_order_that_still_needs_somebody_is_not_called_solved(
    winery: Winery, recipient: Recipient, mail_server: MailServer, run: Run
) -> None:
    for take_its_place in (refused_again, replaced):
        Mail.objects.all().delete()
        mail_server.got.clear()
        problem = problem_of(winery)
        run(settled)
        newer = take_its_place(problem)
        run(lambda: settled() and Mail.objects.filter(kind=MailKind.SOLVED).exists())
        assert Mail.objects.get(kind=MailKind.SOLVED).state == MailState.SKIPPED
        close(newer)
        run(lambda: settled() and Mail.objects.filter(kind=MailKind.SOLVED).count() == 2)
        subjects = [mail["Subject"] for mail in mail_server.got]
        assert len(subjects) == 3
        assert subjects[-1] == f"Solved: order {name_of(problem)}"


def test_a_connection_that_is_down_otherwise_is_not_called_restored(
    winery: Winery, recipient: Recipient, mail_server: MailServer, run: Run
) -> None:
    first = connection_problem(winery)
    run(settled)
    close(first, how=Closing.REPLACED)
    second = connection_problem(winery, "no_answer_in_a_row")
    run(lambda: settled() and Mail.objects.count() == 3)
    close(second)
    run(lambda: settled() and Mail.objects.count() == 4)
    assert [mail["Subject"].split(":")[0] for mail in mail_server.got] == [
        "Connection down",
        "Connection down",
        "Connection restored",
    ]
