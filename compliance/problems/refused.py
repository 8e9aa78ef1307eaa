"""What Vinoshipper answers: refusals on sending, and trouble with what it accepted."""

from django.utils.translation import gettext_lazy as _

from compliance.problems.entries import Entry, Family, Owner, Place, Subject

READ = _("Read what Vinoshipper said; it is shown with the order.")
PRESS_RETRY = _("Then press Retry.")
THEN_SETTLE = _("Then press It is settled on the problem's page.")
REFUND = _("Otherwise refund or cancel the order in the store and tell the customer.")

ON_SENDING = [
    Entry(
        "refused",
        _("Vinoshipper refused the order."),
        _("Their reason is shown with the order, whole."),
        (
            _("Mend what they name, in the store or at Vinoshipper."),
            _("If the order does not go by itself then, press Retry."),
        ),
    ),
    Entry(
        "not_compliant",
        _("Vinoshipper may not ship this order to this address."),
        _("The state, the product or the amount is not allowed there. No setting here can override the law."),
        (
            READ,
            _("If the address is wrong, correct it in the store: the order is sent again by itself."),
            REFUND,
        ),
        family=Family.AFTER_PURCHASE,
        groups_by=Subject.STATE,
        about=_("Vinoshipper may not ship this order to this address in {subject}."),
    ),
    Entry(
        "volume_limit",
        _("The customer has reached the state's limit."),
        _("States count how much wine a person or a household receives. No setting here overrides the law."),
        (
            READ,
            _("If the order may wait, press Retry when the state's next month or year begins."),
            REFUND,
        ),
        Owner.CUSTOMER,
        family=Family.AFTER_PURCHASE,
        groups_by=Subject.STATE,
        about=_("The customer has reached the limit of {subject}."),
        goes_alone=False,
    ),
    Entry(
        "age_failed",
        _("The customer's age could not be verified."),
        _("Name, birth date and address together did not match a public record of an adult."),
        (
            _("Send the customer the ID-scan link shown with the order."),
            _("If the birth date was mistyped, correct it in the store."),
            _("Nothing else: once Vinoshipper has approved the customer, the order goes by itself."),
        ),
        Owner.CUSTOMER,
        Place.ORDER,
    ),
    Entry(
        "age_locked",
        _("Vinoshipper has locked the age verification of this customer."),
        _("Too many tries failed; only Vinoshipper can open it again."),
        (_("Write to Vinoshipper's customer service with the Vinoshipper number."), PRESS_RETRY),
        Owner.VINOSHIPPER,
        Place.VINOSHIPPER,
        goes_alone=False,
    ),
    Entry(
        "payment_missing",
        _("Vinoshipper does not take this order as paid."),
        _("Orders paid in the store need cash payment enabled in the Vinoshipper account (an ACH form)."),
        (_("Ask Vinoshipper to enable cash payment for the account."), PRESS_RETRY),
        Owner.VINOSHIPPER,
        Place.VINOSHIPPER,
        goes_alone=False,
    ),
    Entry(
        "access_denied",
        _("Vinoshipper does not let this account send the order."),
        _("The account lacks a permission for what the order asks."),
        (READ, _("Ask Vinoshipper for the permission."), PRESS_RETRY),
        Owner.VINOSHIPPER,
        Place.VINOSHIPPER,
        goes_alone=False,
    ),
    Entry(
        "number_taken",
        _("Vinoshipper says that this order's number is taken."),
        _("Another order stands there under the number, and it cannot be read with this account."),
        (_("Ask Vinoshipper whose order it is."), _("If it is not this one, enter the order there by hand.")),
        Owner.VINOSHIPPER,
        Place.VINOSHIPPER,
        goes_alone=False,
    ),
    Entry(
        "their_error",
        _("Vinoshipper had an error of its own with this order."),
        _("They answered that the fault is on their side."),
        (_("Press Retry after a while."), _("If it comes again, ask Vinoshipper with the trace id.")),
        Owner.VINOSHIPPER,
        Place.VINOSHIPPER,
        goes_alone=False,
    ),
    Entry(
        "gave_up",
        _("Vinoshipper could not be reached for three days."),
        _("Every try was answered by a time-out or an error of theirs."),
        (_("See whether Vinoshipper works in your browser."), PRESS_RETRY),
        Owner.VINOSHIPPER,
        Place.VINOSHIPPER,
        goes_alone=False,
    ),
]
ALREADY_THERE = [
    Entry(
        "conflict",
        _("Vinoshipper holds different content under this order's number."),
        _("Somebody changed it there, or the order changed in the store while it was being sent."),
        (
            _("Press Compare to see both sides; the differences are named with the order, too."),
            _("If the store is right, press Void Sync, then Retry: it is sent again under a new number."),
            _("If Vinoshipper is right, let it ship, and press It is settled on the problem's page."),
        ),
        place=Place.ORDER,
        goes_alone=False,
        by_hand=True,
        acts=("compare", "void-sync"),
    ),
    Entry(
        "changed_after_sending",
        _("The order changed in the store after it was sent."),
        _("Vinoshipper still has the old content, and ships what it has."),
        (
            _("If it has not shipped yet: press Void Sync, then Retry, to send the new content."),
            _("If it is on its way, settle the difference with the customer."),
            THEN_SETTLE,
        ),
        place=Place.ORDER,
        goes_alone=False,
        by_hand=True,
        acts=("void-sync",),
    ),
    Entry(
        "cancelled_after_sending",
        _("The order was canceled in the store after it was sent."),
        _("Vinoshipper does not know, and will ship it."),
        (
            _("Press Void Sync now. It does not refund the customer; the store did, or will."),
            _("If it is too late, settle it with the customer."),
            THEN_SETTLE,
        ),
        place=Place.ORDER,
        goes_alone=False,
        by_hand=True,
        acts=("void-sync",),
    ),
    Entry(
        "void_too_late",
        _("It is too late to void: Vinoshipper has begun to ship it."),
        _("A label is printed or the parcel is gone."),
        (
            _("Call Vinoshipper; they may cancel a printed label by hand."),
            _("Otherwise let it go, and settle it with the customer."),
            THEN_SETTLE,
        ),
        Owner.VINOSHIPPER,
        Place.VINOSHIPPER,
        goes_alone=False,
        by_hand=True,
    ),
    Entry(
        "returned",
        _("The parcel was returned."),
        _("The carrier could not deliver it."),
        (
            _("Ask the customer for the right address or a time to sign."),
            _("Arrange a new shipment or a refund."),
            THEN_SETTLE,
        ),
        place=Place.VINOSHIPPER,
        goes_alone=False,
        by_hand=True,
    ),
    Entry(
        "partner_trouble",
        _("Vinoshipper reports a problem with this order."),
        _("Their status is shown with the order."),
        (
            _("Open the order at Vinoshipper and see what they ask for."),
            _("Then press Check Fulfillment, or wait: it is looked at again by itself."),
        ),
        Owner.VINOSHIPPER,
        Place.VINOSHIPPER,
        acts=("check-fulfillment",),
    ),
    Entry(
        "gone_there",
        _("Vinoshipper no longer has this order."),
        _("It was deleted there, or never arrived although it was confirmed."),
        (
            _("Ask Vinoshipper what became of the number."),
            _("If it is to be shipped, press Void Sync, then Retry: it is sent again."),
        ),
        place=Place.VINOSHIPPER,
        acts=("void-sync",),
    ),
]
OURSELVES = [
    Entry(
        "crash_loop",
        _("Handling this order stopped the worker three times, so it was put on hold."),
        _("This is a fault in CrushSync."),
        (
            _("Tell whoever runs CrushSync; the log says where it happened."),
            _("Then press Release: the order goes on from where it stood."),
        ),
        Owner.OPERATOR,
        Place.ORDER,
        goes_alone=False,
        acts=("release",),
    ),
    Entry(
        "internal_error",
        _("CrushSync made a mistake while handling this order."),
        _("Nothing was lost: the order stands where it stood."),
        (_("Tell whoever runs CrushSync; the log says where it happened."), PRESS_RETRY),
        Owner.OPERATOR,
        Place.ORDER,
        goes_alone=False,
    ),
]
REFUSED = [*ON_SENDING, *ALREADY_THERE, *OURSELVES]
