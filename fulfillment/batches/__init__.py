"""One act on many orders, done in the background: admin, API and commands start it here.

acting.py    the lane that does it, row by row
starting.py  start and cancel
telling.py   how far it is, and what became of each
"""

from fulfillment.batches.acting import BatchLane
from fulfillment.batches.starting import MOST, TooMany, cancel, start
from fulfillment.batches.telling import Progress, progress, results

__all__ = ["MOST", "BatchLane", "Progress", "TooMany", "cancel", "progress", "results", "start"]
