"""Wineries, their people, their accounts outside, and the keys of their programs."""

from crushsync.accounts.models.connections import Connection, RateRule, VinoshipperAccount
from crushsync.accounts.models.keys import ApiKey, CallCount, IdempotentCall
from crushsync.accounts.models.wineries import (
    KeyHolder,
    Membership,
    OwnedQuerySet,
    Role,
    Winery,
    roles_of,
    winery_path,
)

__all__ = [
    "ApiKey",
    "CallCount",
    "Connection",
    "IdempotentCall",
    "KeyHolder",
    "Membership",
    "OwnedQuerySet",
    "RateRule",
    "Role",
    "VinoshipperAccount",
    "Winery",
    "roles_of",
    "winery_path",
]
