"""What the catalogue says of one problem."""

from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crushsync.lib.states import state_name

Text = str | Promise  # lazily translated


class Family(models.TextChoices):
    """The kinds that staff tell apart: each is looked for in another place."""

    NEVER_REACHED = "never_reached", _("Never reached Vinoshipper")  # nothing stands there under its number
    HAS_ISSUE = "has_issue", _("Reached Vinoshipper, but has an issue")
    AFTER_PURCHASE = "after_purchase", _("Compliance failed after purchase")
    REPORT = "report", _("Not shown in the store")
    LATE = "late", _("Late")
    CONNECTION = "connection", _("Connection")
    STOCK = "stock", _("Stock")


class Owner(models.TextChoices):
    """Who can solve it."""

    WINERY = "winery", _("the winery")
    CUSTOMER = "customer", _("the customer")
    VINOSHIPPER = "vinoshipper", _("Vinoshipper")
    OPERATOR = "operator", _("whoever runs CrushSync")


class Subject(StrEnum):
    """What the same problem of several orders can have in common: what it is grouped by."""

    NOTHING = ""
    SKU = "sku"
    STATE = "state"
    CONNECTION = "connection"


class Place(StrEnum):
    """Where it is solved: the page that the problem links to."""

    ORDER_IN_STORE = "order_in_store"
    VINOSHIPPER = "vinoshipper"
    LISTINGS = "listings"  # the rest are pages of ours
    STORE = "store"
    ACCOUNT = "account"
    ENDPOINT = "endpoint"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Entry:
    """One problem: what staff read, why it happened, what to do, who can do it."""

    code: str
    sentence: Text
    cause: Text
    steps: tuple[Text, ...]
    owner: Owner = Owner.WINERY
    place: Place = Place.ORDER_IN_STORE
    family: Family | None = None  # None: never reached or has an issue, as the order stands
    groups_by: Subject = Subject.NOTHING
    about: Text = ""  # the sentence with its subject in it, as {subject}
    goes_alone: bool = True  # goes on by itself once the cause is gone
    acts: tuple[str, ...] = ()  # the acts on the order that its steps name, besides Retry
    by_hand: bool = False  # a person may declare it settled: nothing outside will say so
    needs_person: bool = True  # False: a state that is right as it is, explained like the others

    def say(self, subject: str = "") -> str:
        """The sentence, with what it is about where that is known."""
        if not subject or not self.about:
            return str(self.sentence)
        named = state_name(subject) if self.groups_by == Subject.STATE else subject
        return str(self.about).format(subject=named)
