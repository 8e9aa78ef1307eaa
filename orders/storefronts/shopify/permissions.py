"""The access scopes we ask for, and what each is for. https://shopify.dev/docs/api/usage/access-scopes"""

PERMISSIONS = {
    "read_orders": "to read orders of the last 60 days",
    "write_orders": "to show staff the number and the state of an order",
    "read_customers": "to read a birth date that the shop keeps with the customer",
    "read_merchant_managed_fulfillment_orders": "to see what of an order is to be shipped, and how",
    "write_merchant_managed_fulfillment_orders": "to show shipments and their tracking on orders",
    "read_products": "to read the SKUs of products",
    "read_locations": "to tell the shop's locations apart",
    "read_inventory": "to compare the shop's stock numbers with ours",
    "write_inventory": "to set the shop's stock numbers, where that is switched on",
}


def missing(granted: set[str]) -> tuple[str, ...]:
    """The scopes that were not granted; permission to write contains permission to read."""
    return tuple(
        scope
        for scope in PERMISSIONS
        if scope not in granted and scope.replace("read_", "write_", 1) not in granted
    )
