"""What the mail service says of a mail after it took it: bounced, refused, complained about.

django-anymail reads each service's words. Its views send a Django signal at the end; we take the events from
the two methods before that instead: `run_validators` (proof of the sender) and `parse_events`.
https://anymail.dev/en/stable/sending/tracking/
"""

from collections.abc import Iterable, Mapping

from anymail.signals import AnymailTrackingEvent, EventType
from anymail.webhooks.base import AnymailBaseWebhookView
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailersend import MailerSendTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from crushsync.lib.queue import clock
from crushsync.lib.text import clean_text
from fulfillment.models import CustomerMessage
from notifications.customers import told
from notifications.mails.once import RowT
from notifications.models import Mail, MailState, Recipient

SERVICES: Mapping[str, type[AnymailBaseWebhookView]] = {
    "brevo": BrevoTrackingWebhookView,
    "mailersend": MailerSendTrackingWebhookView,
    "mailgun": MailgunTrackingWebhookView,
    "mailjet": MailjetTrackingWebhookView,
    "postmark": PostmarkTrackingWebhookView,
    "sendgrid": SendGridTrackingWebhookView,
    "sparkpost": SparkPostTrackingWebhookView,
}
LOST = {EventType.BOUNCED, EventType.REJECTED, EventType.FAILED, EventType.COMPLAINED}
# Writing there again would only harm our name: nothing more is sent until a person looks.
FOR_GOOD = {EventType.BOUNCED, EventType.COMPLAINED}


@csrf_exempt
@require_POST
def mail_events(request: HttpRequest) -> HttpResponse:
    """The configured mail service tells what became of mails. 400 without its password."""
    service = SERVICES.get(settings.MAIL_PROVIDER)
    if service is None or not settings.ANYMAIL.get("WEBHOOK_SECRET"):
        return HttpResponseNotFound()
    view = service()
    view.run_validators(request)
    take(view.parse_events(request))
    return HttpResponse()


def take(events: Iterable[AnymailTrackingEvent]) -> None:
    """Note on our mails what became of them. Mails of others, and what we do not act on, are left alone."""
    for event in events:
        if event.event_type in LOST and event.message_id:
            with transaction.atomic():
                _note(event)


def _note(event: AnymailTrackingEvent) -> None:
    mail = _lost(Mail, event)
    if mail and event.event_type in FOR_GOOD:
        Recipient.objects.filter(pk=mail.recipient_id).update(bounced_at=clock(), is_active=False)
    if message := _lost(CustomerMessage, event):
        told(message).save()


def _lost(model: type[RowT], event: AnymailTrackingEvent) -> RowT | None:
    """The mail of ours that the event is about, noted as lost; None if there is none, or it is known."""
    rows = model._default_manager.select_for_update(of=("self",)).filter(provider_id=event.message_id)
    row: RowT | None = rows.exclude(state=MailState.BOUNCED).first()
    if row:
        row.state = MailState.BOUNCED
        row.sentence = _("The mail service says: %(what)s.") % {"what": clean_text(event.event_type, 40)}
        row.save(update_fields=["state", "sentence"])
    return row
