"""``manage.py demo``: a day at a winery, from the first webhook to the last delivery."""

import json
import signal
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sandbox.client import Sandbox
from sandbox.demo.children import Children
from sandbox.demo.day import Day, play
from sandbox.demo.ground import PROJECT, Trouble, prepared
from sandbox.demo.house import PERSON, House
from sandbox.demo.scenarios import FEWEST
from sandbox.demo.screen import Screen
from sandbox.demo.verdict import Ended, numbers, verdicts

AGREEING = 15.0  # seconds in which CrushSync's own account has to agree with the witnesses
INTERRUPTED = 130


class Command(BaseCommand):
    help = "Plays a day of orders through CrushSync, with local stand-ins for the shop and for Vinoshipper."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--orders", type=int, default=24, help=f"how many, at least {FEWEST}")
        parser.add_argument("--exit", action="store_true", help="end after the day instead of staying up")
        parser.add_argument("--json", action="store_true", help="the numbers as one JSON object, last")
        parser.add_argument("--port", type=int, default=8000, help="of the web server; 0 takes a free one")
        parser.add_argument("--folder", type=Path, default=PROJECT / ".demo", help="for database and logs")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["orders"] < FEWEST:
            raise CommandError(f"The mix needs at least {FEWEST} orders.", returncode=2)
        # Both by name: a program started in the background inherits a SIGINT that is ignored.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _interrupt)
        try:
            faults = _demo(Screen(), **options)
        except Trouble as trouble:
            raise CommandError(str(trouble)) from trouble
        except KeyboardInterrupt:
            raise CommandError("Interrupted; everything has ended.", returncode=INTERRUPTED) from None
        if faults:
            raise CommandError("\n".join(faults))


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _demo(screen: Screen, *, orders: int, folder: Path, port: int, **options: Any) -> list[str]:
    """Play the day and stay up if asked to; returns what did not end where it had to."""
    with prepared(folder, port) as ground, Children(folder, ground.environment) as children:
        house = House(ground, children)
        sandbox = house.open(screen.say)
        day = _day(screen, orders, house, sandbox)
        ended = _agreed(day, house)
        screen.table(ended)
        faults = [f"{row.name} ({row.what}): {row.fault}" for row in ended if row.fault]
        result = numbers(day, day.seconds)
        if result["duplicates"]:
            faults.append(f"{result['duplicates']} orders are at Vinoshipper more than once.")
        if not options["exit"]:
            _stay(screen, house, faults)
    screen.say("Everything has ended.")
    if options["json"]:
        screen.say(json.dumps(result))
    return faults


def _day(screen: Screen, orders: int, house: House, sandbox: Sandbox) -> Day:
    with screen.progress(orders) as display:

        def tell(day: Day) -> None:
            house.children.check()
            display.show(day)

        return play(orders, house, sandbox, tell)


def _agreed(day: Day, house: House) -> list[Ended]:
    """The verdicts, once CrushSync's account agrees with the witnesses or had time enough to."""
    deadline = time.monotonic() + AGREEING
    while True:
        ended = verdicts(day, house.standing())
        if not any(row.fault for row in ended) or time.monotonic() > deadline:
            return ended


def _stay(screen: Screen, house: House, faults: list[str]) -> None:
    """Say where to look, and wait for Ctrl-C."""
    for fault in faults:
        screen.say(f"NOT AS IT HAS TO BE: {fault}")
    screen.say(f"\nAdmin    {house.ground.web_url}/admin/   log in as {PERSON} with {house.password}")
    screen.say(f"Sandbox  {house.ground.sandbox_url}/   buy, ship and break things there")
    screen.say("Ctrl-C ends all of it.")
    try:
        while True:
            house.children.check()
            time.sleep(0.5)
    except KeyboardInterrupt:
        screen.say("\nEnding ...")
