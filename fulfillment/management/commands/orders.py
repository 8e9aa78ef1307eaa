"""``manage.py orders``"""

import json
from argparse import ArgumentParser
from typing import Any

from crushsync.accounts.people import winery_called
from crushsync.lib.commands import ServiceCommand
from fulfillment.telling import standing


class Command(ServiceCommand):
    help = "Lists a winery's orders and how they stand."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--winery", required=True, metavar="SLUG")
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON list")

    def run(self, *, winery: str, as_json: bool, **_: Any) -> str:
        rows = standing(winery_called(winery))
        if as_json:
            return json.dumps(rows, ensure_ascii=False)
        stands = [(row["order"], work) for row in rows for work in row["sync"]]
        lines = [f"{order:12} {work['status']:22} {work['reason']}" for order, work in stands]
        return "\n".join(lines) or "There are no orders yet."
