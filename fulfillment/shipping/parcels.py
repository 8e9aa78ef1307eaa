"""What a person says of the packages of a fulfillment, made sense of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from crushsync.accounts.models import Winery
from crushsync.lib.carriers import carrier_of, tracking_url
from fulfillment.models import Fulfillment, OwnCarrier

# A store shows no more of them: https://shopify.dev/docs/api/admin-graphql/latest/objects/Fulfillment
MOST_NUMBERS = 25
NUMBER_LENGTH, CARRIER_LENGTH, PAGE_LENGTH = 100, 60, 500


class Refused(Exception):
    """It makes no sense now, and nothing was done; `sentence` says why, for staff."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Parcel:
    """All of it may be left out. `notify_customer` None: as the store is set.

    `tracking_url` is for carriers whose page nobody knows here; "{number}" in it stands for the number.
    """

    carrier: str = ""
    tracking_numbers: Sequence[str] = ()
    tracking_url: str = ""
    package_count: int = 1
    ship_date: date | None = None
    notify_customer: bool | None = None


def understood(parcel: Parcel, winery: Winery) -> Parcel:
    """The parcel with our code of the carrier, recognized by its number if need be, and its page.

    Raises Refused for what no store could show.
    """
    numbers = tuple(dict.fromkeys(" ".join(number.split()) for number in parcel.tracking_numbers))
    numbers = tuple(number for number in numbers if number)
    name, page = " ".join(parcel.carrier.split()), parcel.tracking_url.strip()
    if len(numbers) > MOST_NUMBERS or any(len(number) > NUMBER_LENGTH for number in numbers):
        raise Refused(_("A fulfillment has at most %d tracking numbers of 100 characters.") % MOST_NUMBERS)
    if len(name) > CARRIER_LENGTH or len(page) > PAGE_LENGTH:
        raise Refused(_("The carrier's name or the tracking page is too long."))
    if not 1 <= parcel.package_count <= 999:
        raise Refused(_("The number of packages is from 1 to 999."))
    _refuse_odd_page(page)
    own = OwnCarrier.objects.filter(winery=winery, name__iexact=name).first() if name else None
    known = None if own else carrier_of(name, numbers[0] if numbers else "")
    return replace(
        parcel,
        carrier=own.name if own else known.code if known else name,
        tracking_numbers=numbers,
        tracking_url=page or (own.page if own else ""),
    )


def tracking_page(made: Fulfillment, number: str) -> str:
    """Where a customer can follow this number; "" if nobody knows."""
    if made.tracking_url:
        return made.tracking_url.replace("{number}", quote(number, safe=""))
    return tracking_url(made.carrier, number)


def _refuse_odd_page(page: str) -> None:
    if not page:
        return
    try:
        URLValidator(schemes=["http", "https"])(page.replace("{number}", "1"))
    except ValidationError:
        raise Refused(_("The tracking page is not a web address.")) from None
