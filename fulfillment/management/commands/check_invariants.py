"""`manage.py check_invariants`: what is always true of our rows is looked at, and said where it is not."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fulfillment.invariants import INVARIANTS, check


class Command(BaseCommand):
    help = "Check what is always true: stock is the sum of its movements, and more. Exit code 1 on a breach."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print code -> breaches as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = check()
        if options["json"]:
            self.stdout.write(json.dumps(found, indent=2))
        else:
            for invariant in INVARIANTS:
                breaches = found[invariant.code]
                self.stdout.write(f"{'BROKEN' if breaches else 'ok':7}{invariant.sentence}")
                for breach in breaches:
                    self.stdout.write(f"       {breach}")
        if broken := sum(map(len, found.values())):
            raise CommandError(f"{broken} breaches.", returncode=1)
