"""What is written so that the shop shows a shipment, given what it shows already."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crushsync.lib.carriers import CARRIERS
from crushsync.lib.errors import PermanentError
from orders.storefronts.shopify.companies import LISTED, listed
from orders.storefronts.shopify.fulfillments import MOST_TOLD, to_state
from orders.storefronts.shopify.shipments import Plan, TrackingChange, next_event, plan, tracking_input
from orders.storefronts.types import ShipmentData, ShipmentStatus, TrackingNumber
from tests.storefronts.answers import ORDER_ID, made, shipping_state, work

A, B, C = (TrackingNumber(number, f"https://ups.test/{number}") for number in ("1ZA", "1ZB", "1ZC"))
SHIPMENT = ShipmentData(
    order_id=ORDER_ID,
    reference="HO-1042",
    carrier="UPS",
    tracking=(A,),
    lines=(("1", 3), ("2", 1)),
    status=ShipmentStatus.SHIPPED,
    shipped_at=datetime(2026, 11, 20, 10, 11, tzinfo=UTC),
    delivered_at=None,
    notify_customer=True,
)
TRACKING_A = {"company": "UPS", "numbers": ["1ZA"], "urls": ["https://ups.test/1ZA"]}


def _plan(
    works: list[dict[str, Any]], fulfillments: list[dict[str, Any]], shipment: ShipmentData = SHIPMENT
) -> Plan:
    return plan(to_state(shipping_state(works, fulfillments)), shipment)


def _refusal(
    works: list[dict[str, Any]], fulfillments: list[dict[str, Any]], **changes: Any
) -> PermanentError:
    with pytest.raises(PermanentError) as caught:
        plan(to_state(shipping_state(works, fulfillments, **changes)), SHIPMENT)
    return caught.value


def _share(number: int, **quantities: int) -> dict[str, Any]:
    return {
        "fulfillmentOrderId": f"gid://shopify/FulfillmentOrder/{number}",
        "fulfillmentOrderLineItems": [
            {"id": f"gid://shopify/FulfillmentOrderLineItem/{number}{key[1:]}", "quantity": quantity}
            for key, quantity in quantities.items()
        ],
    }


def _taken(found: Plan) -> list[list[dict[str, Any]]]:
    return [creation["lineItemsByFulfillmentOrder"] for creation in found.creations]


def test_a_first_shipment_creates_one_fulfillment_of_its_pieces() -> None:
    assert _plan([work(1, {1: 3, 2: 1, 3: 6})], []) == Plan(
        existing=(),
        changes=(),
        creations=(
            {
                "lineItemsByFulfillmentOrder": [_share(1, _1=3, _2=1)],
                "notifyCustomer": True,
                "trackingInfo": TRACKING_A,
            },
        ),
    )


@pytest.mark.parametrize("notifies", [True, False])
def test_whether_the_shop_mails_the_customer_is_always_said(notifies: bool) -> None:
    """Left out, Shopify mails nobody."""
    [creation] = _plan([work(1, {1: 3})], [], replace(SHIPMENT, notify_customer=notifies)).creations
    assert creation["notifyCustomer"] is notifies


def test_no_more_than_what_remains() -> None:
    assert _taken(_plan([work(1, {1: 2, 2: 0})], [])) == [[_share(1, _1=2)]]


def test_fulfillment_orders_of_one_location_go_together() -> None:
    begun = work(2, {1: 1, 2: 1}, status="IN_PROGRESS")
    assert _taken(_plan([work(1, {1: 3}), begun], [])) == [[_share(2, _1=1, _2=1), _share(1, _1=2)]]


def test_each_location_needs_a_fulfillment_of_its_own() -> None:
    elsewhere = {
        "name": "Barn",
        "location": {"id": "gid://shopify/Location/2", "isFulfillmentService": False},
    }
    works = [work(1, {1: 3}), work(2, {2: 1}, assignedLocation=elsewhere)]
    assert _taken(_plan(works, [])) == [[_share(1, _1=3)], [_share(2, _2=1)]]
    # The second one failed the last time: only that is made up for.
    first = made(9, {1: 3}, "1ZA")
    again = _plan([works[1]], [first])
    assert ([entry.id for entry in again.existing], _taken(again)) == (["9"], [[_share(2, _2=1)]])


@pytest.mark.parametrize("method", ["PICK_UP", "LOCAL", "RETAIL", "NONE"])
def test_what_is_not_shipped_is_left_alone(method: str) -> None:
    collected = work(1, {1: 3, 2: 1}, deliveryMethod={"methodType": method})
    assert _taken(_plan([collected, work(2, {1: 3, 2: 1})], [])) == [[_share(2, _1=3, _2=1)]]
    assert _refusal([collected], []).code == "not_fulfillable"


def test_reporting_again_writes_nothing() -> None:
    there = [made(9, {1: 3, 2: 1}, "1ZA")]
    for known in ("9", ""):
        found = _plan(
            [work(1, {1: 0, 2: 0}, status="CLOSED")], there, replace(SHIPMENT, fulfillment_id=known)
        )
        assert ([entry.id for entry in found.existing], found.changes, found.creations) == (["9"], (), ())


def test_a_number_is_the_same_however_it_is_written() -> None:
    spaced = replace(SHIPMENT, tracking=(TrackingNumber("1z a", A.url),))
    assert _plan([], [made(9, {1: 3, 2: 1}, "1ZA")], spaced).changes == ()


def _numbers(found: Plan) -> list[list[str]]:
    return [change.tracking["numbers"] for change in found.changes]


@pytest.mark.parametrize(
    ("there", "ours", "known", "expected"),
    [
        (["1ZA"], (A, B), "9", [["1ZA", "1ZB"]]),
        (["1ZA", "1ZB"], (B,), "9", []),  # an earlier report's number stays
        (["1ZA", "1ZB"], (C,), "9", [["1ZA", "1ZB", "1ZC"]]),
        (["1ZA"], (B,), "9", [["1ZA", "1ZB"]]),
        (["1ZA"], (A, C), "", [["1ZA", "1ZC"]]),  # found by its number
        ([], (A,), "9", [["1ZA"]]),
        (["1ZA"], (), "9", []),
    ],
)
def test_numbers_add_up(
    there: list[str], ours: tuple[TrackingNumber, ...], known: str, expected: list[list[str]]
) -> None:
    shipment = replace(SHIPMENT, tracking=ours, fulfillment_id=known)
    found = _plan([], [made(9, {1: 3, 2: 1}, *there)], shipment)
    assert (_numbers(found), found.creations) == (expected, ())


@pytest.mark.parametrize(
    ("there", "known", "expected"),
    [
        (["1ZA"], "9", [["1ZB"]]),
        (["1ZA"], "", [["1ZB"]]),  # found by the number it had
        (["1ZA", "1ZC"], "9", [["1ZC", "1ZB"]]),
        (["1ZB"], "9", []),
    ],
)
def test_a_label_printed_again_takes_the_old_ones_place(
    there: list[str], known: str, expected: list[list[str]]
) -> None:
    shipment = replace(SHIPMENT, tracking=(B,), fulfillment_id=known, replaced=("1za",))
    found = _plan([], [made(9, {1: 3, 2: 1}, *there)], shipment)
    assert (_numbers(found), found.creations) == (expected, ())


def test_another_carrier_or_address_is_corrected_without_being_news() -> None:
    wrong = made(9, {1: 3, 2: 1}, trackingInfo=[{"company": "USPS", "number": "1ZA", "url": None}])
    assert _plan([], [wrong]).changes == (TrackingChange("9", TRACKING_A, is_news=False),)


def test_the_shops_own_address_is_kept_where_we_have_none() -> None:
    shipment = replace(SHIPMENT, tracking=(TrackingNumber("1ZA", ""),))
    assert _plan([], [made(9, {1: 3, 2: 1}, "1ZA")], shipment).changes == ()


def test_fulfilled_by_hand_without_a_number_gets_ours() -> None:
    by_hand = made(9, {1: 3, 2: 1})
    found = _plan([work(1, {1: 0, 2: 0}, status="CLOSED")], [by_hand])
    assert found.changes == (TrackingChange("9", TRACKING_A, is_news=True),)
    assert found.creations == ()


def test_fulfilled_by_hand_with_more_than_ours_only_if_nothing_is_left_to_fulfil() -> None:
    by_hand = made(9, {1: 3, 2: 1, 3: 6})
    assert [entry.id for entry in _plan([], [by_hand]).existing] == ["9"]
    found = _plan([work(1, {1: 3, 2: 1})], [by_hand])
    assert (found.existing, _taken(found)) == ((), [[_share(1, _1=3, _2=1)]])


def test_somebody_elses_shipment_is_not_ours() -> None:
    other = made(9, {1: 3, 2: 1}, "1ZOTHER")
    assert _taken(_plan([work(1, {1: 3, 2: 1})], [other])) == [[_share(1, _1=3, _2=1)]]
    assert _refusal([work(1, {1: 0, 2: 0}, status="CLOSED")], [other]).code == "not_fulfillable"


@pytest.mark.parametrize("status", ["CANCELLED", "ERROR", "FAILURE"])
def test_a_dead_fulfillment_shows_nothing(status: str) -> None:
    dead = made(9, {1: 3, 2: 1}, "1ZA", status=status)
    assert len(_plan([work(1, {1: 3, 2: 1})], [dead]).creations) == 1


def test_a_fulfillment_that_staff_cancelled_is_not_made_again_behind_their_back() -> None:
    cancelled = made(9, {1: 3, 2: 1}, "1ZA", status="CANCELLED")
    with pytest.raises(PermanentError, match="was canceled in Shopify") as caught:
        _plan([work(1, {1: 3, 2: 1})], [cancelled], replace(SHIPMENT, fulfillment_id="9"))
    assert caught.value.code == "fulfillment_cancelled"


def test_too_many_fulfillments_to_be_sure() -> None:
    others = [made(number, {3: 1}, f"1ZOTHER{number}") for number in range(MOST_TOLD)]
    assert _refusal([work(1, {1: 3, 2: 1})], others).code == "too_many_fulfillments"
    known = [*others[:-1], made(999, {1: 3, 2: 1}, "1ZA")]
    assert [entry.id for entry in _plan([], known).existing] == ["999"]


WHY = "Order #1042 cannot be marked as shipped in Shopify: "
LINES = {1: 3, 2: 1}
SERVICE = {"name": "Acme 3PL", "location": {"id": "gid://shopify/Location/3", "isFulfillmentService": True}}


@pytest.mark.parametrize(
    ("works", "why"),
    [
        ([], "Shopify has not decided yet how it is delivered."),
        (
            [work(1, {1: 0, 2: 0}, status="CLOSED")],
            "everything in the shipment is fulfilled, removed or refunded there already.",
        ),
        (
            [
                work(
                    1,
                    LINES,
                    status="ON_HOLD",
                    supportedActions=[{"action": "RELEASE_HOLD"}],
                    fulfillmentHolds=[{"displayReason": "High risk of fraud"}],
                )
            ],
            "it is on hold there (High risk of fraud). Release the hold and try again.",
        ),
        (
            [work(1, LINES, deliveryMethod={"methodType": "PICK_UP"})],
            "it is to be collected or delivered locally.",
        ),
        (
            [work(1, LINES, assignedLocation=SERVICE, supportedActions=[{"action": "REQUEST_FULFILLMENT"}])],
            "it is assigned to Acme 3PL, which another app fulfils. Move it to a location of the winery.",
        ),
        (
            [work(1, LINES, status="SCHEDULED", fulfillAt="2026-12-01T00:00:00Z", supportedActions=[])],
            "it is scheduled there for 2026-12-01.",
        ),
        (
            [work(1, LINES, supportedActions=[])],
            "Shopify does not allow it (no permission for its fulfillment orders, or nothing remains).",
        ),
    ],
)
def test_why_not(works: list[dict[str, Any]], why: str) -> None:
    assert _refusal(works, []).sentence == WHY + why


def test_a_cancelled_order_shows_no_shipment() -> None:
    refusal = _refusal([work(1, LINES)], [], cancelledAt="2026-11-19T00:00:00Z")
    assert refusal.code == "cancelled"


@pytest.mark.parametrize(
    ("carrier", "company"),
    [
        *(("UPS", "UPS"), ("FEDEX", "FedEx"), ("fedex", "FedEx"), ("GLS", "GLS"), ("USPS", "USPS")),
        *(("ONTRAC", "OnTrac"), ("LSO", "LSO"), ("DHL", "DHL Express"), ("DHL_EXPRESS", "DHL Express")),
        *(
            ("UDS", "United Delivery Service"),
            ("r+l carriers", "R+L Carriers"),
            ("pitney bowes", "Pitney Bowes"),
        ),
        *(("Valley Courier", "Other"), ("", "Other")),
    ],
)
def test_the_company_as_shopify_spells_it(carrier: str, company: str) -> None:
    assert tracking_input(carrier, [TrackingNumber("X", "")])["company"] == company


def test_each_carrier_we_know_is_on_shopifys_list() -> None:
    assert {carrier.label for carrier in CARRIERS.values()} <= set(LISTED)
    assert [listed(name) for name in LISTED] == list(LISTED)


def test_addresses_go_along_only_if_every_number_has_one() -> None:
    assert tracking_input("UPS", [A, B])["urls"] == [A.url, B.url]
    assert "urls" not in tracking_input("UPS", [A, TrackingNumber("1ZB", "")])
    assert "urls" not in tracking_input("UPS", [TrackingNumber("1ZB", "javascript:alert(1)")])


def test_a_shipment_without_a_number_says_no_carrier() -> None:
    found = _plan([work(1, LINES)], [], replace(SHIPMENT, tracking=()))
    assert "trackingInfo" not in found.creations[0]


SHIPPED_AT = datetime(2026, 11, 20, tzinfo=UTC)
DELIVERED_AT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "known", "expected"),
    [
        (ShipmentStatus.PENDING, [], ("LABEL_PRINTED", None)),
        (ShipmentStatus.PENDING, ["IN_TRANSIT"], None),
        (ShipmentStatus.SHIPPED, ["LABEL_PRINTED"], ("IN_TRANSIT", SHIPPED_AT)),
        (ShipmentStatus.SHIPPED, ["IN_TRANSIT"], None),
        (ShipmentStatus.SHIPPED, ["OUT_FOR_DELIVERY"], None),
        (ShipmentStatus.DELIVERED, ["OUT_FOR_DELIVERY", "ATTEMPTED_DELIVERY"], ("DELIVERED", DELIVERED_AT)),
        (ShipmentStatus.DELIVERED, ["DELIVERED"], None),
    ],
)
def test_events_only_move_forward(
    status: ShipmentStatus, known: list[str], expected: tuple[str, datetime | None] | None
) -> None:
    shipment = replace(
        SHIPMENT, carrier="GLS", status=status, shipped_at=SHIPPED_AT, delivered_at=DELIVERED_AT
    )
    assert next_event(known, shipment) == expected


def test_that_a_parcel_moves_is_not_told_where_shopify_follows_it() -> None:
    assert next_event([], SHIPMENT) is None
    arrived = replace(SHIPMENT, status=ShipmentStatus.DELIVERED, delivered_at=DELIVERED_AT)
    assert next_event([], arrived) == ("DELIVERED", DELIVERED_AT)
