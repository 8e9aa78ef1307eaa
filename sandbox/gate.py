"""Every call passes here: it is logged before anything happens, and faults are applied around the work."""

import io
from collections.abc import Callable
from typing import Any

from werkzeug.test import run_wsgi_app

from sandbox.shapes import Answer, Call
from sandbox.shopify.routes import operation_name
from sandbox.spoil import afterwards, instead
from sandbox.vinoshipper.guard import account_of
from sandbox.world import World

SYSTEMS = ("vinoshipper", "shopify")
Application = Callable[..., Any]


class Gate:
    """Turns a call into an answer. Control calls and the page go straight through."""

    def __init__(self, world: World, application: Application) -> None:
        self._world = world
        self._application = application

    def respond(self, call: Call) -> Answer:
        system, _, rest = call.path.lstrip("/").partition("/")
        if system not in SYSTEMS:
            return self._work(call)
        account, operation = self._whose(system, rest, call)
        entry = self._world.log.open(
            direction="in",
            system=system,
            account=account,
            method=call.method,
            path=f"{call.path}?{call.query}" if call.query else call.path,
            operation=operation,
            request=call.text,
        )
        spoiling = self._world.faults.take(
            system, account, f"{call.method} {call.path}", operation, call.text
        )
        self._world.stopping.wait(spoiling.delay)
        fault = spoiling.fault
        answer = instead(fault) if fault else None
        if answer is None:
            done = self._work(call)
            entry.finish(done.status, done.text, spoiling.name)
            return afterwards(fault, done) if fault else done
        entry.finish(answer.status or None, answer.text, spoiling.name)
        return answer

    def _whose(self, system: str, rest: str, call: Call) -> tuple[str, str]:
        """The account or shop, and the GraphQL operation."""
        if system == "shopify":
            return rest.partition("/")[0], operation_name(call.body)
        account = account_of(self._world.vinoshipper, call.headers.get("authorization", ""))
        return (account.name if account else "", "")

    def _work(self, call: Call) -> Answer:
        environ = {**call.environ, "wsgi.input": io.BytesIO(call.body), "CONTENT_LENGTH": str(len(call.body))}
        environ.pop("wsgi.input_terminated", None)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        pieces, status, headers = run_wsgi_app(self._application, environ)
        return Answer(int(status.split()[0]), list(headers), b"".join(pieces))
