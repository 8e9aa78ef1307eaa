"""Realistic order bodies, REST-shaped as webhooks carry them, with totals that are right to the cent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from zlib import crc32

from sandbox.clock import now_iso
from sandbox.shapes import Json
from sandbox.shopify.gid import gid

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Line:
    """One line of an order; ``price`` per piece."""

    sku: str
    title: str = "2023 Estate Pinot Noir"
    price: str = "38.00"
    quantity: int = 1
    requires_shipping: bool = True
    gift_card: bool = False
    taxable: bool = True
    properties: Json = field(default_factory=dict)


PINOT = Line("HO-PN23-750")
CHARDONNAY = Line("HO-CH22-1500", "2022 Reserve Chardonnay", "72.00")
ZINFANDEL = Line("HO-ZN21-750", "2021 Old Vine Zinfandel", "34.00")
ROSE = Line("HO-RS24-750", "2024 Dry Rosé", "24.00")
CORKSCREW = Line("HO-GEAR-CORK", "Waiter's Corkscrew", "18.00")
GIFT_CARD = Line("HO-GIFT-50", "Gift Card", "50.00", requires_shipping=False, gift_card=True, taxable=False)

PROVINCES = {
    "AL": "Alabama", "AR": "Arkansas", "CA": "California", "CO": "Colorado", "FL": "Florida",
    "MN": "Minnesota", "NH": "New Hampshire", "NY": "New York",
    "OK": "Oklahoma", "OR": "Oregon", "TX": "Texas", "UT": "Utah", "WA": "Washington",
}  # fmt: skip


@dataclass(frozen=True)
class Address:
    """Where it goes, and to whom."""

    first_name: str = "Elena"
    last_name: str = "Marquez"
    address1: str = "1200 Barton Springs Rd"
    address2: str | None = None
    city: str = "Austin"
    state: str = "TX"
    zip: str = "78704"
    country_code: str = "US"
    country: str = "United States"
    phone: str | None = "+15125550142"
    company: str | None = None

    def rest(self) -> Json:
        return {
            "first_name": self.first_name,
            "address1": self.address1,
            "phone": self.phone,
            "city": self.city,
            "zip": self.zip,
            "province": PROVINCES.get(self.state, self.state),
            "country": self.country,
            "last_name": self.last_name,
            "address2": self.address2,
            "company": self.company,
            "latitude": None,
            "longitude": None,
            "name": f"{self.first_name} {self.last_name}",
            "country_code": self.country_code,
            "province_code": self.state,
        }


def order_body(
    number: int = 1001,
    lines: Sequence[Line] = (PINOT,),
    address: Address | None = Address(),
    *,
    order_id: int | None = None,
    email: str | None = None,
    birth_date: str | None = "1984-06-21",
    birth_date_name: str = "Date of Birth",
    shipping_title: str = "UPS Ground (Adult Signature)",
    shipping_price: str = "24.95",
    tax_rate: str = "0.0825",
    discount_percent: int = 0,
    financial_status: str = "paid",
    test: bool = False,
    created_at: str | None = None,
    note: str | None = None,
    tags: str = "",
    attributes: Json | None = None,
) -> Json:
    """An order as orders/create carries it. ``address`` None: nothing is shipped to the customer (pickup)."""
    order_id = order_id or 6_500_000_000_000 + number
    rows = [
        _line_item(order_id * 100 + place, line, Decimal(tax_rate), discount_percent)
        for place, line in enumerate(lines, start=1)
    ]
    shipping = _shipping_line(order_id, shipping_title, Decimal(shipping_price), Decimal(tax_rate))
    person = address or Address()
    created = created_at or now_iso()
    given = {birth_date_name: birth_date} if birth_date else {}
    return {
        **_identity(number, order_id, created, email or f"customer{number}@example.com"),
        **_totals(rows, shipping, financial_status),
        "financial_status": financial_status,
        "test": test,
        "note": note,
        "tags": tags,
        "note_attributes": [{"name": k, "value": v} for k, v in {**given, **(attributes or {})}.items()],
        "customer": _customer(number, person, email or f"customer{number}@example.com"),
        "shipping_address": address.rest() if address else None,
        "billing_address": person.rest(),
        "line_items": rows,
        "shipping_lines": [shipping],
        **_discounts(rows, discount_percent),
        "fulfillments": [],
        "refunds": [],
        "returns": [],
    }


def _cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def _set(value: Decimal) -> Json:
    pair = {"amount": f"{value:.2f}", "currency_code": "USD"}
    return {"shop_money": pair, "presentment_money": pair}


def _amount(name: str, value: Decimal) -> Json:
    """The pair ``name`` and ``name_set`` that most amounts have."""
    return {name: f"{value:.2f}", f"{name}_set": _set(value)}


def _tax_lines(value: Decimal, rate: Decimal) -> list[Json]:
    tax = _cents(value * rate)
    return [{"channel_liable": False, **_amount("price", tax), "rate": float(rate), "title": "Sales Tax"}]


def _line_item(line_id: int, line: Line, rate: Decimal, discount_percent: int) -> Json:
    gross = Decimal(line.price) * line.quantity
    discount = ZERO if line.gift_card else _cents(gross * discount_percent / 100)
    number = crc32(line.sku.encode()) % 10**9
    allocations = [
        {"amount": f"{discount:.2f}", "amount_set": _set(discount), "discount_application_index": 0}
    ]
    return {
        "id": line_id,
        "admin_graphql_api_id": gid("LineItem", line_id),
        "current_quantity": line.quantity,
        "fulfillable_quantity": line.quantity,
        "fulfillment_service": "gift_card" if line.gift_card else "manual",
        "fulfillment_status": None,
        "gift_card": line.gift_card,
        "grams": 1500 if line.requires_shipping else 0,
        "name": line.title,
        **_amount("price", Decimal(line.price)),
        "product_exists": True,
        "product_id": 9_100_000_000_000 + number,
        "properties": [{"name": k, "value": v} for k, v in line.properties.items()],
        "quantity": line.quantity,
        "requires_shipping": line.requires_shipping,
        "sku": line.sku,
        "taxable": line.taxable,
        "title": line.title,
        **_amount("total_discount", ZERO),
        "variant_id": 47_100_000_000_000 + number,
        "variant_title": None,
        "vendor": "Hollow Oak Winery",
        "tax_lines": _tax_lines(gross - discount, rate) if line.taxable else [],
        "duties": [],
        "discount_allocations": allocations if discount else [],
    }


def _shipping_line(order_id: int, title: str, price: Decimal, rate: Decimal) -> Json:
    return {
        "id": order_id + 1,
        "carrier_identifier": None,
        "code": title,
        "current_discounted_price_set": _set(price),
        **_amount("discounted_price", price),
        "is_removed": False,
        "phone": None,
        **_amount("price", price),
        "source": "shopify",
        "title": title,
        "tax_lines": _tax_lines(price, rate) if price else [],
        "discount_allocations": [],
    }


def _totals(rows: list[Json], shipping: Json, financial_status: str) -> Json:
    goods = sum((Decimal(row["price"]) * row["quantity"] for row in rows), ZERO)
    discount = sum((Decimal(a["amount"]) for row in rows for a in row["discount_allocations"]), ZERO)
    taxed = [*rows, shipping]
    tax = sum((Decimal(t["price"]) for row in taxed for t in row["tax_lines"]), ZERO)
    freight = Decimal(shipping["price"])
    total = goods - discount + freight + tax
    owed = ZERO if financial_status == "paid" else total
    return {
        **_amount("total_line_items_price", goods),
        **_amount("subtotal_price", goods - discount),
        **_amount("current_subtotal_price", goods - discount),
        **_amount("total_discounts", discount),
        **_amount("current_total_discounts", discount),
        **_amount("total_tax", tax),
        **_amount("current_total_tax", tax),
        **_amount("total_price", total),
        **_amount("current_total_price", total),
        "total_shipping_price_set": _set(freight),
        "current_shipping_price_set": _set(freight),
        "total_outstanding": f"{owed:.2f}",
        "total_tip_received": "0.00",
        "tax_lines": [{"channel_liable": False, **_amount("price", tax), "rate": None, "title": "Sales Tax"}],
        "taxes_included": False,
    }


def _identity(number: int, order_id: int, created: str, email: str) -> Json:
    return {
        "id": order_id,
        "admin_graphql_api_id": gid("Order", order_id),
        "name": f"#{number}",
        "number": number - 1000,
        "order_number": number,
        "confirmation_number": f"HO{number}",
        "created_at": created,
        "updated_at": created,
        "processed_at": created,
        "cancelled_at": None,
        "cancel_reason": None,
        "closed_at": None,
        "confirmed": True,
        "currency": "USD",
        "presentment_currency": "USD",
        "customer_locale": "en-US",
        "email": email,
        "contact_email": email,
        "phone": None,
        "source_name": "web",
        "fulfillment_status": None,
        "payment_gateway_names": ["shopify_payments"],
    }


def _customer(number: int, person: Address, email: str) -> Json:
    return {
        "id": 8_200_000_000_000 + number,
        "admin_graphql_api_id": gid("Customer", 8_200_000_000_000 + number),
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": email,
        "phone": person.phone,
        "currency": "USD",
        "tags": "",
    }


def _discounts(rows: list[Json], percent: int) -> Json:
    total = sum((Decimal(a["amount"]) for row in rows for a in row["discount_allocations"]), ZERO)
    if not total:
        return {"discount_codes": [], "discount_applications": []}
    application = {
        "target_type": "line_item",
        "type": "discount_code",
        "value": f"{percent}.0",
        "value_type": "percentage",
        "allocation_method": "across",
        "target_selection": "entitled",
        "code": f"CLUB{percent}",
    }
    return {
        "discount_codes": [{"code": f"CLUB{percent}", "amount": f"{total:.2f}", "type": "percentage"}],
        "discount_applications": [application],
    }
