"""The programs a measurement needs: started as in production, stopped with everything they started."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.ready import WEB_PORT, free_port
from crushsync.lib.queue import slots

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 20.0  # seconds a program may take to start or to end


@contextmanager
def partners() -> Iterator[str]:
    """Both partners; gives their address."""
    port = free_port()
    with _running([sys.executable, "-m", "bench.partners", str(port)]):
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def web() -> Iterator[None]:
    command = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi"]
    command += ["--workers", "2", "--blocking-threads", "4", "--host", "127.0.0.1", "--port", str(WEB_PORT)]
    with _running([*command, "--no-ws", "--log-level", "warning", "crushsync.wsgi:application"]):
        _wait_for(WEB_PORT)
        yield


@contextmanager
def worker() -> Iterator[None]:
    """The product's worker, which drains."""
    with _running([sys.executable, "manage.py", "worker"]) as process:
        yield
        process.send_signal(signal.SIGTERM)
        slots.stop_all_of("bench")


@contextmanager
def plain_cluster() -> Iterator[None]:
    """django-q2 with its own defaults; it may not drain."""
    settings = {"DJANGO_SETTINGS_MODULE": "bench.peer_settings"}
    with _running([sys.executable, "manage.py", "qcluster"], settings):
        yield


@contextmanager
def _running(command: list[str], more: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """The program in a process group of its own, so that none of its children stays behind."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **(more or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                print(f"{command[-1]} had to be killed")
            _kill_group(process.pid)
            process.wait()
            _show_troubles(output.fileno(), command)


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _show_troubles(output: int, command: list[str]) -> None:
    os.lseek(output, 0, os.SEEK_SET)
    text = os.read(output, 1_000_000).decode(errors="replace")
    if "Traceback" in text:
        print(f"---- {' '.join(command[-2:])} said:\n{text[-4_000:]}")


def _wait_for(port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nobody listens on port {port}")
