"""The ledger: a movement and the level it makes are written together, once for each reference."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crushsync.lib.queue import save_many
from fulfillment.models import MovementReason, StockLevel, StockLocation, StockMovement
from fulfillment.stock.low import note_low
from fulfillment.stock.reserving import count_soon
from fulfillment.stock.sharing import wake

Key = tuple[int, str]  # location id, SKU


class NotEnoughStock(ValidationError):
    """A movement would take more than is there, and it is not one that has happened already."""


@dataclass(frozen=True, slots=True)
class Move:
    """One movement to book. The same `reference` at the same place and SKU is the same movement.

    `may_go_negative`: the bottles are gone already, whatever the level says.
    """

    location: StockLocation
    sku: str
    delta: int
    reason: MovementReason
    reference: str
    actor: str = ""
    note: str = ""
    may_go_negative: bool = False

    @property
    def key(self) -> Key:
        return self.location.pk, self.sku


def move(
    location: StockLocation,
    sku: str,
    delta: int,
    reason: MovementReason,
    reference: str,
    *,
    actor: str = "",
    note: str = "",
    may_go_negative: bool = False,
) -> StockMovement | None:
    """Book one movement; None: that reference was booked before, and nothing happened.

    Raises NotEnoughStock where more is taken than is there, unless `may_go_negative`; ValidationError for a
    blank SKU or reference. Adding never fails. For several within one transaction use `move_many`.
    """
    asked = Move(location, sku, delta, reason, reference, actor, note, may_go_negative)
    return move_many([asked])[0]


def move_many(moves: Iterable[Move]) -> list[StockMovement | None]:
    """Book all of them or none; answers as `move` does, in the order given.

    Levels are locked in one order, so two of these never wait for each other in a circle.
    """
    asked = list(moves)
    for item in asked:
        _refuse_blank(item)
    with transaction.atomic():
        levels = lock_levels({item.key for item in asked})
        booked = _booked(asked)
        made = [_book(item, levels[item.key], booked) for item in asked]
        StockMovement.objects.bulk_create([movement for movement in made if movement])
        changed = {item.key for item, movement in zip(asked, made, strict=True) if movement}
        save_many([levels[key] for key in sorted(changed)], ["on_hand"])
        places = {item.location.pk: item.location for item in asked}
        own = {pk for pk, place in places.items() if place.vinoshipper_account_id is None}
        for pk in sorted({pk for pk, _sku in changed} - own):  # of its own places a count says it
            note_low(places[pk], [levels[key] for key in changed if key[0] == pk])
        if changed:
            transaction.on_commit(partial(wake, {pk for pk, _sku in changed}))
            transaction.on_commit(partial(count_soon, {places[pk].winery_id for pk in own}))
    return made


def lock_levels(keys: set[Key]) -> dict[Key, StockLevel]:
    """The levels, made where they are missing, locked in one order. Call inside a transaction."""
    if not keys:
        return {}
    found = _locked(keys)
    missing = [StockLevel(location_id=place, sku=sku) for place, sku in sorted(keys - set(found))]
    if missing:
        StockLevel.objects.bulk_create(missing, ignore_conflicts=True)
        found |= _locked({(level.location_id, level.sku) for level in missing})
    return found


def _locked(keys: set[Key]) -> dict[Key, StockLevel]:
    places = {place for place, _sku in keys}
    wanted = Q()
    for place in sorted(places):
        wanted |= Q(location=place, sku__in=sorted(sku for at, sku in keys if at == place))
    rows = StockLevel.objects.select_for_update().filter(wanted).order_by("location_id", "sku")
    return {(level.location_id, level.sku): level for level in rows}


def _booked(asked: Sequence[Move]) -> set[tuple[int, str, str]]:
    """Of the movements asked for those that are in the ledger. Call with their levels locked."""
    rows = StockMovement.objects.filter(
        location__in={item.location.pk for item in asked},
        sku__in={item.sku for item in asked},
        reference__in={item.reference for item in asked},
    )
    return set(rows.values_list("location", "sku", "reference"))


def _book(asked: Move, level: StockLevel, booked: set[tuple[int, str, str]]) -> StockMovement | None:
    """The movement, and the level after it; neither is saved. `booked` learns of it."""
    once = *asked.key, asked.reference
    if once in booked:
        return None
    booked.add(once)
    after = level.on_hand + asked.delta
    if asked.delta < 0 and after < 0 and not asked.may_go_negative:
        raise NotEnoughStock(
            _("%(place)s has %(there)d of %(sku)s; %(wanted)d cannot be taken.")
            % {"place": asked.location, "there": level.on_hand, "sku": asked.sku, "wanted": -asked.delta},
            code="not_enough_stock",
        )
    level.on_hand = after
    return StockMovement(
        location=asked.location,
        sku=asked.sku,
        delta=asked.delta,
        reason=asked.reason,
        reference=asked.reference,
        actor=asked.actor,
        note=asked.note[:300],
        level_after=after,
    )


def _refuse_blank(asked: Move) -> None:
    if not asked.sku.strip() or not asked.reference.strip():
        raise ValidationError(_("A stock movement needs a SKU and a reference."), code="blank")
