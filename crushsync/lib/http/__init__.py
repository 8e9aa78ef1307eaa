"""The only door to the network: a client per outside account, and what its answers mean.

client.py   calls of an account whose address its owner set up
guarded.py  calls of addresses that anybody may have typed: to the public internet only
"""

from crushsync.lib.http.answers import Answer
from crushsync.lib.http.client import Client, calls_made
from crushsync.lib.http.guarded import ForbiddenAddress, GuardedSession, Posted, checked_address

__all__ = [
    "Answer",
    "Client",
    "ForbiddenAddress",
    "GuardedSession",
    "Posted",
    "calls_made",
    "checked_address",
]
