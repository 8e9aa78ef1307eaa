"""``manage.py import_orders``"""

from argparse import ArgumentParser
from typing import Any

from crushsync.accounts.people import winery_called
from crushsync.lib.commands import ServiceCommand, moment, moment_at
from orders.exporting import begin, progress
from orders.finding import store_called
from orders.models import StoreExport


class Command(ServiceCommand):
    help = (
        "Takes in a store's orders of the past, in one list that the shop makes aside; without --since it "
        "says how far that is. Orders placed before the store's start are never sent."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--winery", required=True, metavar="SLUG")
        parser.add_argument("--store", required=True, metavar="NAME")
        parser.add_argument(
            "--since", type=moment, metavar="DAY", help="orders placed since then, such as 2026-01-01"
        )

    def run(self, **options: Any) -> str:
        store = store_called(winery_called(options["winery"]), options["store"])
        if options["since"]:
            return progress(begin(store, moment_at(store.winery.time_zone, options["since"])))
        row = StoreExport.objects.select_related("store").filter(store=store).first()
        return progress(row) if row else f"{store.name} was not listed yet. Name a day with --since."
