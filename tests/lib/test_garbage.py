"""When a web process looks for garbage, told by what is still there."""

import gc
import weakref
from collections.abc import Iterator
from importlib import import_module

import pytest
from django.test import RequestFactory

from crushsync.lib import garbage


class Knot:
    """Holds itself: only the collector frees it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def _as_a_web_process() -> Iterator[None]:
    before = gc.get_threshold()
    garbage.settle()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def _load(count: int) -> list["weakref.ref[Knot]"]:
    """As many knots as a request leaves behind, and the means to see whether they are gone."""
    knots = [Knot() for _ in range(count)]
    return [weakref.ref(knots[0]), weakref.ref(knots[-1])]


@pytest.mark.django_db
def test_what_a_large_answer_leaves_is_freed_once_it_is_out() -> None:
    answer = import_module("crushsync.wsgi").application(
        RequestFactory().get("/nowhere/").environ, lambda status, headers: None
    )
    left = _load(2 * garbage.WORTH_A_LOOK)
    assert b"".join(answer)
    assert all(ref() for ref in left)  # not while somebody waits
    answer.close()
    assert not any(ref() for ref in left)


def test_a_small_answer_costs_no_look() -> None:
    left = _load(10)
    garbage.collect()
    assert all(ref() for ref in left)


def test_a_request_without_end_does_not_fill_the_memory() -> None:
    first = weakref.ref(Knot())
    for _ in range(garbage.TOO_MANY):
        Knot()
    assert first() is None
