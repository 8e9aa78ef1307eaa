"""What happens to an accepted order, and the webhooks that tell of it."""

from sandbox.client import Sandbox
from sandbox.vinoshipper.tracking import TrackingNumbers, ups_check_digit
from tests.sandbox.outside import Api, Listener, order


def listen(api: Api, listener: Listener) -> None:
    api.call("POST", "p/profile/webhooks", {"subject": "ORDER", "url": listener.url})


def test_an_order_lives_until_it_is_delivered(api: Api, sandbox: Sandbox, listener: Listener) -> None:
    listen(api, listener)
    api.put("HO-1")
    sandbox.vinoshipper.move("HO-1", "LABELS_GENERATED", packages=2)
    printed = api.read("HO-1").json()
    assert (printed["orderStatus"], printed["shippedAt"]) == ("LABELS_GENERATED", None)
    numbers = [package["trackingNumber"] for package in printed["shipping"]["packages"]]
    assert len(set(numbers)) == 2
    sandbox.vinoshipper.move("HO-1", "SHIPPED")
    sandbox.vinoshipper.add_packages("HO-1", tracking=["1Z999AA10123456784"])
    sandbox.vinoshipper.move("HO-1", "DELIVERED")
    delivered = api.read("HO-1").json()
    assert delivered["orderStatus"] == "DELIVERED"
    assert delivered["shippedAt"]
    assert delivered["deliveredAt"]
    assert [p["trackingNumber"] for p in delivered["shipping"]["packages"]] == [
        *numbers,
        "1Z999AA10123456784",
    ]
    assert sandbox.settle()
    assert listener.events == sorted(
        [
            "CREATED",
            "TRACKING_NUMBER_ADDED",
            "TRACKING_NUMBER_ADDED",
            "TRACKING_NUMBER_ADDED",
            "SHIPMENT_STATUS_UPDATED",
            "UPDATED",
            "SHIPMENT_STATUS_UPDATED",
        ]
    )


def test_the_webhook_carries_identifiers_only(api: Api, sandbox: Sandbox, listener: Listener) -> None:
    listen(api, listener)
    api.put("HO-1")
    assert sandbox.settle()
    assert [one.json for one in listener.received] == [
        {
            "identifier": "HO-1",
            "subject": "ORDER",
            "event": "CREATED",
            "href": f"{sandbox.vinoshipper.url}/api/v2/p/orders/HO-1",
            "hrefV3": f"{sandbox.vinoshipper.url}/api/v3/p/orders/HO-1",
        }
    ]


def test_a_move_goes_through_the_states_between(api: Api, sandbox: Sandbox) -> None:
    api.put("HO-1")
    sandbox.vinoshipper.move("HO-1", "DELIVERED")
    answer = api.read("HO-1").json()
    assert answer["orderStatus"] == "DELIVERED"
    assert len(answer["shipping"]["packages"]) == 1


def test_an_order_that_is_not_accepted_does_not_move(api: Api, sandbox: Sandbox) -> None:
    api.put("HO-1", state="UT")
    sandbox.vinoshipper.move("HO-1", "SHIPPED")
    assert api.read("HO-1").json()["orderStatus"] == "OPEN"


def test_cancelled_and_returned_by_the_producer(api: Api, sandbox: Sandbox, listener: Listener) -> None:
    api.put("HO-1")
    api.put("HO-2")
    listen(api, listener)
    sandbox.vinoshipper.move("HO-1", "CANCELLED", reason="Out of stock")
    sandbox.vinoshipper.move("HO-2", "RETURNED")
    assert api.read("HO-1").json()["cancelReason"] == "Out of stock"
    assert api.read("HO-2").json()["orderStatus"] == "RETURNED"
    assert sandbox.settle()
    assert listener.events == ["CANCELLED", "SHIPMENT_STATUS_UPDATED", "UPDATED"]


def test_the_producer_ships_by_himself(api: Api) -> None:
    api.put("HO-1")
    assert api.call("POST", "p/orders/HO-1/shipped", {}).status_code == 200
    assert api.read("HO-1").json()["orderStatus"] == "SHIPPED"


def test_approval_is_told(api: Api, sandbox: Sandbox, listener: Listener) -> None:
    sandbox.vinoshipper.account(age_fails=["Doubtful"])
    listen(api, listener)
    api.put("HO-1", last_name="Doubtful")
    sandbox.vinoshipper.approve("HO-1")
    assert sandbox.settle()
    assert listener.events == ["APPROVED"]


def test_webhooks_are_lost_or_doubled(api: Api, sandbox: Sandbox, listener: Listener) -> None:
    listen(api, listener)
    sandbox.vinoshipper.switch(lose_webhooks=True)
    api.put("HO-1")
    sandbox.vinoshipper.switch(lose_webhooks=False, webhook_copies=3)
    api.put("HO-2")
    sandbox.vinoshipper.notify("HO-1", "UPDATED", copies=2)
    assert sandbox.settle()
    assert sorted(one.json["identifier"] for one in listener.received) == ["HO-1"] * 2 + ["HO-2"] * 3


def test_webhooks_are_listed_and_removed(api: Api) -> None:
    made = api.call("POST", "p/profile/webhooks", {"subject": "ORDER", "url": "http://127.0.0.1:1/x"}).json()
    assert api.call("GET", "p/profile/webhooks").json() == [made]
    assert api.call("DELETE", f"p/profile/webhooks/{made['id']}").status_code == 204
    assert api.call("GET", "p/profile/webhooks").json() == []
    assert api.call("DELETE", f"p/profile/webhooks/{made['id']}").status_code == 404


def test_search_pages_by_25(api: Api) -> None:
    for place in range(30):
        api.put(f"HO-{place}")
    first = api.call("POST", "p/orders/search", {"limit": 100}).json()
    rest = api.call("POST", "p/orders/search", {"limit": 100, "offset": 25}).json()
    assert [len(first), len(rest)] == [25, 5]
    assert first[0]["orderNumber"] == "HO-29"
    assert first[0]["saleAmount"] == 109.28
    assert "total" not in first[0]


def test_quotes_and_customers(api: Api, sandbox: Sandbox) -> None:
    compliant = api.call("POST", "p/orders/check-compliance", order()).json()
    assert compliant == {"isCompliant": True, "problems": []}
    refused = api.call("POST", "p/orders/check-compliance", order(state="UT"))
    assert refused.status_code == 200
    assert refused.json()["isCompliant"] is False
    assert sandbox.vinoshipper.orders() == []
    quote = {"shipToAddress": {"postalCode": "95814", "stateCode": "CA"}, "productIdType": "SKU"}
    bottles = [{"productId": "HO-PN23-750", "quantity": 3}]
    rates = api.call("POST", "p/orders/estimate-shipping", {**quote, "products": bottles}).json()["rates"]
    assert [row["rateCode"] for row in rates] == ["03", "12", "02", "01", "14"]
    taxes = api.call("POST", "p/orders/estimate-taxes", {**quote, "products": bottles}).json()
    assert (taxes["extraFeesTotal"], taxes["taxesTotal"]) == (0.3, 9.42)
    assert api.call("POST", "p/customers/exists", {"email": "elena@example.com"}).json() == []
    api.put("HO-1")
    found = api.call("POST", "p/customers/exists", {"email": "elena@example.com"}).json()
    assert [row["lastName"] for row in found] == ["Marquez"]


def test_the_feed_leaves_out_what_is_sold_out(api: Api, sandbox: Sandbox) -> None:
    sandbox.vinoshipper.product("HO-PN23-750", inventory=0)
    skus = {row["sku"] for row in api.call("GET", "feeds/vs/342/products").json()["products"]}
    assert skus == {"HO-CH22-1500", "HO-ZN21-750", "HO-RS24-750", "HO-GEAR-CORK"}
    everything = api.call("GET", "feeds/vs/342/products?soldOut=true").json()
    assert "HO-PN23-750" in {row["sku"] for row in everything["products"]}
    assert {"abbr": "UT", "name": "Utah"} not in everything["states"]


def test_ups_numbers_have_the_right_check_digit() -> None:
    assert ups_check_digit("999AA1012345678") == "4"
    number = TrackingNumbers().next("UPS", "03")
    assert number.startswith("1Z999AA1")
    assert len(number) == 18
    assert ups_check_digit(number[2:17]) == number[17]
