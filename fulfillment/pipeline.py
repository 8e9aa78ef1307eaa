"""One order, room by room: the lanes in which its rows come due."""

from compliance.catalog import FeedLane
from crushsync.lib.queue import Lane
from fulfillment.batches import BatchLane
from fulfillment.listings import try_skus_again
from fulfillment.marking import MarkLane
from fulfillment.problems.clock import ClockLane
from fulfillment.recording import write_down
from fulfillment.reporting import ReportLane
from fulfillment.rereading import HintLane
from fulfillment.stock.importing import ImportLane
from fulfillment.stock.lane import StockLane
from fulfillment.stock.reserving import PromiseLane
from fulfillment.stock.vinoshipper import take_feed
from fulfillment.sync import SyncLane
from orders.exporting import ExportLane
from orders.polling import PollLane
from orders.tokens import TokenLane
from orders.watch import WatchLane


def lanes() -> list[Lane]:
    """Hint -> read -> decide -> send -> follow -> report and mark; and those that look by themselves."""
    return [
        HintLane(),
        BatchLane(),
        SyncLane(),
        ReportLane(),
        MarkLane(),
        PollLane(),
        ExportLane(write_down),
        FeedLane(try_skus_again, take_feed),
        StockLane(),
        ImportLane(),
        PromiseLane(),
        TokenLane(),
        WatchLane(),
        ClockLane(),
    ]
