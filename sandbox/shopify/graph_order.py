"""An order in GraphQL's shape, built from the REST-shaped body.

https://shopify.dev/docs/api/admin-graphql/latest/objects/Order
"""

import hashlib
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sandbox.clock import iso, now_iso, parse
from sandbox.shapes import Json
from sandbox.shopify.connection import connection
from sandbox.shopify.gid import gid
from sandbox.shopify.graph_fulfillment import fulfillment_node, fulfillment_order_node
from sandbox.shopify.graph_line import line_node
from sandbox.shopify.graph_money import bag, of_set, tax_line
from sandbox.shopify.not_simulated import not_simulated
from sandbox.shopify.orders import Metafield, ShopOrder, current_quantity, money

CANCEL_REASONS = {"customer", "declined", "fraud", "inventory", "other", "staff"}
FINANCIAL = {
    "authorized", "expired", "paid", "partially_paid", "partially_refunded", "pending", "refunded", "voided",
}  # fmt: skip
NOT_SIMULATED = ("transactions", "refunds", "returns", "suggestedRefund")


def order_node(order: ShopOrder) -> Json:
    """All fields of Order that the schema subset knows and that the body can tell."""
    rest = order.rest
    return {
        "__typename": "Order",
        "id": gid("Order", order.id),
        "legacyResourceId": order.id,
        **_header(order, rest),
        **_money(rest),
        **_states(order, rest),
        "customer": lambda _info: _customer(order, rest),
        "shippingAddress": _address(rest.get("shipping_address"), f"{order.id}1"),
        "billingAddress": _address(rest.get("billing_address"), f"{order.id}2"),
        "shippingLines": connection([_shipping_line(row) for row in rest.get("shipping_lines") or []]),
        "discountApplications": connection(
            [_discount(row) for row in rest.get("discount_applications") or []]
        ),
        "lineItems": connection([line_node(order, row) for row in order.lines]),
        **_work(order),
        "metafields": _metafields(order),
        **{name: not_simulated(f"Order.{name}") for name in NOT_SIMULATED},
    }


def _work(order: ShopOrder) -> Json:
    def line_of(line_item_id: str) -> Json:
        return line_node(order, order.line(line_item_id))

    def fulfillments(_info: object, first: int | None = None, query: str | None = None) -> list[Json]:
        return [
            fulfillment_node(f, line_of, lambda _info: order_node(order)) for f in order.fulfillments[:first]
        ]

    return {
        "fulfillmentOrders": connection(
            [fulfillment_order_node(fo, order, line_of) for fo in order.visible_fulfillment_orders]
        ),
        "fulfillments": fulfillments,
    }


def _header(order: ShopOrder, rest: Json) -> Json:
    currency = rest.get("currency") or "USD"
    return {
        "name": order.name,
        "number": rest.get("order_number") or rest.get("number") or 0,
        "confirmationNumber": rest.get("confirmation_number"),
        "createdAt": moment(rest.get("created_at")) or now_iso(),
        "updatedAt": moment(rest.get("updated_at")) or now_iso(),
        "processedAt": moment(rest.get("processed_at") or rest.get("created_at")) or now_iso(),
        "cancelledAt": moment(rest.get("cancelled_at")),
        "closedAt": moment(rest.get("closed_at")),
        "closed": rest.get("closed_at") is not None,
        "test": bool(rest.get("test")),
        "sourceName": rest.get("source_name"),
        "sourceIdentifier": rest.get("source_identifier"),
        "poNumber": rest.get("po_number"),
        "email": rest.get("email"),
        "phone": rest.get("phone"),
        "note": rest.get("note"),
        "tags": order.tags,
        "customAttributes": [
            {"key": str(row.get("name", "")), "value": row.get("value")}
            for row in rest.get("note_attributes") or []
        ],
        "currencyCode": currency,
        "presentmentCurrencyCode": rest.get("presentment_currency") or currency,
        "taxesIncluded": bool(rest.get("taxes_included")),
        "paymentGatewayNames": rest.get("payment_gateway_names") or [],
        "discountCodes": [row["code"] for row in rest.get("discount_codes") or []],
        "risk": {"recommendation": "ACCEPT"},
    }


def _states(order: ShopOrder, rest: Json) -> Json:
    financial = rest.get("financial_status")
    reason = rest.get("cancel_reason")
    return {
        "displayFinancialStatus": financial.upper() if financial in FINANCIAL else None,
        "displayFulfillmentStatus": fulfillment_status(order),
        "returnStatus": "NO_RETURN",
        "fullyPaid": financial in ("paid", "partially_refunded", "refunded"),
        "refundable": financial in ("paid", "partially_refunded"),
        "requiresShipping": any(row.get("requires_shipping", True) for row in order.lines),
        "cancelReason": reason.upper() if reason in CANCEL_REASONS else None,
        "cancellation": {"staffNote": None} if rest.get("cancelled_at") else None,
    }


def fulfillment_status(order: ShopOrder) -> str:
    """displayFulfillmentStatus from what is shipped and from holds."""
    wanted = [(str(row["id"]), current_quantity(row)) for row in order.lines if current_quantity(row)]
    done = [order.fulfilled(key) >= quantity for key, quantity in wanted]
    if wanted and all(done):
        return "FULFILLED"
    if any(order.fulfilled(key) for key, _ in wanted):
        return "PARTIALLY_FULFILLED"
    if any(fo.status == "ON_HOLD" for fo in order.fulfillment_orders):
        return "ON_HOLD"
    if any(fo.status == "IN_PROGRESS" for fo in order.fulfillment_orders):
        return "IN_PROGRESS"
    return "UNFULFILLED"


def _money(rest: Json) -> Json:
    total = money(rest.get("total_price"))
    current = money(rest.get("current_total_price", rest.get("total_price")))
    refunded = sum((_refunded(row) for row in rest.get("refunds") or []), Decimal(0))
    outstanding = money(rest.get("total_outstanding"))
    return {
        "subtotalPriceSet": of_set(rest, "subtotal_price"),
        "totalShippingPriceSet": of_set(rest, "total_shipping_price"),
        "totalTaxSet": of_set(rest, "total_tax"),
        "totalDiscountsSet": of_set(rest, "total_discounts"),
        "totalPriceSet": of_set(rest, "total_price"),
        "totalTipReceivedSet": of_set(rest, "total_tip_received"),
        "currentSubtotalPriceSet": of_set(rest, "current_subtotal_price", "subtotal_price"),
        "currentShippingPriceSet": of_set(rest, "current_shipping_price", "total_shipping_price"),
        "currentTotalTaxSet": of_set(rest, "current_total_tax", "total_tax"),
        "currentTotalDiscountsSet": of_set(rest, "current_total_discounts", "total_discounts"),
        "currentTotalPriceSet": bag(rest, current),
        "totalRefundedSet": bag(rest, refunded),
        "totalRefundedShippingSet": bag(rest, Decimal(0)),
        "totalOutstandingSet": bag(rest, outstanding),
        "netPaymentSet": bag(rest, total - refunded - outstanding),
    }


def _refunded(record: Json) -> Decimal:
    rows = record.get("transactions") or []
    return sum((money(t.get("amount")) for t in rows if t.get("kind") == "refund"), Decimal(0))


def _customer(order: ShopOrder, rest: Json) -> Json | None:
    given = rest.get("customer")
    if not isinstance(given, dict) or not given.get("id"):
        return None

    def metafield(_info: object, key: str, namespace: str | None = None) -> Json | None:
        if (namespace, key) != ("facts", "birth_date") or order.birth_date_metafield is None:
            return None
        number = f"3100{given['id']}"
        return metafield_node(
            Metafield(number, "facts", "birth_date", "date", order.birth_date_metafield, now_iso())
        )

    return {
        "__typename": "Customer",
        "id": gid("Customer", given["id"]),
        "legacyResourceId": str(given["id"]),
        "firstName": given.get("first_name"),
        "lastName": given.get("last_name"),
        "tags": [t.strip() for t in (given.get("tags") or "").split(",") if t.strip()],
        "locale": rest.get("customer_locale") or "en-US",
        "defaultEmailAddress": {"emailAddress": given["email"]} if given.get("email") else None,
        "defaultPhoneNumber": {"phoneNumber": given["phone"]} if given.get("phone") else None,
        "metafield": metafield,
    }


def _address(given: Any, number: str) -> Json | None:
    if not isinstance(given, dict):
        return None
    return {
        "__typename": "MailingAddress",
        "id": gid("MailingAddress", number),
        "firstName": given.get("first_name"),
        "lastName": given.get("last_name"),
        "name": given.get("name")
        or f"{given.get('first_name') or ''} {given.get('last_name') or ''}".strip(),
        "company": given.get("company"),
        "address1": given.get("address1"),
        "address2": given.get("address2"),
        "city": given.get("city"),
        "provinceCode": given.get("province_code"),
        "province": given.get("province"),
        "zip": given.get("zip"),
        "countryCodeV2": given.get("country_code"),
        "country": given.get("country"),
        "phone": given.get("phone"),
        "coordinatesValidated": given.get("latitude") is not None,
        "validationResultSummary": "NO_ISSUES",
    }


def _shipping_line(row: Json) -> Json:
    return {
        "id": gid("ShippingLine", row.get("id", 0)),
        "title": row.get("title") or "",
        "code": row.get("code"),
        "source": row.get("source"),
        "carrierIdentifier": row.get("carrier_identifier"),
        "deliveryCategory": row.get("delivery_category"),
        "custom": False,
        "isRemoved": bool(row.get("is_removed")),
        "originalPriceSet": of_set(row, "price"),
        "currentDiscountedPriceSet": of_set(row, "current_discounted_price", "discounted_price"),
        "taxLines": [tax_line(tax) for tax in row.get("tax_lines") or []],
    }


def _discount(row: Json) -> Json:
    kinds = {"discount_code": "DiscountCodeApplication", "automatic": "AutomaticDiscountApplication"}
    percent = row.get("value_type") == "percentage"
    value: Json = (
        {"__typename": "PricingPercentageValue", "percentage": float(row["value"])}
        if percent
        else {"__typename": "MoneyV2", "amount": row["value"], "currencyCode": "USD"}
    )
    return {
        "__typename": kinds.get(str(row.get("type")), "ManualDiscountApplication"),
        "allocationMethod": str(row.get("allocation_method", "across")).upper(),
        "targetSelection": str(row.get("target_selection", "all")).upper(),
        "targetType": str(row.get("target_type", "line_item")).upper(),
        "value": value,
        "code": row.get("code"),
        "title": row.get("title") or row.get("code") or "Discount",
        "description": row.get("description"),
    }


def _metafields(order: ShopOrder) -> Callable[..., Json]:
    def resolve(_info: object, namespace: str | None = None, **arguments: Any) -> Json:
        rows = [m for m in order.metafields.values() if namespace in (None, m.namespace)]
        return connection([metafield_node(row) for row in rows])(_info, **arguments)

    return resolve


def metafield_node(row: Metafield) -> Json:
    return {
        "__typename": "Metafield",
        "id": gid("Metafield", row.id),
        "namespace": row.namespace,
        "key": row.key,
        "type": row.type,
        "value": row.value,
        "compareDigest": hashlib.sha256(row.value.encode()).hexdigest(),
        "updatedAt": row.updated_at,
    }


@lru_cache(maxsize=4096)
def moment(text: str | None) -> str | None:
    """A REST time as GraphQL prints it: UTC."""
    return None if text is None else iso(parse(text))
