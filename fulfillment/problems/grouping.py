"""Many orders, one cause, one fix: "12 orders wait for SKU PN-22"."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compliance.catalog import nearest
from compliance.models import CatalogProduct
from compliance.problems import Entry, Family, Subject, entry
from crushsync.accounts.models import VinoshipperAccount, Winery
from fulfillment.listings import map_sku
from fulfillment.models import Problem
from fulfillment.refusals import NotAllowed
from orders.models import EventKind, OrderEvent, Store


@dataclass(frozen=True, slots=True)
class Group:
    """The open problems of a winery with one code and one subject."""

    winery_id: int
    code: str
    subject: str
    family: Family
    count: int
    oldest: datetime

    @property
    def entry(self) -> Entry:
        return entry(self.code)

    @property
    def sentence(self) -> str:
        return self.entry.say(self.subject)

    @property
    def title(self) -> str:
        """Its size and its sentence; one alone is not counted."""
        if self.count == 1:
            return self.sentence
        text = ngettext("%(count)d order: %(what)s", "%(count)d orders: %(what)s", self.count)
        return text % {"count": self.count, "what": self.sentence}

    @property
    def maps_sku(self) -> bool:
        """Whether saying which SKU is meant mends it."""
        return self.entry.groups_by == Subject.SKU and bool(self.subject) and self.code in MAPPED


MAPPED = frozenset({"unknown_sku", "ambiguous_sku"})


def awake(rows: QuerySet[Problem], now: datetime) -> QuerySet[Problem]:
    """Those of the rows that are open and not snoozed."""
    return rows.filter(Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now), closed_at__isnull=True)


def groups(rows: QuerySet[Problem], most: int | None = None) -> list[Group]:
    """The rows by cause, the largest first, in one query; only the first `most` where that is given."""
    found = rows.order_by().values("winery", "code", "subject").annotate(
        count=Count("pk"), oldest=Min("opened_at"), kind=Min("family")
    )  # fmt: skip
    return [
        Group(row["winery"], row["code"], row["subject"], Family(row["kind"]), row["count"], row["oldest"])
        for row in found.order_by("-count", "oldest")[:most]
    ]


def of_group(rows: QuerySet[Problem], code: str, subject: str) -> QuerySet[Problem]:
    """The open rows of one group."""
    return rows.filter(closed_at__isnull=True, code=code, subject=subject)


def suggestions(winery: Winery, subject: str, written: str = "") -> list[str]:
    """The SKUs at Vinoshipper that look most like what was `written`, then like the group's, best first.

    They are from all accounts it may go to.
    """
    accounts = (
        VinoshipperAccount.objects.filter(stores__in=_stores(winery, subject)).distinct().order_by("pk")
    )
    meant = dict.fromkeys(name for name in (written, subject) if name)
    found = dict.fromkeys(sku for name in meant for account in accounts for sku in nearest(account, name))
    return [sku for sku in found if sku not in meant]  # the very one is there and names several products


def map_group(winery: Winery, subject: str, destination_sku: str, *, actor: str) -> int:
    """Say which SKU at Vinoshipper the group's is, in every store that waits; how many orders go again.

    Raises NotAllowed for none, and for one that the product feed does not have, or has of several products.
    """
    sku = destination_sku.strip()
    if not sku:
        raise NotAllowed(_("Enter the SKU that the product has at Vinoshipper."))
    with transaction.atomic():
        stores = list(_stores(winery, subject))
        for store in stores:
            if refusal := _why_not(store, sku):
                raise NotAllowed(refusal)
        told = _("SKU %(sku)s is %(theirs)s at Vinoshipper.") % {"sku": subject, "theirs": sku}
        waiting = _waiting(winery, subject).values_list("order", flat=True).distinct()
        OrderEvent.objects.bulk_create(
            OrderEvent(order_id=order, kind=EventKind.ACTED, code="map-sku", actor=actor, sentence=told)
            for order in list(waiting)
        )
        return sum(map_sku(store, subject, sku) for store in stores)


def _why_not(store: Store, sku: str) -> str:
    """Why the SKU can be nobody's there; "" if it can, or the feed is not known."""
    known = CatalogProduct.objects.filter(account=store.vinoshipper_account_id)
    count = known.filter(sku=sku).count()
    if count > 1:
        told = _("Vinoshipper has %(count)s products with the SKU %(sku)s.")
        return told % {"count": count, "sku": sku}
    if not count and known.exists():
        return _("Vinoshipper has no product with the SKU %(sku)s.") % {"sku": sku}
    return ""


def _waiting(winery: Winery, subject: str) -> QuerySet[Problem]:
    return Problem.objects.filter(
        winery=winery, code__in=MAPPED, subject=subject, closed_at__isnull=True, order__isnull=False
    )


def _stores(winery: Winery, subject: str) -> QuerySet[Store]:
    """The stores whose orders wait for the SKU."""
    ids = _waiting(winery, subject).values("order__store")
    return Store.objects.filter(pk__in=ids).select_related("vinoshipper_account").order_by("pk")
