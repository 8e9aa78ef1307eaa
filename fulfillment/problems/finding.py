"""How a problem is shown: the page where it is solved, and the whole of it as plain data."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from compliance.problems import Family, Place, entry
from crushsync.lib.text import web_address
from fulfillment.models import Fulfillment, FulfillmentOrder, Problem

# What of a problem's row leads to the page that solves it.
NEEDED = ("order__store__vinoshipper_account", "fulfillment_order__account", "winery", "assigned_to")


def place_of(row: Problem) -> str:
    """Where it is solved outside CrushSync: the order's page in the store, or Vinoshipper; "" here."""
    match entry(row.code).place:
        case Place.ORDER_IN_STORE if row.order:
            return web_address(row.order.source_url)
        case Place.VINOSHIPPER if row.order:
            account = row.order.store.vinoshipper_account
            if row.fulfillment_order and row.fulfillment_order.account:
                account = row.fulfillment_order.account
            return web_address(account.base_url) if account else ""
        case _:
            return ""


def behind_connection(rows: Iterable[Problem]) -> set[int]:
    """Those that are late for no other reason than a paused connection, which is a problem of its own."""
    late = [row.pk for row in rows if row.family == Family.LATE]
    if not late:
        return set()
    unsent = FulfillmentOrder.objects.filter(order=OuterRef("order"), is_parked=True)
    untold = Fulfillment.objects.filter(order=OuterRef("order"), is_parked=True)
    waits = Q(Exists(unsent), code="late_sending") | Q(Exists(untold), code="late_reporting")
    return set(Problem.objects.filter(waits, pk__in=late).values_list("pk", flat=True))


def told(row: Problem) -> dict[str, Any]:
    """The problem as plain data, for scripts. Names no customer; `said` is the other side's own text."""
    known = entry(row.code)
    return {
        "id": row.pk,
        "code": row.code,
        "about": row.subject,
        "family": row.family,
        "order": row.order.name if row.order else "",
        "store": row.order.store.name if row.order else "",
        "sentence": row.sentence,
        "cause": str(known.cause),
        "steps": [str(step) for step in known.steps],
        "solved_by": known.owner.value,
        "goes_alone": known.goes_alone,
        "page": place_of(row),
        "said": row.said,
        "since": row.opened_at.isoformat(),
        "assigned_to": row.assigned_to.get_username() if row.assigned_to else "",
        "note": row.note,
        "snoozed_until": row.snoozed_until.isoformat() if row.snoozed_until else "",
    }


def told_all(rows: QuerySet[Problem]) -> list[dict[str, Any]]:
    """Of the open ones, the oldest first."""
    found = rows.filter(closed_at__isnull=True).select_related(*NEEDED).order_by("opened_at", "pk")
    return [told(row) for row in found]
