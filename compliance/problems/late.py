"""What takes longer than the winery wants it to."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from compliance.problems.entries import Entry, Family, Owner, Place

_Entry = partial(Entry, family=Family.LATE)

LATE = [
    _Entry(
        "late_sending",
        _("The order is not at Vinoshipper yet."),
        _("It could have been sent for longer than your winery wants to wait."),
        (
            _("Look at the connections and at the worker on the page Today."),
            _("Nothing else: it closes by itself when the order is sent."),
        ),
        Owner.OPERATOR,
        Place.ORDER,
    ),
    _Entry(
        "late_shipping",
        _("The order has not shipped yet."),
        _("Vinoshipper has it for more business days than your winery wants to wait."),
        (
            _("Ask Vinoshipper what it waits for."),
            _("It closes by itself when the carrier has the parcel."),
        ),
        Owner.VINOSHIPPER,
        Place.VINOSHIPPER,
    ),
    _Entry(
        "late_reporting",
        _("The store does not know yet that the order has shipped."),
        _("The news waits for longer than your winery wants it to; the customer has no tracking number."),
        (
            _("See on the order what the store said, and look at the store's connection."),
            _("It closes by itself when the store shows the shipment."),
        ),
        place=Place.ORDER,
    ),
]
STOCK = [
    Entry(
        "low_stock",
        _("A product is running out."),
        _("Fewer bottles are available at the location than its threshold says."),
        (_("Under Stock, press Receive or Move for more bottles, or Warn to lower the threshold."),),
        place=Place.ORDER,
        family=Family.STOCK,
        about=_("{subject} is running out."),
    ),
]
