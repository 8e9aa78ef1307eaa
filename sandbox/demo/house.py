"""CrushSync under demonstration: set up by its own commands, run as its own processes."""

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import requests

from sandbox.client import Sandbox
from sandbox.demo.children import Children
from sandbox.demo.ground import HOST, Ground, Trouble
from sandbox.shapes import Json

WINERY, STORE, ACCOUNT, PERSON = "hollow-oak", "Online shop", "Hollow Oak", "winemaker"
# Oklahoma is not among them; Utah is, though Vinoshipper may not ship there.
STATES = "AL,CA,CO,FL,MN,NH,NY,OR,TX,UT,WA"
COMMAND = [sys.executable, "manage.py"]
START_SECONDS = 60.0
THREADS = 8
POLL = "OrdersUpdatedSince"  # what CrushSync asks the shop for by itself, as soon as its worker runs


@dataclass(frozen=True)
class House:
    ground: Ground
    children: Children
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)

    def run(self, *arguments: str, **secret: str) -> str:
        """One of the public commands, with what it must not be told by arguments in its environment.

        Returns what it printed; Trouble, with what it said, unless it succeeded.
        """
        code, out, err = self.children.run([*COMMAND, *arguments], secret)
        if code:
            raise Trouble(f"manage.py {arguments[0]} failed: {err.strip()}")
        return out

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """The same without waiting for its end; it speaks to nobody."""
        return self.children.begin([*COMMAND, *arguments])

    def open(self, tell: Callable[[str], None]) -> Sandbox:
        """Start everything and connect the winery's shop and its Vinoshipper account."""
        ground = self.ground
        tell("Starting the sandbox and making the database")
        self.children.start("sandbox", [*COMMAND, "sandbox", "--port", str(ground.sandbox_port)])
        self.run("migrate", "--verbosity", "0")
        tell("Starting the web server and the worker, setting up the winery")
        self.children.start("web", _web_command(ground.web_port))
        self.children.start("worker", [*COMMAND, "worker"])
        self._add_winery()
        self._wait_for(f"{ground.sandbox_url}/control/faults")
        self._connect()
        self._wait_for(f"{ground.web_url}/admin/login/")
        sandbox = Sandbox(ground.sandbox_url)
        self._wait_until(lambda: sandbox.log(operation=POLL), "The worker does not look into the shop.")
        return sandbox

    def standing(self) -> list[Json]:
        """Where CrushSync says its orders stand, and why."""
        return list(json.loads(self.run("orders", "--winery", WINERY, "--json")))

    def _add_winery(self) -> None:
        try:
            self.run("add_winery", "Hollow Oak Winery", "--slug", WINERY)
        except Trouble as trouble:
            raise Trouble(
                f"{trouble}\nThe demo wants an empty database; DATABASE_URL names another."
            ) from None
        role = ["--winery", WINERY, "--role", "owner"]
        self.run("add_person", PERSON, *role, CRUSHSYNC_PASSWORD=self.password)

    def _connect(self) -> None:
        """Both accounts are the sandbox's own, with its sample credentials."""
        url = self.ground.sandbox_url
        account = ["--winery", WINERY, "--name", ACCOUNT, "--base-url", f"{url}/vinoshipper"]
        keys = {"CRUSHSYNC_VINOSHIPPER_KEY": "342.sandbox", "CRUSHSYNC_VINOSHIPPER_SECRET": "sandbox-secret"}
        self.run("connect_vinoshipper", *account, "--states", STATES, **keys)
        store = ["--winery", WINERY, "--name", STORE, "--platform", "shopify", "--vinoshipper", ACCOUNT]
        shop = ["--base-url", f"{url}/shopify/hollow-oak", "--starts-at", "2020-01-01"]
        token = {
            "CRUSHSYNC_ACCESS_TOKEN": "shpat_sandbox",
            "CRUSHSYNC_WEBHOOK_SECRET": "shpss_sandbox_secret",
        }
        self.run("connect_store", *store, *shop, **token)

    def _wait_for(self, url: str) -> None:
        """Until it answers well. Raises what `_wait_until` raises."""

        def answers() -> bool:
            with suppress(requests.RequestException):
                return session.get(url, timeout=5).ok
            return False

        with requests.Session() as session:
            session.trust_env = False
            self._wait_until(answers, f"{url} does not answer.")

    def _wait_until(self, come: Callable[[], object], complaint: str) -> None:
        """Trouble if a process dies meanwhile, or with the complaint if it takes too long."""
        deadline = time.monotonic() + START_SECONDS
        while not come():
            self.children.check()
            if time.monotonic() > deadline:
                raise Trouble(complaint)
            time.sleep(0.1)


def _web_command(port: int) -> list[str]:
    serve = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)]
    # A worker of Granian's that is told to end while it starts does not hear it.
    size = ["--workers", "1", "--workers-kill-timeout", "5", "--blocking-threads", str(THREADS), "--no-ws"]
    return [*serve, *size, "crushsync.wsgi:application"]
