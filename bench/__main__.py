"""Run the measurements, show them against their bars, exit 1 where one is missed."""

import argparse
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

import bench.ready  # noqa: F401
from bench import processes, rows
from bench.report import Measured, as_markdown, as_text, is_good
from bench.scenarios import SCENARIOS, Place, yardstick
from crushsync.accounts.models import Winery


def main() -> int:
    options = _options()
    if settings.IS_SQLITE:
        sys.exit("The bars are for PostgreSQL: `make bench`, or `PGFSYNC=on .ci/postgres ... bench/run.py`.")
    call_command("migrate", verbosity=0)
    if Winery.objects.exists():
        sys.exit("This database holds a winery. Measure on a throw-away one: `make bench`.")
    measured: Measured = {}
    with processes.partners() as address:
        place = Place(rows.make_store(address), address)
        for name, scenario in SCENARIOS.items():
            if options.only and not set(options.only) & set(name):
                continue
            for number in range(options.rounds):
                numbers = {**scenario(place), "yardstick ms": yardstick()}
                told = ", ".join(f"{what} {value:.3g}" for what, value in numbers.items())
                print(f"({name}) round {number + 1}: {told}", flush=True)
                for what, value in numbers.items():
                    measured.setdefault(name, {}).setdefault(what, []).append(value)
    print(as_text(measured))
    if options.write:
        Path(options.write).write_text(as_markdown(measured))
    return 0 if is_good(measured) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run.py", description="Measure the engine.")
    parser.add_argument("--only", default="", help="letters of the scenarios to run, such as a or bc")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", metavar="FILE", help="write the table as Markdown, too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
