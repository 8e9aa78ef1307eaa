"""Products and rates in the shape of Vinoshipper's answers."""

from sandbox.shapes import Json
from sandbox.vinoshipper.accounts import STATES, Product

LISTED_RATES = {
    "03": ("Ground", 14.0),
    "12": ("3 Day Select", 24.0),
    "02": ("2nd Day Air", 36.0),
    "01": ("Next Day Air", 58.0),
    "14": ("Next Day Air Early", 92.0),
}


def rates(containers: int = 1) -> list[Json]:
    """The listed UPS rates for a number of bottles."""
    return [
        {
            "carrier": "UPS",
            "rateCode": code,
            "price": round(price + 1.5 * (containers - 1), 2),
            "rateDescription": text,
        }
        for code, (text, price) in LISTED_RATES.items()
    ]


def state_refs(codes: set[str]) -> list[Json]:
    return [{"abbr": code, "name": STATES[code]} for code in sorted(codes) if code in STATES]


def feed_product(product: Product) -> Json:
    """One product of the public feed."""
    wine = {
        "vintage": product.vintage,
        "abv": product.abv,
        "type": "Still",
        "varietal": product.name,
        "bottleSize": {"units": 1, "ml": product.ml, "desc": f"{product.ml} ml"},
        "winemakerNote": None,
    }
    return {
        "id": product.id,
        "name": product.name,
        "desc": None,
        "img": None,
        "inventory": product.inventory,
        "price": product.price,
        "pack": False,
        "alcohol": product.alcohol,
        "productCategory": product.category,
        "priceMeta": {
            "increments": 1,
            "minOrder": 1,
            "maxOrder": None,
            "moqUnits": 1,
            "caseSize": 12,
            "msrp": product.price,
            "excludeFromMinOrderQty": not product.alcohol,
        },
        "alcoholMeta": wine if product.alcohol else None,
        "notAvailableIn": state_refs(product.not_available_in),
        "sku": product.sku,
        "memberOnly": False,
        "weight": {"lbs": round(3.0 * product.ml / 750, 1) if product.alcohol else 0.3},
    }


def private_product(product: Product) -> Json:
    """The producer's own view of a product."""
    return {
        "id": product.id,
        "status": "APPROVED" if product.approved else "PENDING",
        "detail": {
            "name": product.name,
            "fullName": f"{product.name} {product.ml} ml",
            "sku": product.sku,
            "description": "",
            "imgUrl": "",
        },
        "summary": {"name": product.name, "sku": product.sku, "imgUrl": "", "hidden": False},
        "price": {"unitPrice": product.price, "msrp": product.price, "cogs": 0},
        "inventory": {"soldOut": product.inventory <= 0, "amount": product.inventory},
        "taxonomy": {"packagedAlcohol": product.alcohol},
    }
