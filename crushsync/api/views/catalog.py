"""Listings and products."""

from typing import Any

from django.db import transaction
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.models import CatalogProduct
from crushsync.accounts.roles import with_role
from crushsync.api.access import named
from crushsync.api.base import EditRow, ListRows, ShowRow
from crushsync.api.errors import Conflict
from crushsync.api.filters import Id, Text
from crushsync.api.once import once
from crushsync.api.rows.catalog import ListingChange, ListingRow, NewListing, ProductRow
from fulfillment.listings import map_sku
from fulfillment.models import Listing
from orders.models import Store


class ListingFilters(filters.FilterSet):
    """Which listings."""

    store = Id(field_name="store", help_text="Of this store.")
    sku = Text(field_name="sku", help_text="SKU in the store.")
    destination_sku = Text(field_name="destination_sku", help_text="SKU at Vinoshipper.")


class Listings(ListRows[Listing]):
    """Listings, newest first."""

    resource, tag = "listings", "Listings"
    serializer_class = ListingRow
    filterset_class = ListingFilters
    queryset = Listing.objects.all()

    @extend_schema(request=NewListing, responses={201: ListingRow})
    @once
    def post(self, request: Request) -> Response:
        """Add a listing. Orders that waited to know this SKU go again by themselves."""
        body = NewListing.read(request)
        mine = with_role(Store.objects.visible_to(request.user), request.user, self.write_role)
        store = named(mine.select_for_update(), "store", body["store"], "a store")
        if Listing.objects.filter(store=store, sku=body["sku"]).exists():
            raise Conflict("exists", "The store has a listing for this SKU. Change that one.")
        map_sku(store, body["sku"], body["destination_sku"])
        data = self.shown(Listing.objects.get(store=store, sku=body["sku"]))
        return self.tagged(data, 201)


class OneListing(EditRow[Listing]):
    """One listing."""

    resource, tag = "listings", "Listings"
    serializer_class = ListingRow
    queryset = Listing.objects.select_related("store")

    @extend_schema(request=ListingChange, responses={200: ListingRow})
    def patch(self, request: Request, **_: Any) -> Response:
        """Change the SKU at Vinoshipper. Orders that waited to know it go again by themselves."""
        body = ListingChange.read(request)
        with transaction.atomic():
            row = self.locked()
            map_sku(row.store, row.sku, body["destination_sku"])
            data = self.shown(self.get_object())
        return self.tagged(data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, **_: Any) -> Response:
        """Delete a listing: the store's SKU is sent to Vinoshipper as it is."""
        with transaction.atomic():
            self.locked().delete()
        return Response(status=204)


class ProductFilters(filters.FilterSet):
    """Which products."""

    account = Id(field_name="account", help_text="Of this Vinoshipper account.")
    sku = Text(field_name="sku", help_text="With this SKU.")


class Products(ListRows[CatalogProduct]):
    """What Vinoshipper has for sale, as its feed was last read; newest first."""

    resource, tag = "listings", "Products"
    serializer_class = ProductRow
    filterset_class = ProductFilters
    queryset = CatalogProduct.objects.all()


class OneProduct(ShowRow[CatalogProduct]):
    """One product of Vinoshipper's feed."""

    resource, tag = "listings", "Products"
    serializer_class = ProductRow
    queryset = CatalogProduct.objects.all()
