"""`manage.py check_invariants`: what is always true of our rows is looked at, and said where it is not."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError, CommandParser

from crushsync.lib.commands import ServiceCommand
from fulfillment.invariants import INVARIANTS, check


class Command(ServiceCommand):
    help = "Check what is always true: stock is the sum of its movements, and more. Exit code 1 on a breach."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print code -> breaches as JSON")

    def run(self, **options: Any) -> str:
        found = check()
        told = json.dumps(found, indent=2) if options["json"] else "\n".join(_lines(found))
        if broken := sum(map(len, found.values())):
            self.stdout.write(told)
            raise CommandError(f"{broken} breaches.", returncode=1)
        return told


def _lines(found: dict[str, list[str]]) -> Iterator[str]:
    for invariant in INVARIANTS:
        breaches = found[invariant.code]
        yield f"{'BROKEN' if breaches else 'ok':7}{invariant.sentence}"
        yield from (f"       {breach}" for breach in breaches)
