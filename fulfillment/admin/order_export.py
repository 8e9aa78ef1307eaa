"""The list of orders as a file: a row for each order, times in the winery's zone."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.admin.markup import zone
from fulfillment.admin.pills import progress_pill
from orders.models import Order

HEADER = [
    _("Order"),
    _("Store"),
    _("Placed"),
    _("Customer"),
    _("E-mail"),
    _("State"),
    _("Total"),
    _("Currency"),
    _("Sync"),
    _("Vinoshipper number"),
    _("Needs attention"),
    _("Fulfillment"),
    _("Tracking numbers"),
]


def export_rows(orders: QuerySet[Order]) -> Iterator[list[Any]]:
    """Read piece by piece: there may be very many."""
    for order in orders.iterator(chunk_size=500):
        works, made = list(order.fulfillment_orders.all()), list(order.fulfillments.all())
        yield [
            order.name,
            order.store.name,
            order.placed_at.astimezone(zone(order.winery.time_zone)).strftime("%Y-%m-%d %H:%M"),
            order.customer_name,
            order.email,
            order.ship_to_state,
            order.total,
            order.currency,
            ", ".join(str(work.get_status_display()) for work in works),
            ", ".join(work.number_there for work in works if work.number_there),
            " ".join(work.attention for work in works if work.attention),
            progress_pill(order).word,
            " ".join(number for shipment in made for number in shipment.tracking_numbers),
        ]
