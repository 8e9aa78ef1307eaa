"""``manage.py describe_problems``"""

from typing import Any

from compliance.problems.describing import page
from crushsync.lib.commands import ServiceCommand


class Command(ServiceCommand):
    help = "Prints the catalogue of problems as a page of the documentation: docs/problems.md."
    asks_the_database = False

    def run(self, **_: Any) -> str:
        return page()
