"""``manage.py money_report``"""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from crushsync.accounts.people import winery_called
from crushsync.lib.commands import ServiceCommand
from fulfillment.money import AccountMonth, of_month


class Command(ServiceCommand):
    help = "Sums a month's taxes and fees by account: what the shop charged beside what Vinoshipper computed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--winery", required=True, metavar="SLUG")
        parser.add_argument("--month", required=True, metavar="2026-11")
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON list")

    def run(self, *, winery: str, month: str, as_json: bool, **_: Any) -> str:
        sums = of_month(winery_called(winery), _month(month))
        if as_json:
            return json.dumps([asdict(each) for each in sums], default=str, ensure_ascii=False)
        return "\n".join(_lines(each) for each in sums) or "No order was sent in that month."


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise ValidationError(f"{text} is no month. Write it like 2026-11.") from None


def _lines(each: AccountMonth) -> str:
    told = (
        f"{each.account}: {each.orders} orders, {each.taxes_charged} tax charged. Charged less computed: "
        f"tax {each.taxes_difference:+}, state fees {each.fees_difference:+}."
    )
    return f"{told} Orders that differ: {', '.join(each.differing)}." if each.differing else told
