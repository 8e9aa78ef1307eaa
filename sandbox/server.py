"""The sandbox as a running server."""

import socket
import threading
from types import TracebackType
from typing import Self

from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

from sandbox.control.routes import blueprint as control_routes
from sandbox.gate import Gate
from sandbox.page.routes import blueprint as page_routes
from sandbox.shopify.routes import blueprint as shopify_routes
from sandbox.vinoshipper.routes import blueprint as vinoshipper_routes
from sandbox.wire import Connections, handler_class
from sandbox.world import World

BACKLOG = 256


def application(world: World) -> Flask:
    """All addresses over one world, without faults and log."""
    app = Flask("sandbox", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_blueprint(vinoshipper_routes(world.vinoshipper))
    app.register_blueprint(shopify_routes(world.shops))
    app.register_blueprint(control_routes(world))
    app.register_blueprint(page_routes(world))
    return app


class SandboxServer:
    """Listens from the moment it is made; ``start`` serves in a thread. OSError when the port is in use."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.world = World()
        self._connections = Connections()
        self._socket = _listening(host, port)
        gate = Gate(self.world, application(self.world))
        self._server: BaseWSGIServer = make_server(
            host,
            self._socket.getsockname()[1],
            app=lambda _environ, _start: [],
            threaded=True,
            request_handler=handler_class(gate.respond, self._connections, self.world.stopping),
            fd=self._socket.fileno(),
        )
        self._thread: threading.Thread | None = None
        self.url = f"http://{host}:{self._socket.getsockname()[1]}"
        self.world.set_address(self.url)

    def start(self) -> Self:
        self._thread = threading.Thread(target=self.serve, name="sandbox-server", daemon=True)
        self._thread.start()
        return self

    def serve(self) -> None:
        """Serves in this thread until ``stop``."""
        self._server.serve_forever(poll_interval=0.05)

    def stop(self) -> None:
        """Ends everything, open connections and waiting answers too."""
        self.world.stopping.set()
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join(5.0)
        self._server.server_close()
        self._socket.close()
        self._connections.close_all()
        self.world.outbox.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _listening(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
