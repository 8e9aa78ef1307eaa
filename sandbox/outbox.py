"""Webhooks on their way out: a small pool of threads, each call logged, refused connections tried again."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import requests

from sandbox.log import CallLog, Entry

THREADS = 8
WAITS = (0.1, 0.3, 0.6, 1.0, 2.0, 3.0)  # seconds between tries: about 7 s, then given up


@dataclass(frozen=True)
class Parcel:
    """One webhook to one address. ``insists``: an answer of 5xx is tried again like no answer."""

    system: str
    account: str
    topic: str
    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 5.0
    insists: bool = False


class Outbox:
    """Sends parcels in the background. ``settle`` waits until all are delivered or given up."""

    def __init__(self, log: CallLog) -> None:
        self._log = log
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="sandbox-webhook")
        self._session = threading.local()
        self._idle = threading.Condition()
        self._pending = 0
        self._stopping = threading.Event()

    def send(self, parcel: Parcel, copies: int = 1) -> None:
        with self._idle:
            self._pending += copies
        for _ in range(copies):
            self._pool.submit(self._run, parcel)

    @property
    def pending(self) -> int:
        with self._idle:
            return self._pending

    def settle(self, seconds: float) -> bool:
        """True when nothing is on its way any more; False when ``seconds`` ran out."""
        with self._idle:
            return self._idle.wait_for(lambda: self._pending == 0, seconds)

    def stop(self) -> None:
        self._stopping.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, parcel: Parcel) -> None:
        entry = self._log.open(
            direction="out",
            system=parcel.system,
            account=parcel.account,
            method="POST",
            path=parcel.url,
            operation=parcel.topic,
            request=parcel.body.decode("utf-8", errors="replace"),
        )
        entry.note = {k: v for k, v in parcel.headers.items() if k.startswith("X-")}
        try:
            self._deliver(parcel, entry)
        finally:
            with self._idle:
                self._pending -= 1
                self._idle.notify_all()

    def _deliver(self, parcel: Parcel, entry: Entry) -> None:
        for attempt, wait in enumerate((*WAITS, 0.0), start=1):
            entry.attempts = attempt
            try:
                answer = self._post(parcel)
            except requests.ConnectionError as error:
                entry.finish(None, type(error).__name__)
            except requests.RequestException as error:
                return entry.finish(None, type(error).__name__)
            else:
                entry.finish(answer.status_code, answer.text)
                if answer.status_code < 500 or not parcel.insists:
                    return None
            if self._stopping.wait(wait):
                return None
        return None

    def _post(self, parcel: Parcel) -> requests.Response:
        if not hasattr(self._session, "value"):
            self._session.value = requests.Session()
            self._session.value.trust_env = False
        session: requests.Session = self._session.value
        return session.post(
            parcel.url,
            data=parcel.body,
            headers=dict(parcel.headers),
            timeout=parcel.timeout,
            allow_redirects=False,
        )
