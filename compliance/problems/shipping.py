"""What can be wrong with what the winery ships itself, beside its store's own staff."""

from django.utils.translation import gettext_lazy as _

from compliance.problems.entries import Entry, Family, Place

SHIPPING = [
    Entry(
        "unmapped_location",
        _("The store ships from a location that means no place here."),
        _("Staff fulfilled in the store, from a location nobody has mapped: no place's stock was lowered."),
        (_("On the order, say which place it is: what was shipped from it is booked there by itself."),),
        place=Place.ORDER,
        family=Family.STOCK,
        about=_("The store ships from {subject}, which means no place here."),
    ),
    Entry(
        "fulfilled_twice",
        _("The store fulfilled pieces that are being shipped from here already."),
        _("Two people fulfilled the same pieces, one here and one in the store."),
        (
            _("Find out which of the two is in the box."),
            _("Cancel the other one, here or in the store. The rest goes by itself."),
        ),
        place=Place.ORDER,
        family=Family.REPORT,
    ),
]
