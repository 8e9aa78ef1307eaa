"""The calls to one endpoint: on a pool thread, without the database."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from crushsync.lib.http import ForbiddenAddress, GuardedSession, Posted
from crushsync.lib.http.answers import retry_after
from notifications.webhooks import signing

SECONDS = 15.0  # for one call; no further one is begun after so long
# Not this message is at fault, but the endpoint: the others need not be tried now.
UNWELL = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.GONE}


@dataclass(frozen=True, slots=True)
class Letter:
    """One delivery as a thread may hold it."""

    delivery_id: int
    message_id: str
    body: str
    secrets: Sequence[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tried:
    """One call that was made, or refused before it was."""

    delivery_id: int
    headers: dict[str, str]
    posted: Posted
    sentence: str

    @property
    def is_delivered(self) -> bool:
        return 200 <= self.posted.status < 300

    @property
    def is_gone(self) -> bool:
        return self.posted.status == HTTPStatus.GONE

    @property
    def retry_after(self) -> float | None:
        return retry_after(self.posted.retry_after)


def deliver(url: str, letters: Sequence[Letter], *, to_this_machine: bool) -> list[Tried]:
    """Deliver one after the other, until all are or the endpoint is seen to be unwell or slow."""
    ends = time.monotonic() + SECONDS
    tried: list[Tried] = []
    try:
        session = GuardedSession(url, to_this_machine=to_this_machine)
    except ForbiddenAddress as refusal:
        return [Tried(letters[0].delivery_id, {}, Posted(0, 0.0, "forbidden"), str(refusal))]
    with session:
        for letter in letters:
            tried.append(_deliver(session, letter))
            status = tried[-1].posted.status
            if time.monotonic() >= ends or status == 0 or status >= 500 or status in UNWELL:
                break
    return tried


def _deliver(session: GuardedSession, letter: Letter) -> Tried:
    body = letter.body.encode()
    told = signing.headers(letter.secrets, letter.message_id, int(time.time()), body)
    posted = session.post_bytes(body, told, SECONDS)
    kept = {name: value for name, value in told.items() if name != "webhook-signature"}
    return Tried(letter.delivery_id, kept, posted, posted.sentence)
