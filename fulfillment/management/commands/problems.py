"""``manage.py problems``"""

import json
from argparse import ArgumentParser
from typing import Any

from crushsync.accounts.people import winery_called
from crushsync.lib.commands import ServiceCommand
from crushsync.lib.queue import clock
from fulfillment.models import Problem
from fulfillment.problems.finding import told_all
from fulfillment.problems.grouping import awake, groups


class Command(ServiceCommand):
    help = "Lists a winery's open problems: by cause, or each with its steps as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--winery", required=True, metavar="SLUG")
        parser.add_argument("--snoozed", action="store_true", help="the snoozed ones too")
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON list, one by one")

    def run(self, *, winery: str, snoozed: bool, as_json: bool, **_: Any) -> str:
        found = Problem.objects.filter(winery=winery_called(winery), closed_at__isnull=True)
        rows = found if snoozed else awake(found, clock())
        if as_json:
            return json.dumps(told_all(rows), ensure_ascii=False)
        return (
            "\n".join(f"{group.title} [{group.code}]" for group in groups(rows)) or "There are no problems."
        )
