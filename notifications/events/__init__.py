"""What happened, in the words of the outside: event types, and what each tells.

types.py     the event types, and which row is which of them
news.py      what is told with each: ids, states and amounts, nothing about the customer
payloads.py  the rows and what each tells
"""

from notifications.events.news import NEWS
from notifications.events.payloads import Happening, read_all
from notifications.events.types import ENDPOINT_TEST, EVENT_TYPES, check_types

__all__ = ["ENDPOINT_TEST", "EVENT_TYPES", "NEWS", "Happening", "check_types", "read_all"]
