"""``manage.py sandbox``: the stand-ins in a process of their own."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sandbox.server import SandboxServer


class Command(BaseCommand):
    help = "Runs local stand-ins for Vinoshipper and Shopify, with fault switches and a control page."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8600, help="0 takes any free port")
        parser.add_argument("--quiet", action="store_true", help="print nothing but errors")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        try:
            server = SandboxServer(host, port)
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {host}:{port} ({error.strerror}). Choose another port with --port.",
                returncode=2,
            ) from error
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        with server:
            if not options["quiet"]:
                self.stdout.write(
                    f"Sandbox at {server.url}  Vinoshipper {server.url}/vinoshipper  "
                    f"Shopify {server.url}/shopify/<shop>"
                )
                self.stdout.flush()
            stop.wait()
