"""Who changed which setting, and what it was before: a row for each change that people make."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest
from simple_history.models import HistoricalRecords


class SettingsHistory(HistoricalRecords):  # type: ignore[misc]
    """The history of a model's settings. `machine` names what the engine keeps on the same row, and what may
    not be copied: it is left out, and a save of nothing else leaves no trace."""

    def __init__(self, *args: Any, machine: Collection[str] = (), **kwargs: Any) -> None:
        kwargs.setdefault("excluded_fields", list(machine))
        super().__init__(*args, **kwargs)

    def post_save(self, instance: Any, created: bool, using: str | None = None, **kwargs: Any) -> None:
        saved = kwargs.get("update_fields")
        if saved is None or not set(saved) <= set(self.excluded_fields) - {"credentials"}:
            super().post_save(instance, created, using, **kwargs)


# What every due row and every connection keeps for the engine. Credentials are secret: that they changed
# is told by the reason of the change.
DUE = ("due_at", "tries", "open_claims", "fence", "is_parked")
CONNECTION = (
    *DUE,
    "credentials",
    "paused_until",
    "paused_since",
    "pause_code",
    "pause_sentence",
    "last_ok_at",
    "created_at",
)


@contextmanager
def made_by(request: HttpRequest) -> Iterator[None]:
    """Whatever is saved inside was changed by the person of this request."""
    HistoricalRecords.context.request = request
    try:
        yield
    finally:
        del HistoricalRecords.context.request
