"""API keys: made and shown once, known again by hash, changed with an overlap, revoked."""

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import ApiKey, Winery

# What a key may be permitted: resource -> verb -> what that opens, for who ticks the boxes.
SCOPES: Final = {
    "orders:read": _("read orders, without the customer's name, address and e-mail"),
    "orders:write": _("push orders, and act on them: retry, void, hold ..."),
    "customers:read": _("see names, addresses, e-mails and phones on orders"),
    "fulfillments:read": _("read the work to do and the shipments made"),
    "fulfillments:write": _("create, correct and cancel shipments"),
    "stock:read": _("read stock levels and movements"),
    "stock:write": _("adjust and transfer stock"),
    "listings:read": _("read listings and Vinoshipper's products"),
    "listings:write": _("add, change and delete listings"),
    "stores:read": _("read stores and Vinoshipper accounts, never their credentials"),
    "stores:write": _("change settings of stores and Vinoshipper accounts"),
    "problems:read": _("read problems"),
    "problems:write": _("assign, snooze and resolve problems"),
    "webhooks:read": _("read webhook endpoints and their deliveries"),
    "webhooks:write": _("add, change, test and replay webhook endpoints"),
}

OVERLAP: Final = timedelta(hours=24)
LAST_USED_EVERY: Final = timedelta(minutes=1)
PREFIX_LENGTH: Final = 10
_FORM = re.compile(r"cs_(?P<prefix>[A-Za-z0-9]{10})_[A-Za-z0-9_-]{43}")


def make_key(
    winery: Winery,
    name: str,
    scopes: Sequence[str],
    *,
    by: str,
    expires_at: datetime | None = None,
    calls_per_minute: int = 600,
    line: int | None = None,
) -> tuple[ApiKey, str]:
    """A new key, saved, and its text: the only time that anybody sees it. Raises ValidationError."""
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise ValidationError({"scopes": [f"There is no scope {scope!r}." for scope in unknown]})
    letters = string.ascii_letters + string.digits
    prefix = "".join(secrets.choice(letters) for _ in range(PREFIX_LENGTH))
    text = f"cs_{prefix}_{secrets.token_urlsafe(32)}"
    key = ApiKey(
        winery=winery,
        name=name.strip(),
        prefix=prefix,
        secret_hash=_hash(text),
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
        calls_per_minute=calls_per_minute,
        created_by=by,
        line=line,
    )
    key.full_clean()
    key.save()
    return key, text


def find_key(text: str) -> ApiKey | None:
    """The key of this text, which may be revoked or expired; None if there is none."""
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    key: ApiKey | None = ApiKey.objects.select_related("winery").filter(prefix=form["prefix"]).first()
    return key if key and hmac.compare_digest(key.secret_hash, _hash(text)) else None


def note_use(key: ApiKey) -> None:
    """Remember that the key was used, to the minute: not every call is worth a write."""
    now = timezone.now()
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - LAST_USED_EVERY)
    if key.last_used_at is None or key.last_used_at <= now - LAST_USED_EVERY:
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


def rotate(key: ApiKey, *, by: str, overlap: timedelta = OVERLAP) -> tuple[ApiKey, str]:
    """A new key with the same rights, and its text; the old one is good for `overlap` more, no longer.

    Both are one caller: they share the calls a minute, and what the one began the other does not do again.

    Raises ValidationError for a key that is revoked or expired.
    """
    with transaction.atomic():
        old = ApiKey.objects.select_for_update().select_related("winery").get(pk=key.pk)
        if old.revoked_at or old.is_expired:
            raise ValidationError(_("This key no longer works. Make a new one."))
        lifetime = old.expires_at - old.created_at if old.expires_at else None
        made = make_key(
            old.winery,
            old.name,
            old.scopes,
            by=by,
            expires_at=timezone.now() + lifetime if lifetime else None,
            calls_per_minute=old.calls_per_minute,
            line=old.first_pk,
        )
        end = timezone.now() + overlap
        old.expires_at = min(old.expires_at, end) if old.expires_at else end
        old.save(update_fields=["expires_at"])
    return made


def revoke(key: ApiKey) -> None:
    """From this moment the key opens nothing. It stays in the list, with when that was."""
    ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())


def _hash(text: str) -> str:
    """Plain SHA-256: the secret is 256 random bits, which no list of guesses holds."""
    return hashlib.sha256(text.encode()).hexdigest()
