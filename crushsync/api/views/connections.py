"""Stores and Vinoshipper accounts."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from crushsync.accounts import connections
from crushsync.accounts.models import Role, VinoshipperAccount
from crushsync.api.access import named, the_winery
from crushsync.api.base import Api, EditRow, ListRows
from crushsync.api.once import once
from crushsync.api.paging import OnePage
from crushsync.api.rows.connections import (
    AccountChange,
    AccountRow,
    ConnectionRow,
    NewStore,
    StoreChange,
    StoreRow,
)
from fulfillment import pushing
from orders import connecting
from orders.models import Store


class _EditConnection(EditRow[Any]):
    def keep(self, body: dict[str, Any], save: Callable[[Any], None]) -> Response:
        """Save the settings by the one way there is: what they decided is decided again."""
        with transaction.atomic():
            row = self.locked()
            for name, value in body.items():
                setattr(row, name, value)
            row.full_clean()
            save(row)
            data = self.shown(self.get_object())
        return self.tagged(data)


class Stores(ListRows[Store]):
    """Stores, newest first."""

    resource, tag = "stores", "Stores"
    serializer_class = StoreRow
    queryset = Store.objects.all()
    write_role = Role.OWNER

    @extend_schema(request=NewStore, responses={201: StoreRow})
    @once
    def post(self, request: Request) -> Response:
        """Add a store that no connector covers: its orders are pushed to `/orders`."""
        body = NewStore.read(request)
        winery = the_winery(request.user, body.get("winery"), self.write_role)
        accounts = VinoshipperAccount.objects.filter(winery=winery)
        account = (
            named(accounts, "vinoshipper_account", body["vinoshipper_account"], "a Vinoshipper account")
            if body["vinoshipper_account"]
            else None
        )
        store = pushing.add_store(winery, body["name"], account, body.get("starts_at"))
        data = self.shown(store)
        return self.tagged(data, 201)


class OneStore(_EditConnection):
    """One store."""

    resource, tag = "stores", "Stores"
    serializer_class = StoreRow
    queryset = Store.objects.select_related("winery")

    @extend_schema(request=StoreChange, responses={200: StoreRow})
    def patch(self, request: Request, **_: Any) -> Response:
        """Change settings of a store. What they decided about orders not sent yet is decided again."""
        return self.keep(StoreChange.read(request), connecting.keep)


class Accounts(ListRows[VinoshipperAccount]):
    """Vinoshipper accounts, newest first."""

    resource, tag = "stores", "Vinoshipper accounts"
    serializer_class = AccountRow
    queryset = VinoshipperAccount.objects.all()


class OneAccount(_EditConnection):
    """One Vinoshipper account."""

    resource, tag = "stores", "Vinoshipper accounts"
    serializer_class = AccountRow
    queryset = VinoshipperAccount.objects.select_related("winery")

    @extend_schema(request=AccountChange, responses={200: AccountRow})
    def patch(self, request: Request, **_: Any) -> Response:
        """Change settings of an account. What they decided about orders not sent yet is decided again."""
        body = AccountChange.read(request)
        if "ship_to_states" in body:
            body["ship_to_states"] = sorted(set(body["ship_to_states"]))
        return self.keep(body, connections.keep)


class Connections(Api[Any]):
    """Every store and Vinoshipper account, and whether it works. One page: a winery has few."""

    is_list, pagination_class = True, OnePage
    resource, tag = "stores", "Connections"
    serializer_class = ConnectionRow
    queryset = Store.objects.all()

    def get(self, request: Request) -> Response:
        rows = [
            *self.rows().order_by("pk"),
            *VinoshipperAccount.objects.visible_to(request.user).order_by("pk"),
        ]
        return Response({"results": ConnectionRow(rows, many=True).data, "next": None})
