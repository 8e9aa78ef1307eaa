"""``manage.py explain``"""

import json
from argparse import ArgumentParser
from typing import Any

from crushsync.accounts.people import winery_called
from crushsync.lib.commands import ServiceCommand
from crushsync.lib.queue import clock
from fulfillment.telling import why
from orders.finding import add_order_arguments, order_called


class Command(ServiceCommand):
    help = "Says what happens to an order, rule by rule, as it would be decided now. Changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_order_arguments(parser)
        parser.add_argument("--json", action="store_true", dest="as_json")

    def run(self, *, order: str, winery: str, store: str, as_json: bool, **_: Any) -> str:
        told = why(order_called(winery_called(winery), order, store), clock())
        if as_json:
            return json.dumps(told, ensure_ascii=False)
        rules = [f"  {rule['sentence']}{_by(rule['setting'])}" for rule in told["rules"]]
        stands = f" It stands at: {told['status']}." if told["status"] else ""
        return "\n".join([f"{told['order']}: {told['sentence']}{stands}", *rules])


def _by(setting: str) -> str:
    return f"  [{setting}]" if setting else ""
