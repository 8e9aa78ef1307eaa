"""How many endpoints are called at a time, and whose turn it is."""

import time
from collections import Counter

from notifications.models import Endpoint

MOST = 8  # at a time, so that slow ones leave the pool's other places to orders
OF_ONE_WINERY = MOST // 2  # so that they leave some to other wineries, too
FORGOTTEN = 5.0  # seconds: who stands in line asks more often, unless it is deleted or another drain's


class Places:
    """The endpoints that one drain calls now. First come, first served: one that is slow, and so always due,
    has its next turn after those that were put off meanwhile."""

    def __init__(self) -> None:
        self._called: dict[int, int] = {}  # endpoint -> its winery
        # The same, and when it last asked: those that were put off, longest in line first.
        self._line: dict[int, tuple[int, float]] = {}

    def take(self, endpoint: Endpoint) -> bool:
        """Whether it may be called now; if not, it is to ask again in a moment."""
        self.give_back(endpoint)  # one that could not be prepared may have its place still
        now = time.monotonic()
        self._line = {pk: told for pk, told in self._line.items() if now - told[1] < FORGOTTEN}
        self._line[endpoint.pk] = endpoint.winery_id, now
        taken, has_place = Counter(self._called.values()), False
        for pk, (winery, _asked) in self._line.items():
            has_place = taken.total() < MOST and taken[winery] < OF_ONE_WINERY
            if pk == endpoint.pk:
                break
            taken[winery] += has_place  # kept for who came before
        if has_place:
            del self._line[endpoint.pk]
            self._called[endpoint.pk] = endpoint.winery_id
        return has_place

    def give_back(self, endpoint: Endpoint) -> None:
        self._called.pop(endpoint.pk, None)
