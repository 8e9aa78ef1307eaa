"""Mails: once per problem, many together, nobody named, and through a real mail server."""

import re
from datetime import UTC, datetime, time, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from compliance.problems import CATALOGUE, Family
from crushsync.accounts.models import Winery
from crushsync.lib.queue import clock
from fulfillment.models import FulfillmentOrder, Problem
from notifications.mails import choosing
from notifications.mails.lane import send_again
from notifications.mails.letters import single
from notifications.mails.recipients import (
    keep,
    next_daily,
    quiet_until,
    send_test,
    unsubscribe_url,
)
from notifications.models import Kind, Mail, MailItem, MailKind, MailState, Off, Recipient
from notifications.webhooks.endpoints import switch_on, turn_off
from tests.factories import (
    EndpointFactory,
    MailFactory,
    MembershipFactory,
    ProblemFactory,
    RecipientFactory,
)
from tests.notifications.conftest import MailServer, Run
from tests.notifications.telling import (
    close,
    connection_problem,
    name_of,
    part,
    problem_of,
    settled,
    states,
)

PERSONAL = ("Elena", "Marquez", "Harbor", "example.com", "1980", "95814", "555")


def tell(now: datetime, *problems: Problem) -> None:
    with transaction.atomic():
        choosing.note(problems, [], now)


def test_a_problem_is_told_once_with_what_to_do(
    winery: Winery, recipient: Recipient, mail_server: MailServer, run: Run
) -> None:
    problem = problem_of(winery, said="Elena Marquez, 12 Harbor Road")
    run(settled)
    run()
    (mail,) = mail_server.got
    assert mail["To"] == "cellar@winery.example"
    assert mail["Subject"] == f"Order {name_of(problem)} needs you: {problem.sentence}"
    for kind in ("plain", "html"):
        text = unescape(part(mail, kind))
        assert problem.sentence in text
        assert "Never reached Vinoshipper" in text
        assert [step for step in CATALOGUE["unknown_sku"].steps if str(step) not in text] == []
        assert f"/admin/orders/order/{problem.order_id}/change/" in text
        assert not [word for word in PERSONAL if word in text]
    assert not re.findall(r"<script|<img|<link", part(mail, "html"))


def test_unsubscribing_is_one_click(
    winery: Winery, recipient: Recipient, mail_server: MailServer, run: Run, client: Client
) -> None:
    problem_of(winery)
    run(settled)
    (mail,) = mail_server.got
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = mail["List-Unsubscribe"].strip().strip("<>")
    assert url == unsubscribe_url(recipient)
    path = "/" + url.split("/", 3)[3]
    assert client.get(path).status_code == 200
    assert Recipient.objects.get().is_active, "a scanner that follows links changes nothing"
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Recipient.objects.get().is_active
    assert client.post(path[:-4] + "abc/").status_code == 404
    problem_of(winery)
    run()
    assert len(mail_server.got) == 1


def test_a_burst_becomes_one_digest(
    winery: Winery, recipient: Recipient, mail_server: MailServer, run: Run
) -> None:
    problems = [problem_of(winery) for _ in range(12)]
    run(settled)
    (mail,) = mail_server.got
    assert mail["Subject"] == "Cedar Hollow: 12 open problems"
    text = part(mail, "plain")
    assert text.count(problems[0].sentence) == 1, "grouped by what would mend them"
    assert "and 2 more" in text
    page = f"/admin/fulfillment/problem/cause/{winery.pk}/unknown_sku/?about=ESTATE-PN-22"
    assert page in text, "where one step mends them all"
    assert page in unescape(part(mail, "html"))
    assert MailItem.objects.count() == 12


def test_the_sixth_within_ten_minutes_waits_for_the_others(winery: Winery, recipient: Recipient) -> None:
    """Five one by one; what comes then goes together, when the ten minutes are over."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choosing, "wait", lambda length: length)
        for _ in range(8):
            tell(timezone.now(), problem_of(winery))
    kinds = list(Mail.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [MailKind.PROBLEM] * 5 + [MailKind.DIGEST]
    digest = Mail.objects.get(kind=MailKind.DIGEST)
    assert digest.items.count() == 3
    first = MailItem.objects.earliest("at").at
    assert digest.due_at == first + timedelta(minutes=10)


def test_what_was_solved_before_it_was_told_is_not_told(
    winery: Winery, recipient: Recipient, mail_server: MailServer, run: Run
) -> None:
    problems = [problem_of(winery) for _ in range(7)]
    close(*problems[1:])
    run(settled)
    run(settled)
    (mail,) = mail_server.got
    assert mail["Subject"].startswith(f"Order {name_of(problems[0])} needs you")


def test_what_is_late_behind_a_connection_that_is_down_is_not_told_besides(
    winery: Winery, recipient: Recipient, mail_server: MailServer, run: Run
) -> None:
    late = {"code": "late_sending", "family": Family.LATE}
    behind = problem_of(winery, **late)
    FulfillmentOrder.objects.update(is_parked=True)
    other = problem_of(winery, **late)
    connection_problem(winery)
    run(lambda: settled() and Mail.objects.count() == 2)
    subjects = sorted(mail["Subject"] for mail in mail_server.got)
    assert subjects[0] == "Connection down: Estate shop"
    assert subjects[1].startswith(f"Order {name_of(other)} needs you")
    assert not behind.mail_items.exists()


def test_an_endpoint_that_was_switched_off_is_told(
    winery: Winery, recipient: Recipient, mail_server: MailServer, run: Run
) -> None:
    endpoint = EndpointFactory.create(winery=winery, name="Warehouse")
    with transaction.atomic():
        turn_off(endpoint, Off.GONE)
    run(settled)
    (mail,) = mail_server.got
    assert mail["Subject"] == "Connection down: Warehouse"
    assert "410" in part(mail, "plain")
    switch_on(endpoint)
    run(lambda: settled() and Mail.objects.count() == 2)
    assert mail_server.got[1]["Subject"] == "Connection restored: Warehouse"
    assert "orders" not in part(mail_server.got[1], "plain")


def test_only_chosen_kinds_of_the_own_winery(winery: Winery, mail_server: MailServer, run: Run) -> None:
    keep(RecipientFactory.build(winery=winery, kinds=[Kind.CONNECTION]))
    problem_of(winery)
    ProblemFactory.create()
    run()
    assert not Mail.objects.exists()


def test_who_works_there_no_more_gets_nothing_more(winery: Winery, mail_server: MailServer, run: Run) -> None:
    left, stays = (MembershipFactory.create(winery=winery, user__email=f"{n}@winery.example") for n in "ab")
    for membership in (left, stays):
        kinds = [Kind.PROBLEM, Kind.DAILY]
        keep(RecipientFactory.build(winery=winery, user=membership.user, address="", kinds=kinds))
    problem_of(winery)
    run(settled)
    assert sorted(mail["To"] for mail in mail_server.got) == ["a@winery.example", "b@winery.example"]
    waiting = MailFactory.create(recipient=left.user.notification_recipients.get(), due_at=clock())
    left.delete()
    problem_of(winery)
    Recipient.objects.update(due_at=clock())
    run(lambda: settled() and Mail.objects.filter(recipient__user=stays.user).count() == 3)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.recipient.mails.count()) == (MailState.SKIPPED, 2)
    assert [mail["To"] for mail in mail_server.got[2:]] == ["b@winery.example"] * 2


def test_a_refusal_that_may_pass_is_tried_again(
    winery: Winery, recipient: Recipient, mail_server: MailServer, run: Run
) -> None:
    mail_server.refuse = "451 come back later"
    mail = send_test(recipient)
    run(lambda: Mail.objects.get().sentence)
    mail.refresh_from_db()
    assert (mail.state, mail.sentence) == (MailState.WAITING, "The mail server asks us to try later (451).")
    mail_server.refuse = ""
    run(settled)
    assert (len(mail_server.got), states()) == (1, [MailState.SENT])


def test_a_refusal_for_good_is_shown_and_sent_again_by_a_person_alone(
    winery: Winery, recipient: Recipient, mail_server: MailServer, run: Run
) -> None:
    mail_server.refuse = "550 no such mailbox cellar@winery.example"
    mail = send_test(recipient)
    run(settled)
    mail.refresh_from_db()
    assert (mail.state, mail.sentence) == (MailState.FAILED, "The mail server refuses it (550).")
    mail_server.refuse = ""
    run()
    assert not mail_server.got
    send_again(mail)
    run(settled)
    assert len(mail_server.got) == 1


def test_nothing_is_lost_while_the_mail_server_is_away(
    winery: Winery, recipient: Recipient, mail_server: MailServer, run: Run, settings: Settings
) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    problem_of(winery)
    run(lambda: Mail.objects.filter(tries__gt=0).exclude(sentence="").exists())
    assert states() == [MailState.WAITING]
    settings.EMAIL_PORT = port
    run(settled)
    assert len(mail_server.got) == 1


def test_a_mail_cut_off_while_it_was_sent_is_never_sent_twice(
    winery: Winery, recipient: Recipient, mail_server: MailServer, run: Run
) -> None:
    mail = send_test(recipient)
    Mail.objects.update(is_call_open=True, open_claims=1)
    run(settled)
    mail.refresh_from_db()
    assert (mail.state, mail_server.got) == (MailState.UNKNOWN, [])


def test_the_daily_summary_lists_what_is_open(winery: Winery, mail_server: MailServer, run: Run) -> None:
    keep(RecipientFactory.build(winery=winery, kinds=[Kind.DAILY]))
    open_one, solved, snoozed = (problem_of(winery) for _ in range(3))
    close(solved)
    Problem.objects.filter(pk=snoozed.pk).update(snoozed_until=timezone.now() + timedelta(days=1))
    assert Recipient.objects.filter(due_at__gt=clock()).exists()
    Recipient.objects.update(due_at=clock())
    run(settled)
    (mail,) = mail_server.got
    assert mail["Subject"] == "Cedar Hollow: 1 open problem"
    assert name_of(open_one) in part(mail, "plain")
    assert Recipient.objects.filter(due_at__gt=clock()).exists()
    close(open_one)
    Recipient.objects.update(due_at=clock())
    run(lambda: Mail.objects.count() == 2 and settled())
    assert (len(mail_server.got), states()[1]) == (1, MailState.SKIPPED)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-18 20:00", None),
        ("2026-11-18 22:30", "2026-11-19 07:00"),
        ("2026-11-19 03:00", "2026-11-19 07:00"),
        ("2026-11-19 07:00", None),
        ("2026-03-07 23:00", "2026-03-08 07:00"),  # the night in which clocks go forward
        ("2026-10-31 23:00", "2026-11-01 07:00"),  # and back
    ],
)
def test_quiet_hours_are_the_winerys(now: str, until: str | None) -> None:
    recipient = RecipientFactory.build(quiet_from=time(22), quiet_to=time(7))
    zone = ZoneInfo(recipient.winery.time_zone)
    found = quiet_until(recipient, datetime.fromisoformat(now).replace(tzinfo=zone))
    assert (found and f"{found.astimezone(zone):%Y-%m-%d %H:%M}") == until


FIRST, SECOND = (datetime(2026, 11, 1, hour, 10, tzinfo=UTC) for hour in (8, 9))  # 1:10, and 1:10 again


def test_the_hour_that_comes_twice_is_quiet_once() -> None:
    recipient = RecipientFactory.build(quiet_from=time(22), quiet_to=time(1, 30))
    assert quiet_until(recipient, FIRST) == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    assert quiet_until(recipient, SECOND) is None


def test_the_hour_that_comes_twice_has_one_daily_summary() -> None:
    """Made late, the next one is tomorrow's: otherwise there would be one after the other for 20 minutes."""
    recipient = RecipientFactory.build(kinds=[Kind.DAILY], daily_at=time(1, 30))
    assert next_daily(recipient, FIRST) == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    assert next_daily(recipient, SECOND) == datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def test_what_is_tried_again_waits_for_the_end_of_quiet_hours(
    winery: Winery, recipient: Recipient, mail_server: MailServer, run: Run
) -> None:
    here = timezone.now().astimezone(ZoneInfo(winery.time_zone))
    recipient.quiet_from = (here - timedelta(hours=1)).time()
    recipient.quiet_to = (here + timedelta(hours=1)).time()
    keep(recipient)
    mail_server.refuse = "451 come back later"
    mail = send_test(recipient)
    run(lambda: Mail.objects.get().sentence)
    mail.refresh_from_db()
    assert mail.due_at is not None
    assert mail.due_at > timezone.now() + timedelta(minutes=55)


def test_what_comes_in_quiet_hours_is_one_mail_when_they_end(winery: Winery) -> None:
    recipient = RecipientFactory.create(winery=winery, quiet_from=time(22), quiet_to=time(7))
    night = datetime(2026, 11, 19, 10, 0, tzinfo=UTC)  # 2 in the morning there
    tell(night, problem_of(winery), problem_of(winery))
    tell(night + timedelta(hours=1), problem_of(winery))
    (mail,) = recipient.mails.all()
    assert (mail.kind, mail.items.count()) == (MailKind.DIGEST, 3)
    assert mail.due_at == datetime(2026, 11, 19, 15, 0, tzinfo=UTC)


def test_the_next_daily_summary_is_at_the_winerys_time() -> None:
    recipient = RecipientFactory.build(kinds=[Kind.DAILY], daily_at=time(7))
    with time_machine.travel(datetime(2026, 11, 18, 16, 0, tzinfo=UTC)):
        assert next_daily(recipient, timezone.now()) == datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
        assert next_daily(RecipientFactory.build(kinds=[Kind.PROBLEM]), timezone.now()) is None


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_problem_can_be_told(code: str) -> None:
    """The sentence and the first step of each are in the mail, in both forms."""
    problem = Problem(pk=1, code=code, family=Family.HAS_ISSUE, sentence=CATALOGUE[code].say())
    found = single(MailKind.PROBLEM, problem, RecipientFactory.build())
    for text in (found.text, unescape(found.html)):
        assert problem.sentence in text
        assert str(CATALOGUE[code].steps[0]) in text
