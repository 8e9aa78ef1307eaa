"""A server that says exactly the bytes a test wants, as slowly and as rudely as the test wants."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

LINGER_ZERO = struct.pack("ii", 1, 0)


@dataclass
class Visit:
    """One connection to the server, as its handler sees it."""

    socket: socket.socket
    number: int
    server: "RawServer"

    def read(self) -> bytes:
        """Read one request, note it, and return it; b"" when the client has gone."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.socket.recv(65536)
            if not more:
                return b""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [
            line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
        ]
        while len(body) < int(lengths[0] if lengths else 0):
            body += self.socket.recv(65536)
        self.server.requests.append(head + b"\r\n\r\n" + body)
        return head + b"\r\n\r\n" + body

    def say(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reset(self) -> None:
        """Hang up without a goodbye: the client gets ECONNRESET."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
        self.socket.close()


Handler = Callable[[Visit], None]


@dataclass
class RawServer:
    handler: Handler
    requests: list[bytes] = field(default_factory=list)
    visits: int = 0
    closing: threading.Event = field(default_factory=threading.Event)
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def run(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.visits += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(10)
            try:
                self.handler(Visit(connection, self.visits, self))
            except OSError:
                return  # the client hung up first, as it should in half of these tests

    def stop(self) -> None:
        self.closing.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.fixture
def raw_server() -> Iterator[Callable[[Handler], RawServer]]:
    """Start a server for a handler: `server = raw_server(handler)`."""
    servers: list[RawServer] = []

    def start(handler: Handler) -> RawServer:
        server = RawServer(handler)
        servers.append(server)
        threading.Thread(target=server.run, daemon=True).start()
        return server

    yield start
    for server in servers:
        server.stop()


def answer(
    body: bytes = b"{}", *, status: str = "200 OK", kind: str = "application/json", **headers: str
) -> bytes:
    """Return the bytes of a well-formed answer; header names are written with "_"."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def always(data: bytes) -> Handler:
    """Answer every request of a connection with the same bytes."""

    def handler(visit: Visit) -> None:
        while visit.read():
            visit.say(data)

    return handler
