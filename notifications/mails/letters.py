"""The words of a mail: subject, text and HTML, from templates/notifications/.

No customer, address or birth date, and nothing a partner said: that may name the customer. The link leads to
where it all is shown, behind the login.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance.problems import entry
from fulfillment.admin.mending import cause_url
from fulfillment.models import Problem
from fulfillment.problems.grouping import awake
from notifications.mails.recipients import local, unsubscribe_url
from notifications.models import Mail, MailKind, Recipient

ORDERS_SHOWN = 10  # of one group; the rest is behind the link


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Group:
    """The same problem of one or more orders."""

    problem: Problem
    sentence: str
    orders: Sequence[str]
    count: int
    steps: Sequence[str]
    url: str  # where all of them are mended at once

    @property
    def more(self) -> int:
        return self.count - len(self.orders)


def write(mail: Mail, recipient: Recipient) -> Letter | None:
    """The mail as it is to be sent now; None if there is nothing left to say."""
    match mail.kind:
        case MailKind.TEST:
            return letter("test", _("A test from CrushSync"), recipient, {})
        case MailKind.DAILY:
            return together(mail.kind, open_problems(recipient), recipient)
    problems = [item.problem for item in mail.items.select_related("problem__order__store").order_by("pk")]
    if mail.kind in (MailKind.DIGEST, MailKind.SOLVED) and len(problems) > 1:
        return together(mail.kind, problems, recipient)
    if not problems:
        return None
    return single(MailKind.PROBLEM if mail.kind == MailKind.DIGEST else mail.kind, problems[0], recipient)


def single(kind: str, problem: Problem, recipient: Recipient) -> Letter:
    """About one problem, or its end."""
    about_order = {
        MailKind.PROBLEM: _("Order %(name)s needs you: %(sentence)s"),
        MailKind.SOLVED: _("Solved: order %(name)s"),
    }
    about_others = {
        MailKind.PROBLEM: "%(sentence)s",
        MailKind.SOLVED: _("Solved: %(sentence)s"),
        MailKind.DOWN: _("Connection down: %(name)s"),
        MailKind.RESTORED: _("Connection restored: %(name)s"),
    }
    subjects = about_others | about_order if problem.order else about_others
    name = problem.order.name if problem.order else problem.subject or recipient.winery.name
    subject = subjects[MailKind(kind)] % {"name": name, "sentence": problem.sentence}
    context = {"problem": problem, "entry": entry(problem.code), "url": problem_url(problem)}
    return letter(kind, subject, recipient, context)


def together(kind: str, problems: Sequence[Problem], recipient: Recipient) -> Letter | None:
    """About all of these, grouped by what would mend them; None if there are none."""
    if not problems:
        return None
    count = len(problems)
    template, told = kind, ngettext("%(count)d open problem", "%(count)d open problems", count)
    if kind == MailKind.SOLVED:
        template = "all_solved"
        told = ngettext("%(count)d problem solved", "%(count)d problems solved", count)
    subject = f"{recipient.winery.name}: {told % {'count': count}}"
    context = {"groups": group(problems), "count": count, "url": settings.BASE_URL + reverse("admin:index")}
    return letter(template, subject, recipient, context)


def letter(template: str, subject: str, recipient: Recipient, context: Mapping[str, Any]) -> Letter:
    """Render both forms. A line end in a subject would be a header of its own: there is none."""
    everything = {
        "subject": " ".join(subject.split())[:200],
        "winery": recipient.winery,
        "unsubscribe_url": unsubscribe_url(recipient) if recipient.pk else settings.BASE_URL,
        "settings_url": settings.BASE_URL + reverse("admin:notifications_recipient_changelist"),
        **context,
    }
    with timezone.override(local(timezone.now(), recipient.winery).tzinfo):
        text = render_to_string(f"notifications/{template}.txt", everything)
        html = render_to_string(f"notifications/{template}.html", everything)
    return Letter(everything["subject"], text.strip() + "\n", html)


def as_message(written: Letter, recipient: Recipient, message_id: str) -> EmailMultiAlternatives:
    """Ready to be sent; unsubscribing is one click (RFC 8058)."""
    message = EmailMultiAlternatives(
        subject=written.subject,
        body=written.text,
        to=[recipient.email],
        headers={
            "Message-ID": message_id,
            "List-Unsubscribe": f"<{unsubscribe_url(recipient)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(written.html, "text/html")
    return message


def open_problems(recipient: Recipient) -> list[Problem]:
    """What is open at the winery, less what is put off; oldest first."""
    rows = awake(Problem.objects.filter(winery=recipient.winery_id), timezone.now())
    return list(rows.select_related("order__store").order_by("opened_at", "pk"))


def group(problems: Iterable[Problem]) -> list[Group]:
    """By what they have in common, the largest group first."""
    found: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        found.setdefault((problem.code, problem.subject), []).append(problem)
    groups = [_group(rows) for rows in found.values()]
    return sorted(groups, key=lambda one: -one.count)


def problem_url(problem: Problem) -> str:
    """Where it can be mended."""
    if problem.order_id:
        return f"{settings.BASE_URL}{reverse('admin:orders_order_change', args=[problem.order_id])}"
    return f"{settings.BASE_URL}{reverse('admin:fulfillment_problem_change', args=[problem.pk])}"


def _group(rows: Sequence[Problem]) -> Group:
    first, known = rows[0], entry(rows[0].code)
    sentence = first.sentence if len(rows) == 1 else known.say(first.subject)  # true of all of them
    names = [row.order.name for row in rows if row.order]
    steps = [str(step) for step in known.steps]
    page = settings.BASE_URL + cause_url(first.winery_id, first.code, first.subject)
    url = problem_url(first) if len(rows) == 1 else page
    return Group(first, sentence, names[:ORDERS_SHOWN], len(rows), steps, url)
