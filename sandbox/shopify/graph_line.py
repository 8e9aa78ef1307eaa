"""A line of an order in GraphQL's shape."""

from decimal import Decimal

from sandbox.shapes import Json
from sandbox.shopify.gid import gid, inventory_item_of
from sandbox.shopify.graph_money import bag, of_set, tax_line
from sandbox.shopify.orders import ShopOrder, current_quantity, money


def line_node(order: ShopOrder, row: Json) -> Json:
    """https://shopify.dev/docs/api/admin-graphql/latest/objects/LineItem"""
    taxes = [tax_line(tax) for tax in row.get("tax_lines") or []]
    current = current_quantity(row)
    return {
        "__typename": "LineItem",
        "id": gid("LineItem", row["id"]),
        "name": row.get("name") or row.get("title") or "",
        "title": row.get("title") or "",
        "variantTitle": row.get("variant_title"),
        "sku": row.get("sku"),
        "vendor": row.get("vendor"),
        "quantity": row.get("quantity"),
        "currentQuantity": current,
        "unfulfilledQuantity": max(0, current - order.fulfilled(str(row["id"]))),
        "refundableQuantity": current,
        "requiresShipping": bool(row.get("requires_shipping", True)),
        "isGiftCard": bool(row.get("gift_card")),
        "taxable": bool(row.get("taxable", True)),
        "customAttributes": [
            {"key": str(item.get("name", "")), "value": item.get("value")}
            for item in row.get("properties") or []
        ],
        "lineItemGroup": _group(row),
        "sellingPlan": None,
        "variant": _variant(row),
        "product": _product(row),
        "originalUnitPriceSet": of_set(row, "price"),
        "discountedUnitPriceAfterAllDiscountsSet": bag(order.rest, _discounted_unit(row)),
        "discountAllocations": [
            {"allocatedAmountSet": of_set(item, "amount")} for item in row.get("discount_allocations") or []
        ],
        "taxLines": lambda _info, first=None: taxes[:first],
    }


def _group(row: Json) -> Json | None:
    """The bundle a line is a component of."""
    number = row.get("sales_line_item_group_id")
    title = str(row.get("sales_line_item_group_title") or "Bundle")
    return {"id": gid("LineItemGroup", number), "title": title, "quantity": 1} if number else None


def _discounted_unit(row: Json) -> Decimal:
    discount = sum((money(item["amount"]) for item in row.get("discount_allocations") or []), Decimal(0))
    quantity = row.get("quantity") or 0
    return money(row.get("price")) - (discount / quantity if quantity else Decimal(0))


def _variant(row: Json) -> Json | None:
    if not row.get("variant_id"):
        return None
    number = str(row["variant_id"])
    return {
        "__typename": "ProductVariant",
        "id": gid("ProductVariant", number),
        "sku": row.get("sku"),
        "barcode": None,
        "inventoryItem": {"id": gid("InventoryItem", inventory_item_of(number)), "sku": row.get("sku")},
    }


def _product(row: Json) -> Json | None:
    if not row.get("product_id"):
        return None
    return {
        "__typename": "Product",
        "id": gid("Product", row["product_id"]),
        "productType": row.get("product_type") or "",
        "tags": [],
    }
