"""When a web process looks for garbage: between requests, and never through what it has loaded.

Rows that a list has loaded hold each other, so that only the collector frees them. Left to itself it comes in
the middle of somebody's request, and takes as long as all the rest of it.
"""

import gc
from typing import Final

# Objects that came and stayed: so many are worth a look between requests,
WORTH_A_LOOK: Final = 10_000
# and so many cannot wait for the end of one.
TOO_MANY: Final = 200_000


def settle() -> None:
    """Call once everything is loaded: what is there by now stays, and is never looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(TOO_MANY)


def collect() -> None:
    """Call when a request is over and its answer gone out."""
    if gc.get_count()[0] > WORTH_A_LOOK:
        gc.collect()
