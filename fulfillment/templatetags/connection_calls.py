"""What a connection's page shows of its traffic, from what is kept anyway."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from crushsync.accounts.admin.markup import Pill, moment
from crushsync.accounts.models import Connection
from fulfillment.admin.pills import attempt_pill
from fulfillment.models import AttemptKind, SyncAttempt
from orders.models import HintSource, InboundHint, Order, Store

register = template.Library()
SHOWN = 10
NEWEST = 200  # orders whose attempts are looked at: a list of every call there ever was is not searched
AT_THE_STORE = [AttemptKind.READ, AttemptKind.REPORT, AttemptKind.MARK]


@register.inclusion_tag("admin/connection_calls.html")
def connection_calls(connection: Connection) -> dict[str, Any]:
    """The last calls about its newest orders, and the last webhook that came from there."""
    zone = connection.winery.time_zone
    webhook = _hints(connection).filter(source=HintSource.WEBHOOK).order_by("-pk").first()
    return {
        "calls": [_call(attempt, zone) for attempt in _attempts(connection)[:SHOWN]],
        "webhook": webhook,
        "came": moment(webhook.received_at, zone) if webhook else "",
    }


def _attempts(connection: Connection) -> Any:
    is_store = isinstance(connection, Store)
    where = {"store" if is_store else "store__vinoshipper_account": connection.pk}
    orders = Order.objects.filter(winery=connection.winery_id, **where).order_by("-placed_at", "-pk")
    newest = list(orders.values_list("pk", flat=True)[:NEWEST])
    made = SyncAttempt.objects.filter(order__in=newest).select_related("order").order_by("-pk")
    return made.filter(kind__in=AT_THE_STORE) if is_store else made.exclude(kind__in=AT_THE_STORE)


def _hints(connection: Connection) -> Any:
    where = {"store" if isinstance(connection, Store) else "vinoshipper_account": connection.pk}
    return InboundHint.objects.filter(**where).defer("body", "headers")


def _call(attempt: SyncAttempt, zone: str) -> tuple[SyncAttempt, Pill, SafeString | str]:
    return attempt, attempt_pill(attempt), moment(attempt.started_at, zone)
