"""Importing this makes Django ready, with settings as in production and keys that live as long as the run."""

import base64
import os
import secrets
import socket
from typing import Any

import django


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


WEB_PORT = int(os.environ.setdefault("BENCH_WEB_PORT", str(free_port())))
IN_FLIGHT = 32
_ENVIRONMENT: dict[str, Any] = {
    "DJANGO_SETTINGS_MODULE": "crushsync.settings",
    "CRUSHSYNC_SECRET_KEY": secrets.token_urlsafe(50),
    "CRUSHSYNC_FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "CRUSHSYNC_BASE_URL": f"http://127.0.0.1:{WEB_PORT}",
    "CRUSHSYNC_CALLS_IN_FLIGHT": IN_FLIGHT,
    "CRUSHSYNC_LOG_LEVEL": "WARNING",
    "CRUSHSYNC_WORKER_ID": "bench",
}
for name, value in _ENVIRONMENT.items():
    os.environ.setdefault(name, str(value))
django.setup()
