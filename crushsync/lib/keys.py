"""The keys at work: nothing starts with the wrong ones, and they can be changed."""

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, transaction

from crushsync.lib.encrypted import EncryptedMixin, canary_opens, check_keys, make_canary, reencrypt
from crushsync.lib.models import KeyCheck
from crushsync.lib.schema import NotReady, database_away, verify_schema


def verify_start() -> None:
    """Refuse to go on with a database or with keys that do not fit this version, or each other.

    Raises NotReady or ImproperlyConfigured, saying how to mend it.
    """
    check_keys()
    verify_schema()
    verify_keys()


def verify_keys() -> None:
    """Refuse to go on with keys that do not open what this database holds; the first start leaves a mark.

    Raises ImproperlyConfigured, saying how to mend it; NotReady if the database cannot be asked.
    """
    check_keys()
    try:
        mark = KeyCheck.objects.order_by("pk").first()
    except DatabaseError as error:
        raise NotReady(database_away(error)) from error
    if mark is None:
        KeyCheck.objects.create(canary=make_canary())
    elif not canary_opens(mark.canary):
        raise ImproperlyConfigured(
            "This database was written with another key than those in CRUSHSYNC_FIELD_KEYS. Put that key "
            "back, behind the new one if you are changing keys; nothing was read or written."
        )


def rotate_keys() -> dict[str, int]:
    """Bring everything encrypted under the first key; returns rows rewritten by model label.

    Afterwards the other keys may go. Raises what `verify_keys` and `reencrypt` raise.
    """
    verify_keys()
    counts = {model._meta.label: reencrypt(model) for model in apps.get_models() if _has_secrets(model)}
    with transaction.atomic():
        KeyCheck.objects.all().delete()
        KeyCheck.objects.create(canary=make_canary())
    return counts


def _has_secrets(model: type) -> bool:
    return any(isinstance(field, EncryptedMixin) for field in model._meta.concrete_fields)  # type: ignore[attr-defined]
