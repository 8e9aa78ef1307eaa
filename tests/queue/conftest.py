"""Due rows to play with. They are committed, so that threads and other processes see them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from crushsync.lib.queue import clock
from orders.models import InboundHint, Store
from tests.factories import InboundHintFactory, StoreFactory

MakeHints = Callable[[int], list[InboundHint]]


@pytest.fixture
def store(transactional_db: None) -> Store:
    return StoreFactory.create()


@pytest.fixture
def make_hints(store: Store) -> MakeHints:
    """Makes so many rows: the first was due the longest time ago, the last one a second ago."""

    def make(count: int) -> list[InboundHint]:
        now = clock()
        return [
            InboundHintFactory.create(store=store, due_at=now - timedelta(seconds=count - place))
            for place in range(count)
        ]

    return make
