"""Real worker processes, many a second: one that is ready forks one for each run.

Run as `python -m tests.crash.worker`. Each line of its input is a run as JSON, {"lanes": ["sync"],
"fault": "call:2", "count": 1, "kill_after": null}; each line of its output the list of signals that ended the
run's processes, 0 for one that came to its own end.
"""

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from typing import Any

import django

django.setup()

from crushsync.lib import faultpoint  # noqa: E402
from crushsync.lib.queue import Lane, drain  # noqa: E402
from fulfillment.marking import MarkLane  # noqa: E402
from fulfillment.reporting import ReportLane  # noqa: E402
from fulfillment.rereading import HintLane  # noqa: E402
from fulfillment.stock.importing import ImportLane  # noqa: E402
from fulfillment.stock.lane import StockLane  # noqa: E402
from fulfillment.sync import SyncLane  # noqa: E402
from tests.crash.naive import NaiveLane  # noqa: E402

LANES: dict[str, type[Lane]] = {
    "hints": HintLane,
    "sync": SyncLane,
    "report": ReportLane,
    "mark": MarkLane,
    "stock": StockLane,
    "import": ImportLane,
    "naive": NaiveLane,
}
LONGEST_RUN = 30.0  # seconds


def fork(lanes: Sequence[str], fault: str) -> int:
    """Start a process that drains these lanes until they are empty, or dies on the way."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        faultpoint.arm(fault)
        drain([LANES[name]() for name in lanes], seconds=LONGEST_RUN, until_idle=True)
        status = 0
    except BaseException:  # noqa: BLE001 - nothing may return into the parent's loop
        traceback.print_exc()
    os._exit(status)


def run(order: dict[str, Any]) -> list[int]:
    children = [fork(order["lanes"], order["fault"]) for _ in range(order["count"])]
    if order["kill_after"] is not None:
        time.sleep(order["kill_after"])
        for child in children:
            os.kill(child, signal.SIGKILL)
    return [
        os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status) for status in ends(children)
    ]


def ends(children: Sequence[int]) -> list[int]:
    return [os.waitpid(child, 0)[1] for child in children]


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(run(json.loads(line))) + "\n")
        sys.stdout.flush()
