"""Named places in the code where a test lets the process die, as `kill -9` or a lost machine would end it.

The environment variable CRUSHSYNC_FAULTPOINT is "<name>" or "<name>:<nth>": the process kills itself when it
reaches that place for the nth time. Without it, and so always in production, reaching a place does nothing.
"""

import itertools
import os
import signal

VARIABLE = "CRUSHSYNC_FAULTPOINT"

_place = ""
_nth = 1
_reached = itertools.count(1)


def arm(place: str) -> None:
    """Choose the place at which this process dies; "" for none. Raises ValueError for an nth that is none."""
    global _place, _nth, _reached
    name, _, nth = place.partition(":")
    _place, _nth, _reached = name, int(nth or 1), itertools.count(1)


def reach(name: str) -> None:
    """Die here if this is the place and the time."""
    if name == _place and next(_reached) == _nth:
        os.kill(os.getpid(), signal.SIGKILL)


arm(os.environ.get(VARIABLE, ""))
