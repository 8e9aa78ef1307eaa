"""Every address, every method: nobody without a key, without the scope, or of another winery gets in."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern

from crushsync.accounts.keys import SCOPES
from crushsync.accounts.models import ApiKey, Role, Winery
from crushsync.accounts.roles import winery_of
from crushsync.api.describing import document
from crushsync.api.shaping import expandable
from crushsync.api.urls import urlpatterns
from crushsync.api.views.me import Nowhere
from fulfillment.actions import Asked
from fulfillment.batches import start
from fulfillment.models import (
    Batch,
    Fulfillment,
    Listing,
    Problem,
    StockLevel,
    StockLocation,
    StockMovement,
)
from fulfillment.stock import receive
from notifications.models import Delivery, Endpoint
from notifications.webhooks.endpoints import create, send_test
from orders.models import Order, OrderEvent, Store
from tests.api.conftest import MakeProgram, Program
from tests.api.test_push import order as pushed_order
from tests.factories import (
    CatalogProductFactory,
    FulfillmentFactory,
    FulfillmentOrderFactory,
    ListingFactory,
    MembershipFactory,
    OrderFactory,
    StoreFactory,
    UserFactory,
    VinoshipperAccountFactory,
    WineryFactory,
)

pytestmark = pytest.mark.django_db


def _order() -> Any:
    return FulfillmentOrderFactory.create().order


def _batch() -> Batch:
    work = FulfillmentOrderFactory.create()
    (batch,) = start("hold", Order.objects.filter(pk=work.order_id), Asked("ana"), token=f"t{work.pk}")
    return batch


def _problem() -> Problem:
    order = OrderFactory.create()
    return Problem.objects.create(winery=order.winery, order=order, code="unknown_sku", sentence="No.")


def _location() -> StockLocation:
    return StockLocation.objects.create(winery=WineryFactory.create(), name="Cellar")


def _movement() -> StockMovement:
    movement = receive(_location(), "PN22", 12, "test:1")
    assert movement is not None
    return movement


def _level() -> StockLevel:
    return StockLevel.objects.get(location=_movement().location)


def _endpoint() -> Endpoint:
    return create(WineryFactory.create(), "Warehouse", "https://warehouse.example/", ["*"])[0]


def _delivery() -> Delivery:
    return send_test(_endpoint())


def _own_place(winery: Winery) -> StockLocation:
    place, _ = StockLocation.objects.get_or_create(winery=winery, name="Cellar")
    receive(place, "PN22", 12, "test:own")
    return place


# Address with an id -> one such row, in a winery of its own.
ROWS: dict[str, Callable[[], Any]] = {
    "orders/<int:pk>": OrderFactory.create,
    "orders/<int:id>/explain": _order,
    "orders/<int:id>/compare": _order,
    "orders/<int:id>/attempts": _order,
    "orders/<int:id>/events": _order,
    "orders/<int:id>/actions/<slug:action>": _order,
    "batches/<int:pk>": _batch,
    "batches/<int:id>/rows": _batch,
    "batches/<int:id>/cancel": _batch,
    "problems/<int:pk>": _problem,
    "problems/<int:id>/assign": _problem,
    "problems/<int:id>/snooze": _problem,
    "problems/<int:id>/resolve": _problem,
    "stock/locations/<int:pk>": _location,
    "webhook-endpoints/<int:pk>": _endpoint,
    "webhook-endpoints/<int:id>/rotate-secret": _endpoint,
    "webhook-endpoints/<int:id>/test": _endpoint,
    "webhook-endpoints/<int:id>/replay": _endpoint,
    "webhook-deliveries/<int:pk>": _delivery,
    "webhook-deliveries/<int:id>/replay": _delivery,
    "fulfillment-orders/<int:pk>": FulfillmentOrderFactory.create,
    "fulfillments/<int:id>/cancel": FulfillmentFactory.create,
    "vinoshipper-accounts/<int:id>/what-if": VinoshipperAccountFactory.create,
    "orders/<int:id>/dry-run": _order,
    "fulfillments/<int:pk>": FulfillmentFactory.create,
    "listings/<int:pk>": ListingFactory.create,
    "products/<int:pk>": CatalogProductFactory.create,
    "stores/<int:pk>": StoreFactory.create,
    "vinoshipper-accounts/<int:pk>": VinoshipperAccountFactory.create,
}
# Address without an id -> a row of another winery that must not be in the answer.
LISTS: dict[str, Callable[[], Any]] = {
    "orders": OrderFactory.create,
    "fulfillment-orders": FulfillmentOrderFactory.create,
    "fulfillments": FulfillmentFactory.create,
    "listings": ListingFactory.create,
    "products": CatalogProductFactory.create,
    "stores": StoreFactory.create,
    "vinoshipper-accounts": VinoshipperAccountFactory.create,
    "batches": _batch,
    "problems": _problem,
    "stock/locations": _location,
    "stock/levels": _level,
    "stock/movements": _movement,
    "stock/adjust": _movement,
    "stock/transfer": _movement,
    "webhook-endpoints": _endpoint,
    "webhook-deliveries": _delivery,
    "connections": VinoshipperAccountFactory.create,
    "me": lambda: VinoshipperAccountFactory.create().winery,
}
# Address without an id that takes a POST -> bodies, each of which names a row of another winery.
BODIES: dict[str, Callable[[Winery], list[dict[str, Any]]]] = {
    "orders": lambda mine: [pushed_order(StoreFactory.create(platform="pushed"))],
    "fulfillments": lambda mine: [
        {"order": _order().pk},
        {"order": OrderFactory.create(store__winery=mine).pk, "location": _location().pk},
    ],
    "listings": lambda mine: [{"store": StoreFactory.create().pk, "sku": "A", "destination_sku": "B"}],
    "stores": lambda mine: [
        {"name": "A", "winery": WineryFactory.create().pk},
        {"name": "A", "vinoshipper_account": VinoshipperAccountFactory.create().pk},
    ],
    "stock/adjust": lambda mine: [
        {"location": _location().pk, "sku": "PN22", "reason": "received", "quantity": 1}
    ],
    "stock/transfer": lambda mine: [
        {"source": _movement().location_id, "target": _own_place(mine).pk, "sku": "PN22", "quantity": 1},
        {"source": _own_place(mine).pk, "target": _location().pk, "sku": "PN22", "quantity": 1},
    ],
    "batches": lambda mine: [{"action": "hold", "orders": [_order().pk]}],
    "webhook-endpoints": lambda mine: [
        {
            "winery": WineryFactory.create().pk,
            "name": "A",
            "url": "https://warehouse.example/",
            "event_types": ["*"],
        }
    ],
}
MADE = (Order, OrderEvent, Fulfillment, Listing, Store, StockMovement, Batch, Endpoint)
WORDS = {"<slug:action>": "hold"}
NAME_CUSTOMERS = ("orders/<int:id>/compare", "orders/<int:id>/dry-run")
NAMES = re.compile(r"<int:\w+>")
READS_BY_POST = {
    "orders/<int:id>/compare",
    "orders/<int:id>/dry-run",
    "vinoshipper-accounts/<int:id>/what-if",
}  # they change nothing, and so need no Idempotency-Key


def view_of(pattern: URLPattern) -> Any:
    return pattern.callback.view_class  # type: ignore[attr-defined]


ROUTES = {
    str(pattern.pattern): view_of(pattern) for pattern in urlpatterns if view_of(pattern) is not Nowhere
}


def calls() -> Iterator[Any]:
    for route, view in ROUTES.items():
        for method in ("GET", "POST", "PATCH", "PUT", "DELETE"):
            if hasattr(view, method.lower()):
                yield pytest.param(route, method, id=f"{method} {route}")


every_call = pytest.mark.parametrize(("route", "method"), list(calls()))


def path(route: str, pk: int) -> str:
    for name, word in WORDS.items():
        route = route.replace(name, word)
    return NAMES.sub(str(pk), route)


def scopes_for(route: str, method: str) -> tuple[set[str], str]:
    """All scopes but the one it takes, and that one; "" where any key will do."""
    view = ROUTES[route]
    verb = "read" if method == "GET" or view.only_reads else "write"
    needed = f"{view.resource}:{verb}" if view.resource else ""
    return set(SCOPES) - {needed}, needed


def test_every_address_is_in_this_matrix() -> None:
    assert {route for route in ROUTES if "<int" in route} == set(ROWS)
    assert {route for route in ROUTES if "<int" not in route} == set(LISTS)
    assert {route for route in LISTS if hasattr(ROUTES[route], "post")} == set(BODIES)
    assert {view.resource for view in ROUTES.values()} - {""} <= {scope.split(":")[0] for scope in SCOPES}


@every_call
def test_nobody_without_a_key(client: Client, route: str, method: str) -> None:
    answer = client.generic(method, f"/api/v1/{path(route, ROWS[route]().pk if route in ROWS else 1)}")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="CrushSync"'


@every_call
def test_the_document_names_the_scopes(route: str, method: str) -> None:
    view = ROUTES[route]
    told = document()["paths"][f"/api/v1/{NAMES.sub('{id}', route).replace('<slug:action>', '{action}')}"]
    needed = [scopes_for(route, method)[1]] if view.resource else []
    more = ["customers:read"] if route in NAME_CUSTOMERS else []
    assert told[method.lower()]["security"] == [{"apiKey": needed + more}, {"session": []}]


@pytest.mark.parametrize("route", NAME_CUSTOMERS)
def test_what_names_customers_takes_their_scope_too(program_of: MakeProgram, route: str) -> None:
    row = ROWS[route]()
    answer = program_of(winery_of(row), *(set(SCOPES) - {"customers:read"})).post(path(route, row.pk))
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert "customers:read" in answer.json()["detail"]


@every_call
def test_nobody_without_the_scope(winery: Winery, program_of: MakeProgram, route: str, method: str) -> None:
    others, needed = scopes_for(route, method)
    if not needed:
        assert program_of(winery, "orders:read").call(method, route).status_code == 200
        return
    row = ROWS[route]() if route in ROWS else None
    answer = program_of(winery, *others).call(method, path(route, row.pk if row else 1))
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert needed in answer.json()["detail"]


@every_call
def test_nobody_of_another_winery(program: Program, route: str, method: str) -> None:
    if route in LISTS:
        theirs = LISTS[route]()
        answer = program.call("GET", route)
        if not hasattr(ROUTES[route], "get"):
            assert answer.status_code == 405  # what its body may name is in BODIES
            return
        assert answer.status_code == 200
        body = answer.json()
        rows = body if isinstance(body, list) else body.get("wineries", body.get("results"))
        assert theirs.pk not in [row["id"] for row in rows]
        return
    theirs = ROWS[route]()
    before = type(theirs).objects.filter(pk=theirs.pk).values().get()
    answer = program.call(method, path(route, theirs.pk))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert type(theirs).objects.filter(pk=theirs.pk).values().get() == before


@pytest.mark.parametrize("route", BODIES)
def test_no_body_reaches_another_winery(program: Program, winery: Winery, route: str) -> None:
    for body in BODIES[route](winery):
        before = {model: list(model._default_manager.order_by("pk").values()) for model in MADE}
        answer = program.post(route, body)
        assert (answer.status_code, answer.json()["code"]) in [(404, "not_found"), (409, "not_allowed")], body
        assert {model: list(model._default_manager.order_by("pk").values()) for model in MADE} == before


@pytest.mark.parametrize("route", [route for route in ROUTES if hasattr(ROUTES[route], "post")])
def test_a_slip_in_a_body_is_refused(program_of: MakeProgram, winery: Winery, route: str) -> None:
    """What takes no body refuses one, too: nobody is to think that a reason was kept."""
    row = ROWS[route]() if route in ROWS else None
    program = program_of(winery_of(row) if row else winery)
    answer = program.post(path(route, row.pk if row else 1), {"raeson": "Customer travels"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert "There is no such field. Known: " in answer.json()["fields"]["raeson"][0]


@pytest.mark.parametrize("route", [route for route in LISTS if hasattr(ROUTES[route], "get")])
def test_no_list_asks_more_of_the_database_for_more_rows(
    client: Client, route: str, time_machine: Any
) -> None:
    time_machine.move_to("2026-11-18T16:44:10Z", tick=False)  # each minute, a caller's share is noted
    client.force_login(UserFactory.create(is_superuser=True))  # sees the rows of all wineries
    more = ",".join(expandable(ROUTES[route].serializer_class))
    url = f"/api/v1/{route}?expand={more}" if more else f"/api/v1/{route}"

    def asked(rows: int) -> int:
        for _ in range(rows):
            LISTS[route]()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    asked(2)
    few = asked(0)
    assert asked(6) == few


@every_call
def test_people_by_their_role(client: Client, winery: Winery, route: str, method: str) -> None:
    """A viewer of one winery who owns another changes nothing in the first."""
    user = UserFactory.create()
    MembershipFactory.create(winery=winery, user=user, role=Role.VIEWER)
    client.force_login(user)
    row = ROWS[route]() if route in ROWS else None
    if row is not None:
        MembershipFactory.create(user=user, winery=winery_of(row), role=Role.VIEWER)
    headers = {"Idempotency-Key": "a", "If-Match": "*"}
    url = f"/api/v1/{path(route, row.pk if row else 1)}"
    answer = client.generic(method, url, b"{}", content_type="application/json", headers=headers)
    is_read = method == "GET" or ROUTES[route].only_reads
    assert (answer.status_code in (200, 400, 424)) == is_read  # 424: nobody is there to be asked
    assert is_read or answer.status_code == 403
    MembershipFactory.create(user=user, role=Role.OWNER)
    owner_elsewhere = client.generic(method, url, b"{}", content_type="application/json", headers=headers)
    assert is_read or row is None or owner_elsewhere.status_code in (403, 404)


@pytest.mark.parametrize("route", [route for route, view in ROUTES.items() if hasattr(view, "post")])
def test_every_post_takes_an_idempotency_key(program: Program, winery: Winery, route: str) -> None:
    answer = program.post(path(route, 1), once="")
    row = ROWS[route]() if route in ROWS else None
    if row is not None:
        key, text = program.key, program.text
        ApiKey.objects.filter(pk=key.pk).update(winery=winery_of(row))
        answer = Program(key, text).post(path(route, row.pk), once="")
    if route in READS_BY_POST:
        assert answer.json().get("code") != "idempotency_key_missing"
    else:
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
