"""What we send. Field by field: https://developer.vinoshipper.com/reference/updateorder"""

import re
from datetime import date
from typing import Any

import phonenumbers

from crushsync.vinoshipper.types import Destination, OrderInput, Person, ProductLine, ShippingRate


def order_body(order: OrderInput) -> dict[str, Any]:
    """The JSON of `PUT /orders/{number}`: money as Decimal, what we do not know left out.

    Taxes, fees and tip are sent even when zero: a corrected order must not keep the amounts of the first try.
    """
    body = {
        "orderNumber": order.number,
        "sourceUrl": order.source_url,
        **_who_where_what(order),
        "shippingRate": rate_body(order.rate),
        "taxes": order.taxes,
        "fees": order.fees,
        "tipAmount": order.tip,
        "discount": {"productDiscount": {"type": "DOLLAR", "value": order.discount}}
        if order.discount > 0
        else None,
        "specialInstructions": _instructions(order),
        "metaFields": dict(order.meta),
        "disableCustomerNotifications": order.silent,
        "paid": order.paid,  # their prose calls it isPaid; what production clients send is `paid`
    }
    return _known(body)


def compliance_body(order: OrderInput) -> dict[str, Any]:
    """The JSON of `POST /orders/check-compliance`: the order without money and shipping rate."""
    return _who_where_what(order)


def _who_where_what(order: OrderInput) -> dict[str, Any]:
    return {
        "productIdType": "SKU",
        "customer": _customer(order.customer),
        "shipToAddress": ship_to_body(order.ship_to),
        "products": [_product(line) for line in order.lines],
    }


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None and value != "" and value != {}}


def _customer(person: Person) -> dict[str, Any]:
    return _known(
        {
            "email": person.email,
            "firstName": person.first_name,
            "lastName": person.last_name,
            "phone": _digits(_phone(person.phone)),
            "dateOfBirth": _birth(person.date_of_birth),
            "address": _address(person),
        }
    )


def ship_to_body(destination: Destination) -> dict[str, Any]:
    """The JSON of where it goes."""
    return _known(
        {
            "firstName": destination.first_name,
            "lastName": destination.last_name,
            "businessName": destination.company,
            **_address(destination),
            "phone": _phone(destination.phone),
            "upsAccessPointId": destination.access_point_id,
        }
    )


def _address(place: Person | Destination) -> dict[str, Any]:
    return _known(
        {
            "street1": place.street1,
            "street2": place.street2,
            "city": place.city,
            "stateCode": place.state,
            "postalCode": place.postal_code,
            "country": place.country,
        }
    )


def _product(line: ProductLine) -> dict[str, Any]:
    return {"productId": line.sku, "quantity": line.quantity, "price": line.price}


def rate_body(rate: ShippingRate) -> dict[str, Any]:
    """The JSON of a shipping method."""
    return _known({"carrier": rate.carrier, "rateCode": rate.code, "price": rate.price})


def _birth(day: date | None) -> dict[str, int] | None:
    return {"day": day.day, "month": day.month, "year": day.year} if day else None


def _instructions(order: OrderInput) -> dict[str, Any]:
    return _known(
        {
            "shipDate": order.ship_date.isoformat() if order.ship_date else None,
            "producerNote": order.producer_note,
            "giftNote": order.gift_note,
        }
    )


def _digits(phone: dict[str, Any]) -> str:
    """A customer's phone is one string there, so a foreign number keeps its country's code."""
    return f"{phone['country']}{phone['number']}".removeprefix("1") if phone else ""


def _phone(written: str) -> dict[str, Any]:
    """The national number as digits and its country's code; {} for what is no telephone number."""
    try:
        number = phonenumbers.parse(written, "US")
    except phonenumbers.NumberParseException:
        return {}
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return {}
    digits = re.sub(r"\D", "", phonenumbers.national_significant_number(number))
    return _known({"number": digits, "country": number.country_code, "extension": number.extension})
