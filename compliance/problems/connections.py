"""Connections that refuse us: their account pauses, everything else goes on. And those that we tell."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from compliance.problems.entries import Entry, Family, Owner, Place, Subject

_Entry = partial(Entry, family=Family.CONNECTION, groups_by=Subject.CONNECTION, place=Place.ACCOUNT)
GOES_ON = _("Nothing is lost: what waits goes on by itself once the connection works.")

CONNECTIONS = [
    _Entry(
        "credentials",
        _("A connection's credentials are not accepted."),
        _("The key, the secret or the token is wrong, or was revoked."),
        (_("Enter valid credentials on the connection's page."), GOES_ON),
        about=_("The credentials of {subject} are not accepted."),
    ),
    _Entry(
        "permission",
        _("A connection's credentials lack a permission."),
        _("The other side knows us, and does not permit what orders need."),
        (_("Grant the permission there, or enter credentials that have it."), GOES_ON),
        about=_("The credentials of {subject} lack a permission."),
    ),
    _Entry(
        "not_json",
        _("A connection answers with a web page instead of data."),
        _("The credentials are wrong, or the address leads to a web page."),
        (_("Check address and credentials on the connection's page."), GOES_ON),
        about=_("{subject} answers with a web page instead of data."),
    ),
    _Entry(
        "redirect",
        _("A connection sends us to another address."),
        _("The address of the connection is no longer the right one. CrushSync never takes keys elsewhere."),
        (_("Correct the address on the connection's page."), GOES_ON),
        about=_("{subject} sends us to another address."),
    ),
    _Entry(
        "bad_url",
        _("A connection's address is no web address."),
        _("It has to begin with https:// and name a host."),
        (_("Correct the address on the connection's page."), GOES_ON),
        about=_("The address of {subject} is no web address."),
    ),
    _Entry(
        "insecure_url",
        _("A connection's address is not secure."),
        _("Credentials travel over https:// only."),
        (_("Correct the address on the connection's page."), GOES_ON),
        about=_("The address of {subject} is not secure."),
    ),
    _Entry(
        "address",
        _("There is no shop at a store's address."),
        _("The address was mistyped, or the shop was closed or renamed."),
        (_("Correct the store's address."), GOES_ON),
        about=_("There is no shop at the address of {subject}."),
    ),
    _Entry(
        "platform",
        _("There is no connector for a store's platform."),
        _("The store names a platform that this version of CrushSync does not know."),
        (_("Tell whoever runs CrushSync."), GOES_ON),
        Owner.OPERATOR,
        about=_("There is no connector for the platform of {subject}."),
    ),
    _Entry(
        "uninstalled",
        _("CrushSync was removed from a store."),
        _("Somebody removed the app in the shop's own admin."),
        (_("Install it again from the store's page here."), GOES_ON),
        about=_("CrushSync was removed from {subject}."),
    ),
    _Entry(
        "refresh_refused",
        _("A store's access has ended and cannot be renewed."),
        _("The key to the next access token was refused."),
        (_("Install the app again from the store's page."), GOES_ON),
        about=_("The access to {subject} has ended and cannot be renewed."),
    ),
    _Entry(
        "no_answer_in_a_row",
        _("A connection does not answer."),
        _("Several calls in a row failed. One call at a time tries whether it works again."),
        (
            _("See whether the other side works in your browser, or names a disturbance."),
            GOES_ON,
        ),
        Owner.VINOSHIPPER,
        about=_("{subject} does not answer."),
    ),
    _Entry(
        "paused",
        _("A connection refuses us."),
        _("What it said is shown with the connection, whole."),
        (_("Read what they said, and mend it on the connection's page or there."), GOES_ON),
        about=_("{subject} refuses us."),
    ),
]
ENDPOINTS = [
    _Entry(
        "endpoint_off",
        _("A webhook endpoint was switched off."),
        _("What it was told did not come through for days, or it answered that nobody wants it any more."),
        (
            _("Find out there why it does not take what it is sent; its deliveries show what it answered."),
            _("Switch it on again on its page here, and send a test."),
            _("Replay what it missed: everything is kept for 30 days."),
        ),
        place=Place.ENDPOINT,
        about=_("The webhook endpoint {subject} was switched off."),
        goes_alone=False,
    ),
]
