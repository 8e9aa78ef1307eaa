"""Setting up a winery's Vinoshipper account: prove the credentials, subscribe, name what is wrong."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from compliance.catalog import client
from crushsync.accounts import connections
from crushsync.accounts.models import VinoshipperAccount
from crushsync.lib.errors import ConnectionProblem, SyncError
from crushsync.lib.states import state_name
from crushsync.vinoshipper.client import Vinoshipper
from crushsync.vinoshipper.types import ProductFeed

SUBJECT = "ORDER"
# Where an account has no webhooks, Vinoshipper enables them on request:
# https://developer.vinoshipper.com/reference/webhooks
NO_WEBHOOKS = lazy(
    "Webhooks are not enabled for this account: ask customerservice@vinoshipper.com to enable them. "
    "Until then news come only as often as CrushSync looks."
)
# What the keys' own failures mean, by the code of the error.
WRONG = {
    "credentials": lazy("Keys: Vinoshipper did not accept the API key and secret."),
    "not_json": lazy(
        "Keys: Vinoshipper showed its sign-in page: the API key or secret is wrong, or the address."
    ),
    "permission": lazy("Permission: the API key is right and is not permitted to read the account."),
}


@dataclass(frozen=True, slots=True)
class Connected:
    producer: str
    products: int
    states: tuple[str, ...]  # where Vinoshipper says this producer may ship to
    wrong: tuple[str, ...] = ()  # what is to be mended, each in a sentence


def hint_url(account: VinoshipperAccount) -> str:
    """Where Vinoshipper is to send its webhooks; the path is the secret."""
    return f"{settings.BASE_URL}/webhooks/vinoshipper/{account.hint_key}/"


def connect(account: VinoshipperAccount) -> Connected:
    """Prove that the account works, make it ready and save its settings; its product feed is read now.

    Raises what the client raises, with a sentence that says what is wrong; nothing is saved then. What does
    not keep orders from going, such as webhooks that are not enabled, is told in `wrong`.
    """
    vinoshipper = client(account)
    profile = vinoshipper.profile()
    account.producer_id = account.producer_id or profile.id
    wrong = [] if _subscribe(vinoshipper, hint_url(account)) else [str(NO_WEBHOOKS)]
    feed = client(account).product_feed()
    connections.keep(account)
    return Connected(profile.name, len(feed.products), feed.states, (*wrong, *_gaps(account, feed)))


def check(account: VinoshipperAccount) -> Connected:
    """Look at everything an account needs and name what is wrong. Changes nothing, here or there.

    Raises what the client raises where Vinoshipper cannot be reached at all.
    """
    vinoshipper = client(account)
    try:
        profile = vinoshipper.profile()
    except ConnectionProblem as problem:
        return Connected("", 0, (), (str(WRONG.get(problem.code, problem.sentence)),))
    feed = vinoshipper.product_feed()
    wrong = [*_missing_webhook(vinoshipper, hint_url(account)), *_gaps(account, feed)]
    if not vinoshipper.shippers():
        wrong.append(_("No carrier is active at Vinoshipper."))
    return Connected(profile.name, len(feed.products), feed.states, tuple(wrong))


def _subscribe(vinoshipper: Vinoshipper, url: str) -> bool:
    """Whether Vinoshipper will tell us news; False where webhooks are not enabled."""
    try:
        if not any(found.url == url and found.subject == SUBJECT for found in vinoshipper.webhooks()):
            vinoshipper.add_webhook(SUBJECT, url)
    except ConnectionProblem as problem:
        if problem.code != "permission":
            raise
        return False
    return True


def _missing_webhook(vinoshipper: Vinoshipper, url: str) -> list[str]:
    try:
        found = vinoshipper.webhooks()
    except SyncError as error:
        return [str(NO_WEBHOOKS) if error.code == "permission" else error.sentence]
    if any(webhook.url == url and webhook.subject == SUBJECT for webhook in found):
        return []
    return [
        _("Vinoshipper does not send its webhooks to %(address)s: run connect_vinoshipper again.")
        % {"address": settings.BASE_URL}
    ]


def _gaps(account: VinoshipperAccount, feed: ProductFeed) -> list[str]:
    """What orders will meet: no product to ship, or states that only one side has selected."""
    gaps = []
    if not feed.products:
        gaps.append(_("Products: Vinoshipper has no approved product of this account."))
    if elsewhere := sorted(set(account.ship_to_states) - set(feed.states)):
        told = _("States: selected here and not at Vinoshipper: %(list)s.")
        gaps.append(told % {"list": ", ".join(map(state_name, elsewhere))})
    if not account.ship_to_states:
        gaps.append(_("States: none is selected here, so no order is sent."))
    return gaps
