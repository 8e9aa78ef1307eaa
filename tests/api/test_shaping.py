"""Rows as JSON: what is quick tells the same as Django REST Framework would."""

from typing import Any

import pytest
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from crushsync.accounts.models import Winery
from crushsync.api.rendering import AlwaysJSON
from crushsync.api.shaping import Told
from tests.api.conftest import Program
from tests.factories import (
    FulfillmentFactory,
    FulfillmentOrderFactory,
    OrderEventFactory,
    ProblemFactory,
    StoreFactory,
    SyncAttemptFactory,
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["orders?expand=problems,attempts,events", "fulfillment-orders", "fulfillments", "problems", "stores"],
)
def test_rows_read_as_the_framework_tells_them(
    path: str, program: Program, winery: Winery, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = FulfillmentOrderFactory.create(
        order__store=StoreFactory.create(winery=winery), order__note="Für Zoë \u2028 🍷"
    )
    FulfillmentFactory.create(fulfillment_order=work)
    ProblemFactory.create(order=work.order, winery=winery)
    SyncAttemptFactory.create(order=work.order)
    OrderEventFactory.create(order=work.order)
    quick = program.get(path).json()
    monkeypatch.setattr(Told, "to_representation", serializers.Serializer.to_representation)
    monkeypatch.setattr(AlwaysJSON, "render", lambda self, data, *_: JSONRenderer().render(data))
    assert quick["results"]
    assert quick == program.get(path).json()


@pytest.mark.parametrize("data", [None, {"detail": gettext_lazy("No.")}, [], {"count": 2**53, "share": 0.1}])
def test_bytes_read_as_the_framework_writes_them(data: Any) -> None:
    assert AlwaysJSON().render(data) == JSONRenderer().render(data)
