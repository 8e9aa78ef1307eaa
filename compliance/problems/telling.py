"""What a store is not told, and what it does not tell: shipments, marks, and orders that cannot be read."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from compliance.problems.entries import Entry, Family, Owner

_Entry = partial(Entry, family=Family.REPORT, goes_alone=False, by_hand=True)
AGAIN = _("Then press Report again.")
SHOW_AGAIN = _("Then press Show in the store again.")
SETTLE = _("Then press It is settled on the problem's page.")
SEE = _("See whether the store works in your browser.")
TELL_US = _("Tell whoever runs CrushSync; the log says where it happened.")
OR_HERE = _("Or mark it as shipped in the store by hand, and press It is settled on the problem's page.")

REPORTS = [
    _Entry(
        "report_refused",
        _("The store did not take the news of the shipment."),
        _("What the store said is shown with the order, whole."),
        (_("Mend what the store names."), AGAIN, OR_HERE),
    ),
    _Entry(
        "report_not_fulfillable",
        _("The order can no longer be fulfilled in the store."),
        _("Somebody fulfilled, moved or removed its lines there, or it is on hold there."),
        (
            _("If it is on hold there, release the hold in the store, and press Report again here."),
            _("If the store shows the shipment, press It is settled on the problem's page."),
            _("Otherwise mend the order there, and press Report again."),
        ),
    ),
    _Entry(
        "report_cancelled",
        _("The order is canceled in the store, and its parcel is on the way."),
        _("It was canceled after Vinoshipper had shipped it."),
        (_("Settle it with the customer."), SETTLE),
    ),
    _Entry(
        "report_fulfillment_cancelled",
        _("The shipment was canceled in the store, and the parcel is on the way."),
        _("Somebody canceled the fulfillment in the store's own admin."),
        (_("Mark the order as fulfilled in the store, with the tracking number."), AGAIN),
    ),
    _Entry(
        "report_too_many",
        _("The order has more fulfillments in the store than can be read."),
        _("To add one without seeing all of them could show it twice."),
        (_("Add the shipment in the store by hand."), SETTLE),
    ),
    _Entry(
        "report_gone",
        _("The order is no longer in the store."),
        _("It was deleted there."),
        (_("Send the customer the tracking number yourself."), SETTLE),
    ),
    _Entry(
        "report_by_hand",
        _("The store still shows a shipment that was canceled here."),
        _("It refused to cancel it, or its platform lets no program do so. What it said is shown below."),
        (_("Cancel the shipment in the store by hand."), SETTLE),
    ),
    _Entry(
        "report_gave_up",
        _("The store could not be told of the shipment for three days."),
        _("Every try was answered by a time-out or an error of theirs."),
        (SEE, AGAIN, OR_HERE),
    ),
    _Entry(
        "report_crashed",
        _("Reporting this shipment stopped the worker three times."),
        _("This is a fault in CrushSync."),
        (TELL_US, AGAIN, OR_HERE),
        Owner.OPERATOR,
    ),
]
MARKS = [
    _Entry(
        "mark_refused",
        _("The store does not show how the order stands."),
        _("It refused the tag, the number or the hold. The order itself is not held up by that."),
        (
            _("Read what the store said, shown with the order, and grant the permission it names."),
            SHOW_AGAIN,
        ),
        acts=("show-again",),
    ),
    _Entry(
        "mark_gave_up",
        _("The store could not be told how the order stands for three days."),
        _("Every try failed. The order itself is not held up by that."),
        (SEE, SHOW_AGAIN),
        acts=("show-again",),
    ),
    _Entry(
        "mark_crashed",
        _("Showing this in the store stopped the worker three times."),
        _("This is a fault in CrushSync. The order itself is not held up by that."),
        (TELL_US, SHOW_AGAIN),
        Owner.OPERATOR,
        acts=("show-again",),
    ),
]
READING = [
    Entry(
        "not_read",
        _("An order of the store could not be read."),
        _("The store named it and could not, or would not, show it. It is not among your orders here yet."),
        (
            _("Look at what the store said; it is shown with the problem."),
            _("When it is mended, change anything on the order in the store: it is read again then."),
        ),
        family=Family.NEVER_REACHED,
        about=_("The store's order {subject} could not be read."),
        by_hand=True,
    ),
]
TELLING = [*REPORTS, *MARKS, *READING]

# Why a store refused a report, in the connector's codes -> our problem.
REPORT_CODES = {
    "not_fulfillable": "report_not_fulfillable",
    "cancelled": "report_cancelled",
    "fulfillment_cancelled": "report_fulfillment_cancelled",
    "too_many_fulfillments": "report_too_many",
    "gone": "report_gone",
    "by_hand": "report_by_hand",
}
