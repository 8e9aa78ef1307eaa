"""The row is the queue; django-q2 is the hands.

rows.py   what a row must carry to be tried again, and how a worker claims and keeps it
drain.py  the resident loop: claim, call out from pool threads, settle in batches
alone.py  a lane that calls nobody and does its rows one by one
bell.py   "there is work": starts a drain if none is running
"""

from crushsync.lib.queue.alone import RowByRow
from crushsync.lib.queue.bell import ring
from crushsync.lib.queue.drain import Done, Job, Lane, drain, together_or_each
from crushsync.lib.queue.rows import (
    CRASH_LIMIT,
    RETRY_WAITS,
    SETTLED_FIELDS,
    DueRow,
    claim,
    clock,
    insert_many,
    keep_ours,
    retry_wait,
    save_many,
    still_ours,
    wait,
)

__all__ = [
    "CRASH_LIMIT",
    "RETRY_WAITS",
    "SETTLED_FIELDS",
    "Done",
    "DueRow",
    "Job",
    "Lane",
    "RowByRow",
    "claim",
    "clock",
    "drain",
    "insert_many",
    "keep_ours",
    "retry_wait",
    "ring",
    "save_many",
    "still_ours",
    "together_or_each",
    "wait",
]
