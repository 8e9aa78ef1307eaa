"""The HTTP door: keep-alive, no small-packet delay, and every way an answer can be spoiled on the wire.

Werkzeug's own handler closes the connection after each answer, so this one writes answers itself.
"""

import http.client
import socket
import struct
import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from werkzeug.serving import WSGIRequestHandler

from sandbox.shapes import Answer, Call

MAX_BODY = 64 * 1024 * 1024
DRIP_PIECES = 20

Respond = Callable[[Call], Answer]


class Connections:
    """The open connections of one server; closing them is the only way to stop keep-alive threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()

    def add(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)

    def discard(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)

    def close_all(self) -> None:
        with self._lock:
            for connection in self._open:
                _shut(connection)


def handler_class(
    respond: Respond, connections: Connections, stopping: threading.Event
) -> type[WSGIRequestHandler]:
    """A request handler bound to one server's state."""

    class Handler(_Handler):
        pass

    Handler.respond = staticmethod(respond)
    Handler.connections = connections
    Handler.stopping = stopping
    return Handler


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    respond: Respond
    connections: Connections
    stopping: threading.Event

    def setup(self) -> None:
        super().setup()
        self.connections.add(self.connection)

    def finish(self) -> None:
        self.connections.discard(self.connection)
        try:
            super().finish()
        except OSError:
            self.close_connection = True

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        self.environ = self.make_environ()
        answer = self.respond(self._call())
        try:
            self._deliver(answer)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the terminal: the sandbox keeps its own log."""

    def _call(self) -> Call:
        length = self.headers.get("Content-Length")
        if length is not None:
            body = self.rfile.read(min(int(length), MAX_BODY))
        else:
            body = self.environ["wsgi.input"].read() if self.environ.get("wsgi.input_terminated") else b""
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Call(self.command, path, query, headers, body, self.environ)

    def _deliver(self, answer: Answer) -> None:
        if answer.manner == "reset":
            self._reset()
        elif answer.manner == "silence":
            self.stopping.wait(answer.seconds)
            self._reset()
        elif answer.manner == "truncated":
            self._head(answer)
            self.wfile.write(answer.body[: len(answer.body) // 2])
            self.close_connection = True
        elif answer.manner == "drip":
            self._drip(answer)
        else:
            self._head(answer)
            self.wfile.write(answer.body)
        if not self.connection._closed:
            self.wfile.flush()

    def _head(self, answer: Answer) -> None:
        reason = http.client.responses.get(answer.status, "")
        self.send_response_only(answer.status, reason)
        for name, value in answer.headers:
            if name.lower() not in ("content-length", "connection"):
                self.send_header(name, value)
        if answer.status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()

    def _drip(self, answer: Answer) -> None:
        self._head(answer)
        self.wfile.flush()
        size = max(1, -(-len(answer.body) // DRIP_PIECES))
        for start in range(0, len(answer.body), size):
            if self.stopping.wait(answer.seconds / DRIP_PIECES):
                break
            self.wfile.write(answer.body[start : start + size])
            self.wfile.flush()

    def _reset(self) -> None:
        """Ends the connection with RST: close with a linger of zero seconds throws unsent data away."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
