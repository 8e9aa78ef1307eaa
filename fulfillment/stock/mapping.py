"""What a store calls a place and a product, and what they are here."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from fulfillment.models import Listing, LocationMapping, StockLocation
from orders.models import Store


def location_of(store: Store, external_id: str) -> StockLocation | None:
    """The place the store's location means; None if nobody has said so yet."""
    found = LocationMapping.objects.filter(store=store, external_id=external_id).select_related("location")
    mapping = found.first()
    return mapping.location if mapping else None


def map_location(store: Store, external_id: str, location: StockLocation, name: str = "") -> LocationMapping:
    """Say which place the store's location means. The first one of a place shares its stock numbers.

    Raises ValidationError for a blank id and for a place of another winery.
    """
    if not external_id.strip() or store.winery_id != location.winery_id:
        raise ValidationError(_("A store's location is mapped to a place of the same winery."), code="places")
    with transaction.atomic():
        StockLocation.objects.select_for_update().get(pk=location.pk)  # two at a time: one of them shares
        others = LocationMapping.objects.filter(store=store, location=location, shares_stock=True)
        shares = not others.exclude(external_id=external_id).exists()
        mapping, _made = LocationMapping.objects.update_or_create(
            store=store,
            external_id=external_id,
            defaults={"location": location, "shares_stock": shares, **({"name": name} if name else {})},
        )
    return mapping


def stock_skus(store: Store, skus: Collection[str]) -> dict[str, str]:
    """The store's SKUs -> the SKUs of their stock levels: Vinoshipper's where a listing says so."""
    known = Listing.objects.filter(store=store, sku__in=skus).values_list("sku", "destination_sku")
    return {sku: sku for sku in skus} | dict(known)


def winery_skus(winery_ids: Collection[int]) -> dict[tuple[int, str], str]:
    """(store id, the store's SKU) -> the SKU of its stock levels, where they differ."""
    known = Listing.objects.filter(store__winery__in=winery_ids)
    return {(store, sku): ours for store, sku, ours in known.values_list("store", "sku", "destination_sku")}
