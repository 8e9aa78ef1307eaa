"""What of this room comes due."""

from crushsync.lib.queue import Lane
from notifications.customers import CustomerMessageLane
from notifications.mails.lane import DailyLane, MailLane
from notifications.sweeping import SweepLane
from notifications.webhooks.lane import EndpointLane


def lanes() -> list[Lane]:
    """Look for news -> call endpoints, make summaries, send mails."""
    return [SweepLane(), EndpointLane(), DailyLane(), MailLane(), CustomerMessageLane()]
