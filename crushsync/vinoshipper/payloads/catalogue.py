"""What an account has: its products, rate codes, profile and webhooks. https://developer.vinoshipper.com/reference

Every function returns None for an answer of another shape: an unreadable product list is not an empty one.
"""

from collections.abc import Mapping
from typing import Any

from crushsync.vinoshipper.payloads.reading import distinct, flag, mapping, mappings, money, pieces, text
from crushsync.vinoshipper.types import FeedProduct, ProductFeed, Profile, RateCode, WebhookRegistration

# The wrapper of the rate codes is not documented: a bare list, or an object with the list under one of these.
RATE_LISTS = ("rates", "rateCodes", "results", "data")


def product_feed(body: Any) -> ProductFeed | None:
    """Read the feed: every product with an id, and the states the producer may ship to."""
    feed = mapping(body)
    if not isinstance(feed.get("products"), list):
        return None
    products = (_feed_product(item) for item in mappings(feed["products"]))
    return ProductFeed(
        producer=text(mapping(feed.get("producer")).get("name")),
        products=tuple(product for product in products if product.product_id),
        states=_states(feed.get("states")),
    )


def rate_codes(body: Any) -> tuple[RateCode, ...] | None:
    """Read the rate codes a producer may use, in the order they came, each once."""
    listed = body if isinstance(body, list) else _first_list(mapping(body))
    if listed is None:
        return None
    codes = (_rate_code(item) for item in mappings(listed))
    return tuple(dict.fromkeys(code for code in codes if code.code))


def profile(body: Any) -> Profile | None:
    """Read the producer's profile; its id is needed for the product feed."""
    answer = mapping(body)
    number = text(answer.get("id"), 50)
    if not number:
        return None
    return Profile(
        id=number,
        name=text(answer.get("name")),
        website=text(answer.get("website")),
        allows_pickup=flag(answer.get("allowsPickup")),
        allows_local_delivery=flag(answer.get("allowsLocalDelivery")),
        minimum_order_quantity=pieces(answer.get("minimumOrderQuantity")),
    )


def registrations(body: Any) -> tuple[WebhookRegistration, ...] | None:
    """Read the webhooks of an account."""
    if not isinstance(body, list):
        return None
    read = (registration(item) for item in mappings(body))
    return tuple(item for item in read if item)


def registration(body: Any) -> WebhookRegistration | None:
    """Read one webhook of an account."""
    item = mapping(body)
    number = text(item.get("id"), 100)
    if not number:
        return None
    return WebhookRegistration(
        id=number, subject=text(item.get("subject"), 50).upper(), url=text(item.get("url"), 2_000)
    )


def _feed_product(item: Mapping[str, Any]) -> FeedProduct:
    inventory = pieces(item.get("inventory"))
    return FeedProduct(
        product_id=text(item.get("id"), 40),
        sku=text(item.get("sku"), 100),
        name=text(item.get("name"), 250),
        category=text(item.get("productCategory"), 60),
        inventory=inventory or 0,
        price=money(item.get("price")),
        not_available_in=_states(item.get("notAvailableIn")),
        ml=_size(item),
        is_alcohol=flag(item.get("alcohol")) is not False,
        is_stock_told=inventory is not None,
    )


def _size(item: Mapping[str, Any]) -> int | None:
    """Millilitres of a piece. What `units` beside it counts is not documented."""
    size = pieces(mapping(mapping(item.get("alcoholMeta")).get("bottleSize")).get("ml"))
    return size if size and size > 0 else None


def _states(value: Any) -> tuple[str, ...]:
    """Two-letter codes from [{"abbr", "name"}]."""
    return distinct(text(item.get("abbr"), 2).upper() for item in mappings(value))


def _first_list(body: Mapping[str, Any]) -> list[Any] | None:
    return next((body[name] for name in RATE_LISTS if isinstance(body.get(name), list)), None)


def _rate_code(item: Mapping[str, Any]) -> RateCode:
    return RateCode(
        carrier=text(item.get("carrier"), 50).upper(),
        code=text(item.get("rateCode") or item.get("code"), 50),
        description=text(item.get("rateDescription") or item.get("description")),
    )
