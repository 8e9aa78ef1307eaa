"""``manage.py worker``"""

from argparse import ArgumentParser
from typing import Any

from crushsync.lib.commands import ServiceCommand, seconds
from crushsync.schedules import ensure_schedules
from crushsync.supervisor import PATIENCE, Supervisor, heed_signals
from fulfillment.pipeline import lanes


class Command(ServiceCommand):
    help = "Runs the worker, which talks to the stores and to Vinoshipper, and keeps it running."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--patience",
            type=seconds,
            default=PATIENCE,
            metavar="SECONDS",
            help="start anew when work has waited this long and nobody does it",
        )

    def run(self, *, patience: float, **_: Any) -> str:
        ensure_schedules()
        supervisor = Supervisor([lane.model for lane in lanes()], patience=patience)
        heed_signals(supervisor)
        supervisor.run()
        return "The worker has ended."
