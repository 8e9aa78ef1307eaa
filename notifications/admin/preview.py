"""Mails as they would be written now, with a real order: nothing is sent."""

from dataclasses import dataclass

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from crushsync.accounts.models import Role
from crushsync.accounts.roles import has_role
from fulfillment.models import Problem
from notifications.events.types import is_connection
from notifications.mails.letters import Letter, letter, single, together
from notifications.models import MailKind, Recipient

CHOICES = 25  # orders to choose from
# A mail brings its own style, and is shown as a mail program would: without scripts, from nowhere else.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


@dataclass(frozen=True)
class Chosen:
    recipient: Recipient
    problems: list[Problem]
    problem: Problem | None
    kind: MailKind


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Choose a mail and a problem; see it as HTML and as text."""
    chosen = _chosen(request)
    written = _write(chosen)
    context = {
        **admin.site.each_context(request),
        "title": _("Preview of mails"),
        "chosen": chosen,
        "kinds": MailKind.choices,
        "letter": written,
        "query": request.GET.urlencode(),
    }
    return render(request, "admin/notifications/preview.html", context)


@require_safe
@xframe_options_sameorigin
def mail(request: HttpRequest) -> HttpResponse:
    """The HTML alone, for the page's frame."""
    written = _write(_chosen(request))
    if written is None:
        raise Http404
    return HttpResponse(written.html, headers={"Content-Security-Policy": MAIL_POLICY})


def _chosen(request: HttpRequest) -> Chosen:
    """The user's own recipient and problems; a recipient that is not saved stands for "somebody"."""
    recipients = Recipient.objects.visible_to(request.user).select_related("winery", "user")
    number = request.GET.get("recipient", "")
    recipient = recipients.filter(pk=number).first() if number.isdecimal() else recipients.first()
    if recipient is None:
        raise Http404
    if not has_role(request.user, Role.VIEWER, recipient.winery_id):
        raise PermissionDenied
    rows = Problem.objects.filter(winery=recipient.winery_id).select_related("order__store", "winery")
    problems = list(rows.order_by("-pk")[:CHOICES])
    wanted = request.GET.get("problem", "")
    problem = next((row for row in problems if str(row.pk) == wanted), problems[0] if problems else None)
    kind = request.GET.get("kind", "")
    return Chosen(
        recipient, problems, problem, MailKind(kind if kind in MailKind.values else MailKind.PROBLEM)
    )


def _write(chosen: Chosen) -> Letter | None:
    """None: the winery has nothing to show it with."""
    recipient, problem = chosen.recipient, chosen.problem
    match chosen.kind:
        case MailKind.TEST:
            return letter("test", _("A test from CrushSync"), recipient, {})
        case MailKind.DIGEST | MailKind.DAILY:
            return together(chosen.kind, chosen.problems, recipient)
        case MailKind.DOWN | MailKind.RESTORED:
            problem = next(filter(is_connection, chosen.problems), problem)
    if problem is None:
        return None
    problem.closed_at = problem.closed_at or timezone.now()
    return single(chosen.kind, problem, recipient)
