"""Listings, and the products of Vinoshipper's feed."""

from typing import ClassVar

from rest_framework import serializers

from compliance.models import CatalogProduct
from crushsync.api.bodies import Body
from crushsync.api.filters import LARGEST_ID
from crushsync.api.shaping import Shown
from fulfillment.models import Listing


class ListingRow(Shown[Listing]):
    """A store's SKU and the SKU of the same product at Vinoshipper."""

    class Meta:
        model = Listing
        words: ClassVar = {
            "id": "Its id here. Example: `12`",
            "store": "Id of the store. Example: `4`",
            "sku": "SKU in the store. Example: `PN22`",
            "destination_sku": "SKU at Vinoshipper. Example: `ESTATE-PN-22`",
        }


class NewListing(Body):
    """A listing to be added."""

    store = serializers.IntegerField(
        min_value=1, max_value=LARGEST_ID, help_text="Id of the store. Example: `4`"
    )
    sku = serializers.CharField(max_length=100, help_text="SKU in the store. Example: `PN22`")
    destination_sku = serializers.CharField(
        max_length=100, help_text="SKU at Vinoshipper. Example: `ESTATE-PN-22`"
    )


class ListingChange(Body):
    """What may be changed of a listing."""

    destination_sku = serializers.CharField(
        max_length=100, help_text="SKU at Vinoshipper. Example: `ESTATE-PN-22`"
    )


class ProductRow(Shown[CatalogProduct]):
    """A product of the account's feed at Vinoshipper, as last read."""

    not_available_in = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = CatalogProduct
        words: ClassVar = {
            "id": "Its id here. Example: `31`",
            "account": "Id of the Vinoshipper account. Example: `3`",
            "product_id": "Vinoshipper's id. Example: `5001`",
            "sku": "Its SKU. Example: `ESTATE-PN-22`",
            "name": "Its name. Example: `Estate Pinot Noir 2022`",
            "category": "What it is. Example: `wine`",
            "inventory": "Bottles in stock there. Example: `120`",
            "not_available_in": "States it may not go to, two letters each.",
            "read_at": "When the feed was read. Example: `2026-11-18T06:00:00Z`",
        }
