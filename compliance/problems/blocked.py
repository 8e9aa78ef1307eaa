"""What we can tell ourselves: checks that an order does not pass before it is sent."""

from django.utils.translation import gettext_lazy as _

from compliance.problems.entries import Entry, Family, Owner, Place, Subject

GOES_WHEN_MENDED = _("Mend it on the order in the store: the order is sent by itself then.")
ASK = _("Ask the customer for the right address: press Write to the customer for a draft.")
OR_CANCEL = _("Otherwise cancel and refund the order in the store.")
SWITCHED = _("If your winery decides otherwise, change this check's level in the ship-to settings.")

OF_GOODS = [
    Entry(
        "unknown_sku",
        _("Vinoshipper does not know one of the SKUs."),
        _("The SKU in the store is not the SKU of an approved product in your Vinoshipper account."),
        (
            _("Compare the SKU on the order's line with the SKU in Vinoshipper; capitals and blanks count."),
            _("If the product has another SKU there, press Say which SKU it is: all that wait for it go."),
            _("If Vinoshipper does not have the product, register it there and wait for its approval."),
        ),
        place=Place.LISTINGS,
        groups_by=Subject.SKU,
        about=_("Vinoshipper does not know the SKU {subject}."),
    ),
    Entry(
        "ambiguous_sku",
        _("Vinoshipper has several products with one of the SKUs."),
        _("CrushSync never guesses which of them is meant."),
        (
            _("Give each product a SKU of its own at Vinoshipper."),
            _("Or press Say which SKU it is, and choose the one that is meant: the orders go then."),
        ),
        place=Place.LISTINGS,
        groups_by=Subject.SKU,
        about=_("Vinoshipper has several products with the SKU {subject}."),
    ),
    Entry(
        "sold_out",
        _("Vinoshipper has not enough of a product."),
        _("The stock that Vinoshipper counts is smaller than what was ordered."),
        (
            _("Correct the stock at Vinoshipper, or have the wine delivered there."),
            _("The order goes by itself once the product feed shows enough; Retry sends it at once."),
        ),
        place=Place.VINOSHIPPER,
        groups_by=Subject.SKU,
        about=_("Vinoshipper has not enough of {subject}."),
    ),
    Entry(
        "not_available",
        _("A product may not be shipped to this state."),
        _("Vinoshipper does not offer the product there: it is not registered or not allowed in the state."),
        (
            _("See at Vinoshipper where it is available, and register it for the state if you can."),
            _("The order goes by itself once the product feed shows it."),
            OR_CANCEL,
        ),
        place=Place.VINOSHIPPER,
        family=Family.AFTER_PURCHASE,
        groups_by=Subject.SKU,
        about=_("{subject} may not be shipped to this state."),
    ),
    Entry(
        "too_many_bottles",
        _("The order holds more bottles than your limit for a shipment."),
        _("The ship-to settings name a limit in bottles of 750 ml."),
        (
            _("Split the order in the store, or change the limit in the ship-to settings."),
            _("If a pack is counted wrongly, enter how many bottles it holds under Compliance, Pack sizes."),
            SWITCHED,
        ),
        place=Place.ACCOUNT,
    ),
    Entry(
        "nothing_charged",
        _("Nothing is charged for the goods of this order."),
        _("Vinoshipper takes no order for nothing, such as a gift or a replacement at no price."),
        (
            _("If the price is a mistake, correct the order in the store: it is sent by itself then."),
            _("Otherwise enter the order at Vinoshipper by hand, and press Don't Send here."),
        ),
        acts=("dont-send",),
    ),
    Entry(
        "discount_too_large",
        _("The discount is larger than Vinoshipper allows."),
        _("Vinoshipper takes no order with more than 60 % off its products."),
        (
            _("Lower the discount on the order in the store: it is sent by itself then."),
            _("Otherwise ask Vinoshipper how to enter it, and press Don't Send here."),
        ),
        acts=("dont-send",),
    ),
    Entry(
        "odd_order",
        _("The store's answer about this order cannot be right."),
        _("A quantity, an amount or another detail is missing or makes no sense; sending would be a guess."),
        (
            _("Look at the details shown with the order, and at the order in the store."),
            _("Mend the order in the store, or ship it by hand and press Don't Send."),
        ),
        acts=("dont-send",),
    ),
]
OF_PEOPLE = [
    Entry(
        "birth_date_missing",
        _("The order has no birth date."),
        _("Vinoshipper verifies the age by name and address alone then, which fails more often."),
        (
            _("Nothing has to be done for this order unless the age verification fails."),
            _("To have it with every order, name the store's birth date field in the store's settings."),
        ),
        place=Place.STORE,
    ),
    Entry(
        "birth_date_future",
        _("The birth date is not in the past."),
        _("It was mistyped, most often in the year."),
        (_("Ask the customer and correct the birth date on the order in the store: it is sent then."),),
        Owner.CUSTOMER,
    ),
    Entry(
        "birth_date_unclear",
        _("The birth date can be read in two ways, or not at all."),
        _("The store passes it as text. CrushSync does not guess."),
        (
            _(
                "If this store always writes the day first (or the month first), say so in the store's"
                " settings."
            ),
            _("Otherwise correct the birth date on the order in the store, best as 1980-05-04."),
        ),
        place=Place.STORE,
    ),
    Entry(
        "under_age",
        _("The birth date says the customer is under 21."),
        _("Nobody under 21 may receive wine in the United States."),
        (_("If the birth date was mistyped, have it corrected in the store."), OR_CANCEL),
        Owner.CUSTOMER,
    ),
    Entry(
        "name_too_long",
        _("The recipient's name is longer than a shipping label."),
        _("The carrier cuts it off, and the parcel may not be handed over."),
        (_("Shorten the name on the order in the store."), SWITCHED),
    ),
    Entry(
        "phone_odd",
        _("There is no usable telephone number."),
        _("Carriers call before they deliver wine, as an adult has to sign."),
        (_("Add the telephone number to the order in the store."), SWITCHED),
    ),
]
OF_PLACES = [
    Entry(
        "address_incomplete",
        _("The delivery address is not complete."),
        _("Vinoshipper needs name, street, city, state, ZIP code and an e-mail address."),
        (_("Complete the address on the order in the store: the order is sent by itself then."),),
    ),
    Entry(
        "zip_malformed",
        _("The ZIP code cannot be right."),
        _("A ZIP code of the United States has five digits, or nine."),
        (GOES_WHEN_MENDED,),
    ),
    Entry(
        "zip_elsewhere",
        _("ZIP code and state contradict each other."),
        _("The ZIP code belongs to another state; one of the two was mistyped."),
        (ASK, GOES_WHEN_MENDED),
    ),
    Entry(
        "po_box",
        _("Wine cannot be delivered to a PO box."),
        _("An adult has to sign for it at the door."),
        (ASK, GOES_WHEN_MENDED),
        Owner.CUSTOMER,
    ),
    Entry(
        "military_address",
        _("Wine cannot be delivered to a military post office."),
        _("The carriers that deliver wine do not go there."),
        (ASK, GOES_WHEN_MENDED),
        Owner.CUSTOMER,
    ),
    Entry(
        "access_point_unknown",
        _("The customer fetches it at a pickup point, and nobody says at which."),
        _("Vinoshipper needs the id of the UPS Access Point; it is no attribute of the order."),
        (
            _("Write the id on the order in the store as UPS_Access_Point_ID: it is sent by itself then."),
            _("If an app writes it under another name, say so in the store's settings here."),
            SWITCHED,
        ),
        place=Place.STORE,
    ),
    Entry(
        "street_too_long",
        _("A line of the street address is longer than a shipping label."),
        _("The carrier cuts it off, and the parcel may not arrive."),
        (_("Split or shorten the line on the order in the store."), SWITCHED),
    ),
]
OF_SETTINGS = [
    Entry(
        "no_account",
        _("This store has no Vinoshipper account to ship with."),
        _("None is chosen in the store's settings, or it is switched off."),
        (_("Open the store's settings and choose the account under Ships with: its orders go then."),),
        place=Place.STORE,
        groups_by=Subject.CONNECTION,
        about=_("The store {subject} has no Vinoshipper account to ship with."),
    ),
]
BLOCKED = [*OF_GOODS, *OF_PEOPLE, *OF_PLACES, *OF_SETTINGS]
