"""``manage.py fulfill``"""

from argparse import ArgumentParser, BooleanOptionalAction
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from crushsync.accounts.models import Winery
from crushsync.accounts.people import winery_called
from crushsync.lib.commands import ServiceCommand, at_the_prompt
from fulfillment.models import StockLocation
from fulfillment.shipping import Parcel, Refused, create_fulfillment, remaining
from orders.finding import add_order_arguments, order_called
from orders.models import Order


class Command(ServiceCommand):
    help = "Ships pieces of an order from a location; without pieces, lists what is left to ship here."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_order_arguments(parser)
        parser.add_argument("pieces", nargs="*", metavar="SKU=COUNT")
        parser.add_argument("--location", default="", metavar="NAME")
        parser.add_argument("--carrier", default="")
        parser.add_argument("--tracking", action="append", default=[], metavar="NUMBER")
        parser.add_argument("--tracking-url", default="")
        parser.add_argument("--packages", type=int, default=1, metavar="COUNT")
        parser.add_argument("--ship-date", type=date.fromisoformat, metavar="YYYY-MM-DD")
        parser.add_argument(
            "--notify",
            action=BooleanOptionalAction,
            help="the store mails the customer, or does not; without it as the store is set",
        )
        parser.add_argument("--key", default="", help="done again with the same key, nothing is made twice")

    def run(self, *, order: str, pieces: list[str], winery: str, store: str, **told: Any) -> str:
        mine = winery_called(winery)
        found = order_called(mine, order, store)
        if not pieces:
            return _left(found)
        parcel = Parcel(
            told["carrier"],
            tuple(told["tracking"]),
            told["tracking_url"],
            told["packages"],
            told["ship_date"],
            told["notify"],
        )
        try:
            made = create_fulfillment(
                found.pk,
                _items(found, pieces),
                parcel,
                location=_location(mine, told["location"]),
                actor=at_the_prompt(),
                key=told["key"],
            )
        except Refused as refusal:
            raise ValidationError(f"{found.name}: {refusal.sentence}") from refusal
        return f"{found.name}: fulfillment {made.pk} is made; the store is told."


def _location(winery: Winery, name: str) -> StockLocation | None:
    place: StockLocation | None = StockLocation.objects.filter(winery=winery, name=name).first()
    if name and place is None:
        raise StockLocation.DoesNotExist(f"{winery.name} has no location {name!r}.")
    return place


def _items(order: Order, pieces: list[str]) -> dict[int, int]:
    """SKU=COUNT of each, spread over the order's lines of that SKU."""
    items: dict[int, int] = {}
    left = remaining(order)
    for piece in pieces:
        sku, _, count = piece.rpartition("=")
        if not sku or not count.isdecimal():
            raise ValidationError(f"Write pieces as SKU=COUNT, not {piece}.")
        wanted = int(count)
        lines = [line for line in order.lines.all() if line.sku == sku and line.pk in left]
        if not lines:
            raise ValidationError(f"{order.name} has no {sku}.")
        for line in lines:
            items[line.pk] = wanted if line == lines[-1] else min(wanted, left[line.pk])
            wanted -= items[line.pk]
    return items


def _left(order: Order) -> str:
    left = remaining(order)
    lines = [line for line in order.lines.all() if line.pk in left]
    return "\n".join(f"{left[line.pk]:5}  {line.sku}  {line.title}" for line in lines)
