"""Bringing a fulfillment order to Vinoshipper, and seeing what becomes of it there.

lane.py      claims in, attempts written, calls planned, results settled: the queue's side
answers.py   what each answer means for the fulfillment order
failures.py  what no answer means for it
settling.py  the batch in which both are written down
"""

from fulfillment.sync.lane import SyncLane

__all__ = ["SyncLane"]
