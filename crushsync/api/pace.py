"""How often somebody may call: counted in the database, because the web side is several processes."""

import threading
import time
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.db import connection
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from crushsync.accounts.models import KeyHolder
from crushsync.api.access import caller_of

STAFF_CALLS_PER_MINUTE: Final = 600
SHARES: Final = 20  # a process takes so many calls of the limit's at once
TAKE: Final = """
    INSERT INTO accounts_callcount AS known (caller, minute, taken) VALUES (%s, %s, %s)
    ON CONFLICT (caller) DO UPDATE SET
        taken = CASE WHEN known.minute < excluded.minute THEN excluded.taken
                     ELSE known.taken + excluded.taken END,
        minute = CASE WHEN known.minute < excluded.minute THEN excluded.minute ELSE known.minute END
    RETURNING taken
"""


@dataclass(slots=True)
class Share:
    """What this process took of a caller's calls in one minute."""

    minute: int
    limit: int
    rest: int  # that nobody took yet, as far as is known here
    left: int = 0  # taken by this process, and not used

    def use(self) -> bool:
        if self.left == 0:
            return False
        self.left -= 1
        return True


class PerCaller(BaseThrottle):
    """So many calls a minute for each caller, over all web processes together.

    A process takes a twentieth of them at once: reading costs a write now and then, not each time. The limit
    is never passed; what a process took and does not use is lost until the minute is over.
    """

    _shares: ClassVar[dict[str, Share]] = {}
    _lock = threading.Lock()

    def allow_request(self, request: Request, view: Any) -> bool:
        user: Any = request.user
        if not user.is_authenticated:
            return True  # refused already
        limit = user.key.calls_per_minute if isinstance(user, KeyHolder) else STAFF_CALLS_PER_MINUTE
        now = time.time()
        self._seconds_left = 60 - now % 60
        caller = caller_of(request)
        with self._lock:
            share = self._share(caller, int(now // 60), limit)
            is_allowed = share.use()
        if not is_allowed and share.rest:
            is_allowed = self._take(caller, share)
        resets = int(self._seconds_left) + 1
        request.rate_limit = limit, share.left + share.rest, resets  # type: ignore[attr-defined]
        return is_allowed

    def wait(self) -> float:
        return self._seconds_left + 1

    def _share(self, caller: str, minute: int, limit: int) -> Share:
        known = self._shares.get(caller)
        if known is None or (known.minute, known.limit) != (minute, limit):
            known = self._shares[caller] = Share(minute, limit, rest=limit)
        return known

    def _take(self, caller: str, share: Share) -> bool:
        """Take a share of what is left for everybody, and use one of it."""
        size = max(share.limit // SHARES, 1)
        with connection.cursor() as cursor:
            cursor.execute(TAKE, [caller, share.minute, size])
            (taken,) = cursor.fetchone()
        with self._lock:
            share.rest = max(share.limit - taken, 0)
            share.left += max(size - max(taken - share.limit, 0), 0)
            return share.use()
