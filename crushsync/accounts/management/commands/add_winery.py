"""``manage.py add_winery``"""

from argparse import ArgumentParser
from typing import Any

from crushsync.accounts.people import add_winery
from crushsync.lib.commands import ServiceCommand


class Command(ServiceCommand):
    help = "Adds a winery."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--slug", required=True, help="its short name, which the other commands take")
        parser.add_argument("--time-zone", default="America/Los_Angeles")
        parser.add_argument("--owner", default="", metavar="USERNAME", help="a login that exists already")

    def run(self, *, name: str, slug: str, time_zone: str, owner: str, **_: Any) -> str:
        winery = add_winery(name, slug, time_zone, owner)
        return f"{winery.name} is set up as {winery.slug}{f', owned by {owner}' if owner else ''}."
