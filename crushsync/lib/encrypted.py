"""Model fields whose values are encrypted at rest, and the keys that open them.

The keys are `settings.FIELD_KEYS` alone: the first one encrypts, all of them open. To rotate, put a new key
in front, run `reencrypt` over the models, then drop the old key. https://cryptography.io/en/latest/fernet/
"""

import datetime
import json
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import F, TextField, Value
from django.db.models.functions import Cast
from django.db.models.lookups import Exact, IsNull

from crushsync.lib.text import dump_json

CANARY = b"CrushSync can read what it wrote"
BATCH = 200
HOW_TO_MAKE_A_KEY = (
    "Make one: `python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'`, "
    "put it into CRUSHSYNC_FIELD_KEYS, and keep a copy apart from the database: without it they are lost."
)


class WrongKey(ImproperlyConfigured):
    """A stored value opens with none of the keys: it is never handed out as ciphertext instead."""


def check_keys() -> None:
    """Raise ImproperlyConfigured, saying how to mend it, unless FIELD_KEYS holds one usable key or more."""
    keys = settings.FIELD_KEYS
    if not keys:
        raise ImproperlyConfigured(f"CRUSHSYNC_FIELD_KEYS is not set. {HOW_TO_MAKE_A_KEY}")
    for number, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except (ValueError, TypeError):
            raise ImproperlyConfigured(
                f"Key {number} of CRUSHSYNC_FIELD_KEYS is not 32 bytes in base64. {HOW_TO_MAKE_A_KEY}"
            ) from None


@checks.register(checks.Tags.security)
def field_keys_are_usable(**_: Any) -> list[checks.CheckMessage]:
    """Report what `check_keys` says as a system check, so that nothing starts without keys."""
    try:
        check_keys()
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="crushsync.E001")]
    return []


def make_canary() -> str:
    """Return a token to store, by which a later start can tell whether it still has the right keys."""
    return _encrypt(CANARY)


def canary_opens(token: str) -> bool:
    """Tell whether the keys of today open a token made by `make_canary`."""
    try:
        return _cipher().decrypt(token) == CANARY
    except (InvalidToken, ValueError):
        return False


class EncryptedMixin(models.Field):  # type: ignore[type-arg]  # the typed field beside it says what it holds
    """What the encrypted fields share. Subclasses turn their value into bytes and back."""

    def to_bytes(self, value: Any) -> bytes:
        raise NotImplementedError

    def from_bytes(self, data: bytes) -> Any:
        raise NotImplementedError

    def get_internal_type(self) -> str:
        return "TextField"

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return _encrypt(self.to_bytes(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return value if prepared else self.get_prep_value(value)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        return self.get_prep_value(value)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        if value is None:
            return None
        try:
            data = _cipher().decrypt(value)
        except (InvalidToken, ValueError):
            raise WrongKey(
                f"{self.model._meta.label}.{self.name} was encrypted with a key that is not in "
                "CRUSHSYNC_FIELD_KEYS. Put that key back at the end of the list."
            ) from None
        return self.from_bytes(data)

    def get_lookup(self, lookup_name: str) -> Any:
        """Only `isnull` makes sense: the same value is a different ciphertext each time."""
        return IsNull if lookup_name == "isnull" else None

    def get_transform(self, lookup_name: str) -> Any:
        return None


class EncryptedTextField(EncryptedMixin, models.TextField):  # type: ignore[type-arg]
    """Text of any content, also what the database itself would refuse (NUL, lone surrogates)."""

    def to_bytes(self, value: Any) -> bytes:
        return str(value).encode("utf-8", "surrogatepass")

    def from_bytes(self, data: bytes) -> str:
        return data.decode("utf-8", "surrogatepass")


class EncryptedJSONField(EncryptedMixin, models.JSONField):
    """Anything JSON can say; fractions come back as Decimal. None is NULL."""

    def to_bytes(self, value: Any) -> bytes:
        return dump_json(value).encode()

    def from_bytes(self, data: bytes) -> Any:
        return json.loads(data, parse_float=Decimal)


class EncryptedDateField(EncryptedMixin, models.DateField):  # type: ignore[type-arg]
    """A date; ISO text is accepted as in a plain DateField."""

    def to_bytes(self, value: Any) -> bytes:
        date: datetime.date = self.to_python(value)
        return date.isoformat().encode()

    def from_bytes(self, data: bytes) -> datetime.date:
        return datetime.date.fromisoformat(data.decode())


class EncryptedBytesField(EncryptedMixin, models.BinaryField):  # type: ignore[type-arg]
    """Raw bytes, stored as text like the others."""

    def to_bytes(self, value: Any) -> bytes:
        return bytes(value)

    def from_bytes(self, data: bytes) -> bytes:
        return data


def reencrypt(model: type[models.Model]) -> int:
    """Bring every encrypted value of `model` under the first key; return how many rows were rewritten.

    1. Walk the table by primary key and rewrite each row that the first key alone cannot open, but only
       where the row still holds what was read: a value written meanwhile is newer than ours and stays.
    2. Walk again until a walk finds nothing to do (a process started with the old keys may still write).

    0 means that the other keys are no longer needed for this model. Raises WrongKey for a row no key opens.
    """
    names = [field.attname for field in model._meta.concrete_fields if isinstance(field, EncryptedMixin)]
    total, stale = 0, bool(names)
    while stale:
        stale, rewritten = _walk(model, names)
        total += rewritten
    return total


def _walk(model: type[models.Model], names: Sequence[str]) -> tuple[bool, int]:
    """Return whether any row was stale, and how many were rewritten: fewer if some changed meanwhile."""
    stored = {f"stored_{name}": Cast(F(name), TextField()) for name in names}
    rows = model._base_manager.annotate(**stored).order_by("pk").values_list("pk", *stored)
    found, rewritten, batch = False, 0, list(rows[:BATCH])
    while batch:
        for pk, *tokens in batch:
            stale = {name: token for name, token in zip(names, tokens, strict=True) if _is_stale(token)}
            if stale:
                found = True
                rewritten += _rewrite(model, pk, stale)
        batch = list(rows.filter(pk__gt=batch[-1][0])[:BATCH])
    return found, rewritten


def _rewrite(model: type[models.Model], pk: Any, stale: dict[str, str]) -> int:
    unchanged = [Exact(Cast(F(name), TextField()), Value(token)) for name, token in stale.items()]
    try:
        fresh = {name: _cipher().rotate(token).decode() for name, token in stale.items()}
    except (InvalidToken, ValueError):
        raise WrongKey(f"{model._meta.label} {pk} opens with no key in CRUSHSYNC_FIELD_KEYS.") from None
    values = {name: Value(token, output_field=TextField()) for name, token in fresh.items()}
    return model._base_manager.filter(*unchanged, pk=pk).update(**values)


def _is_stale(token: str | None) -> bool:
    if token is None:
        return False
    try:
        _cipher_of((settings.FIELD_KEYS[0],)).decrypt(token)
    except (InvalidToken, ValueError):
        return True
    return False


def _encrypt(data: bytes) -> str:
    return _cipher().encrypt(data).decode()


def _cipher() -> MultiFernet:
    return _cipher_of(tuple(settings.FIELD_KEYS))


@lru_cache(maxsize=8)
def _cipher_of(keys: tuple[str, ...]) -> MultiFernet:
    check_keys()
    return MultiFernet([Fernet(key) for key in keys])
