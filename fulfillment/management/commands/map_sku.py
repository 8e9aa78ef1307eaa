"""``manage.py map_sku``"""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError

from crushsync.accounts.people import winery_called
from crushsync.lib.commands import ServiceCommand
from fulfillment.listings import map_sku
from orders.finding import store_called


class Command(ServiceCommand):
    help = "Says which SKU a store's product has at Vinoshipper. Orders that failed for it go again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--winery", required=True, metavar="SLUG")
        parser.add_argument("--store", required=True, metavar="NAME")
        parser.add_argument("sku", help="in the store")
        parser.add_argument("destination_sku", help="at Vinoshipper")

    def run(self, *, winery: str, store: str, sku: str, destination_sku: str, **_: Any) -> str:
        shop = store_called(winery_called(winery), store)
        try:
            count = map_sku(shop, sku, destination_sku)
        except ValueError as error:
            raise ValidationError(str(error)) from error
        return f"{sku} of {shop.name} is {destination_sku} at Vinoshipper. Orders that go again: {count}."
