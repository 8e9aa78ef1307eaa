"""The health of an outside account: pause it when it refuses us, probe it, let it go on when it is well.

Only the account that refuses pauses; its rows are parked without losing a try, and one notice tells staff.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.apps import apps
from django.db import transaction

from crushsync.accounts.models import Connection, VinoshipperAccount, Winery
from crushsync.lib.errors import ConnectionProblem
from crushsync.lib.queue import DueRow, clock, ring, wait

PAUSE = timedelta(minutes=5)
# The shop itself told that our app is gone: that says more than the refusals that follow from it.
UNINSTALLED = "uninstalled"
# Why a connection pauses -> the refusals that only follow from it, and say less.
FOLLOWING = {UNINSTALLED: {"credentials", "refresh_refused"}, "refresh_refused": {"credentials"}}

RowT = TypeVar("RowT", bound=DueRow)
ConnectionT = TypeVar("ConnectionT", bound=Connection)


def admit(rows: Sequence[RowT], account_of: Callable[[RowT], Connection], now: datetime) -> list[RowT]:
    """The rows that may call out now; the others are parked (not saved).

    A paused account lets one row through when its pause is over: the probe. Call inside a transaction.
    """
    admitted, probed = [], set()
    for row in rows:
        account = account_of(row)
        if not account.is_paused:
            admitted.append(row)
        elif account.pk not in probed and account.paused_until is not None and account.paused_until <= now:
            probed.add(account.pk)
            if _take_probe(account, now):
                admitted.append(row)
            else:
                row.park(now + wait(PAUSE))
        else:
            row.park(max(account.paused_until or now, now + wait(timedelta(seconds=1))))
    return admitted


def _take_probe(account: Connection, now: datetime) -> bool:
    """Whether this worker may probe: the old pause is the ticket, and only one gets it."""
    until = now + wait(PAUSE)
    taken = type(account)._default_manager.filter(pk=account.pk, paused_until=account.paused_until)
    return bool(taken.update(paused_until=until))


def pause(
    account: Connection, problem: ConnectionProblem, now: datetime, *, length: timedelta = PAUSE
) -> None:
    """Stop calling this account for a while, and say why where staff look."""
    account.refresh_from_db(fields=["paused_since", "pause_code", "pause_sentence"])
    account.paused_until = now + wait(length)
    account.paused_since = account.paused_since or now
    if problem.code not in FOLLOWING.get(account.pause_code, ()):
        account.pause_code, account.pause_sentence = problem.code, problem.sentence
    account.save(update_fields=["paused_until", "paused_since", "pause_code", "pause_sentence"])
    for model in _due_models():
        model.mending(account, problem.code, now).update(due_at=now)


def note_success(account: Connection, now: datetime) -> None:
    """A good answer came. If the account was paused, that is over and its parked rows go on."""
    was_paused = account.is_paused
    stale = account.last_ok_at is None or now - account.last_ok_at > timedelta(minutes=1)
    if was_paused or stale:
        account.last_ok_at = now
        account.save(update_fields=["last_ok_at"])
    if was_paused:
        resume(account, now)


def account_called(winery: Winery, name: str) -> VinoshipperAccount:
    """The winery's account of this name; raises VinoshipperAccount.DoesNotExist with a sentence."""
    account: VinoshipperAccount | None = VinoshipperAccount.objects.filter(winery=winery, name=name).first()
    if account is None:
        raise VinoshipperAccount.DoesNotExist(
            f"{winery.name} has no Vinoshipper account {name!r}. Make it with connect_vinoshipper."
        )
    return account


def describe(
    model: type[ConnectionT],
    winery: Winery,
    name: str,
    settings: Mapping[str, Any],
    credentials: Mapping[str, str],
) -> ConnectionT:
    """The winery's connection of this name, new or known, with these settings. Not saved.

    A setting that is None, and a credential that is not given, stays as it is. Raises ValidationError.
    """
    found = model._default_manager.filter(winery=winery, name=name).first()
    account = found or model(winery=winery, name=name)
    for key, value in settings.items():
        if value is not None:
            setattr(account, key, value)
    account.credentials = {**account.credentials, **credentials}
    account.full_clean()
    return account


def keep(account: Connection) -> None:
    """Save what people set of a connection, and let it start anew: no pause, nothing parked, looked at now.

    What the machine keeps on the row is left alone: a worker may be writing it at this moment.
    """
    with transaction.atomic():
        now = clock()
        is_new = account._state.adding
        account.save(update_fields=None if is_new else _set_by_people(type(account)))
        type(account)._default_manager.filter(pk=account.pk).update(due_at=now)
        resume(account, now)
        _revisit(account, now)
        ring()


def resume(account: Connection, now: datetime) -> None:
    """End the account's pause and wake whatever was parked because of it. Call inside a transaction."""
    account.paused_until = account.paused_since = None
    account.pause_code = account.pause_sentence = ""
    account.save(update_fields=["paused_until", "paused_since", "pause_code", "pause_sentence"])
    wake(account, now)


def wake(account: Connection, now: datetime) -> None:
    """Make every row due that is parked because of this account."""
    for model in _due_models():
        if path := model.parked_by.get(account._meta.label):
            parked = model._default_manager.filter(is_parked=True, open_claims=0, **{path: account.pk})
            parked.update(due_at=now, is_parked=False)


def _revisit(account: Connection, now: datetime) -> None:
    """Make every row due whose next step rests on the account's settings: they may have changed."""
    for model in _due_models():
        model.resting_on(account).update(due_at=now)


def _due_models() -> list[type[DueRow]]:
    return [model for model in apps.get_models() if issubclass(model, DueRow)]


def _set_by_people(model: type[Connection]) -> list[str]:
    columns = [field for field in model._meta.concrete_fields if field.editable and not field.primary_key]
    return [*(field.name for field in columns), "credentials"]
