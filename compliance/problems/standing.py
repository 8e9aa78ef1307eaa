"""States that are right as they are: why an order is not sent, or not yet. Nobody has to act, but may ask."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from compliance.problems.entries import Entry, Place

_Entry = partial(Entry, needs_person=False)
NOTHING = _("Nothing has to be done.")

STANDING = [
    _Entry(
        "shipped_here",
        _("The winery ships all of it itself."),
        _("Every piece is in a fulfillment of the winery's own."),
        (NOTHING,),
    ),
    _Entry("send", _("The order is sent to Vinoshipper."), _("Nothing speaks against it."), (NOTHING,)),
    _Entry(
        "dont_send",
        _("Somebody decided not to send this order."),
        _("Don't Send was pressed."),
        (_("Press Undo Don't Send to let it go."),),
        place=Place.ORDER,
    ),
    _Entry(
        "held",
        _("The order is on hold here."),
        _("Somebody held it, or the worker did after three crashes."),
        (_("Press Release to let it go."),),
        place=Place.ORDER,
    ),
    _Entry(
        "cancelled",
        _("The order is canceled in the store."),
        _("It was canceled before it was sent."),
        (NOTHING,),
    ),
    _Entry(
        "not_a_sale",
        _("This is a refund or an exchange, not a sale."),
        _("Only sales are sent."),
        (NOTHING,),
    ),
    _Entry(
        "test_order",
        _("This is a test order."),
        _("The store's settings say that test orders are not sent."),
        (_("To send test orders, switch it on in the store's settings."),),
        place=Place.STORE,
    ),
    _Entry(
        "before_start",
        _("The order was placed before the store's start date."),
        _("What was sold before CrushSync came is not sent by it."),
        (_("To have older orders sent, set an earlier start date in the store's settings."),),
        place=Place.STORE,
    ),
    _Entry(
        "not_routed",
        _("The store is still deciding how the order is delivered."),
        _("It takes a moment after the order was placed."),
        (_("Nothing: it is looked at again within minutes."),),
    ),
    _Entry(
        "shop_hold",
        _("The store holds the order."),
        _("Somebody or something holds its fulfillment in the store, for example a fraud check."),
        (_("Release it in the store: it is sent by itself then."),),
    ),
    _Entry(
        "fresh",
        _("The order is so new that an app of the shop may still correct its address."),
        _("The store's settings have new orders wait for some seconds."),
        (_("Nothing: it is sent by itself then."),),
        place=Place.STORE,
    ),
    _Entry(
        "ship_hold",
        _("The order waits for cooler weather, or for the end of the holidays."),
        _("The ship-to settings hold what goes there until a day."),
        (_("Nothing: it is sent on that day. To send it earlier, change the day in the ship-to settings."),),
        place=Place.ACCOUNT,
    ),
    _Entry(
        "unpaid",
        _("The order is not paid yet."),
        _("Only paid orders are sent."),
        (_("Have it paid in the store: it is sent by itself then."),),
    ),
    _Entry(
        "refunded",
        _("The order's payment was refunded or voided."),
        _("Nobody pays for it any more."),
        (NOTHING,),
    ),
    _Entry(
        "nothing_to_ship",
        _("Nothing in the order travels in a box."),
        _("Gift cards, downloads and what was handed over in the shop are not shipped."),
        (NOTHING,),
    ),
    _Entry("nothing_left", _("Everything was refunded or removed."), _("No piece is left."), (NOTHING,)),
    _Entry("pickup", _("The customer picks it up."), _("The order says so."), (NOTHING,)),
    _Entry("local_delivery", _("The winery delivers it itself."), _("The order says so."), (NOTHING,)),
    _Entry(
        "own_cellar",
        _("The winery ships it itself: its store has no Vinoshipper account."),
        _("Its orders are pushed by API, and no account is chosen in the store's settings."),
        (
            _("Ship it from one of your own locations: Cellar lists what is to be picked."),
            _("To send its orders to Vinoshipper, choose the account under Ships with: open ones go then."),
        ),
        place=Place.STORE,
    ),
    _Entry(
        "not_us",
        _("The order goes to another country."),
        _("Vinoshipper ships within the United States."),
        (_("Ship it another way, or cancel and refund it in the store."),),
    ),
    _Entry(
        "state_not_selected",
        _("The order goes to a state that is not in your states."),
        _("The ship-to settings name the states that are sent to Vinoshipper."),
        (_("To send orders to this state, add it to the ship-to settings: open orders go then."),),
        place=Place.ACCOUNT,
    ),
    _Entry(
        "ship_date",
        _("The order is to be shipped later."),
        _("The customer asked for a later day; the account says how many days ahead it is sent."),
        (_("Nothing: it is sent in time."),),
        place=Place.ACCOUNT,
    ),
    _Entry("sent", _("Vinoshipper has the order."), _("It took it."), (NOTHING,), place=Place.VINOSHIPPER),
    _Entry(
        "voided",
        _("The order is voided at Vinoshipper."),
        _("Somebody voided it here, or canceled it there."),
        (_("To have it shipped after all, press Retry: it is sent under a new number."),),
        place=Place.ORDER,
    ),
    _Entry(
        "age_verified",
        _("The customer's age is verified."),
        _("Vinoshipper approved the customer."),
        (_("Nothing: the order is sent again."),),
        place=Place.ORDER,
    ),
    _Entry(
        "connection",
        _("The order waits for a connection."),
        _("The account refuses us; the connection's own problem says why."),
        (_("Mend the connection: the order goes by itself then."),),
        place=Place.ACCOUNT,
    ),
    _Entry(
        "try_again",
        _("The order is tried again."),
        _("The other side could not be reached, or asked for patience. Nothing was done there."),
        (_("Nothing: it is tried again by itself for three days, then a person is asked."),),
        place=Place.ORDER,
    ),
    _Entry(
        "no_answer",
        _("Nobody knows yet whether Vinoshipper has the order."),
        _("The order was sent and the answer never came."),
        (_("Nothing: Vinoshipper is looked at before anything is sent again."),),
        place=Place.ORDER,
    ),
    _Entry(
        "partner_undecided",
        _("Vinoshipper has the order and has not decided about it."),
        _("Their status is neither a yes nor a no."),
        (_("Nothing: it is looked at again by itself."),),
        place=Place.VINOSHIPPER,
    ),
]
