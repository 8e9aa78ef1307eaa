"""The rows that have yet to be told, and those that were.

sweeps.py     how far the other rooms' rows have been told
problems.py   problems whose end has yet to be told
endpoints.py  who is told by webhook, and each delivery
mails.py      who gets mails, and each mail
"""

from notifications.models.endpoints import (
    KEPT_FOR,
    Delivery,
    DeliveryState,
    DeliveryTry,
    Endpoint,
    Message,
    Off,
)
from notifications.models.mails import Kind, Mail, MailItem, MailKind, MailState, Recipient
from notifications.models.problems import ToldProblem
from notifications.models.sweeps import Sweep

__all__ = [
    "KEPT_FOR",
    "Delivery",
    "DeliveryState",
    "DeliveryTry",
    "Endpoint",
    "Kind",
    "Mail",
    "MailItem",
    "MailKind",
    "MailState",
    "Message",
    "Off",
    "Recipient",
    "Sweep",
    "ToldProblem",
]
