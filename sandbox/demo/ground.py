"""The ground the demo stands on: a folder of its own, keys made for it, free ports, a fresh database."""

import base64
import fcntl
import json
import os
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"
DATABASE = "demo.sqlite3"


class Trouble(Exception):
    """The demo cannot go on; the text says what to do."""


@dataclass(frozen=True)
class Ground:
    folder: Path
    web_port: int
    sandbox_port: int
    environment: Mapping[str, str]  # of every process that is CrushSync's

    @property
    def web_url(self) -> str:
        return f"http://{HOST}:{self.web_port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://{HOST}:{self.sandbox_port}"


@contextmanager
def prepared(folder: Path, port: int) -> Iterator[Ground]:
    """The ground, for this demo alone as long as it lasts. Raises Trouble for a port or folder in use."""
    web_port = port or _free_port_from(8000)
    if not _is_free(web_port):
        raise Trouble(
            f"Port {web_port} is in use. Give another one: make demo PORT={web_port + 80}, "
            f"or manage.py demo --port {web_port + 80}."
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Trouble(f"A demo is running in {folder} already. End it, or give --folder.") from None
        yield Ground(folder, web_port, _free_port_from(web_port + 1), _environment(folder, web_port))


def _environment(folder: Path, web_port: int) -> dict[str, str]:
    """Everything is said, so that a `.env` for another purpose decides nothing here."""
    return {
        **os.environ,
        **_keys(folder / "keys.json"),
        "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{_fresh(folder)}",
        "DJANGO_SETTINGS_MODULE": "crushsync.settings",
        "CRUSHSYNC_BASE_URL": f"http://{HOST}:{web_port}",
        "CRUSHSYNC_ALLOWED_HOSTS": HOST,
        "CRUSHSYNC_SSL_REDIRECT": "off",
        "CRUSHSYNC_TRUST_PROXY": "off",
        "CRUSHSYNC_DEBUG": "off",
        "CRUSHSYNC_LOG_LEVEL": "INFO",
        # Time runs fifty times as fast as in production; nobody waits long for an answer.
        "CRUSHSYNC_WAIT_FACTOR": "0.02",
        "CRUSHSYNC_CALL_DEADLINE": "2",
    }


def _keys(path: Path) -> dict[str, str]:
    """Secrets of the demo's own, made once, for its owner's eyes."""
    if not path.exists():
        made = {
            "CRUSHSYNC_SECRET_KEY": secrets.token_urlsafe(50),
            "CRUSHSYNC_FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(made, file)
    return {str(name): str(value) for name, value in json.loads(path.read_text()).items()}


def _fresh(folder: Path) -> Path:
    """The sandbox begins each day with nothing, so the database does too."""
    path = folder.resolve() / DATABASE
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return path


def _free_port_from(port: int) -> int:
    """The first free port from here on; Trouble if there is none among the next hundred."""
    for candidate in range(port, port + 100):
        if _is_free(candidate):
            return candidate
    raise Trouble(f"No port from {port} to {port + 99} is free.")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((HOST, port))
        except (OSError, OverflowError):
            return False
    return True
