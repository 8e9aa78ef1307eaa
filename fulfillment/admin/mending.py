"""The page of ours on which a problem's cause is mended."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from compliance.problems import Family, Place, entry
from crushsync.accounts.models import VinoshipperAccount
from fulfillment.models import Problem
from fulfillment.problems.grouping import MAPPED
from orders.models import Store


@dataclass(frozen=True)
class Mending:
    label: str
    url: str


def mending_of(row: Problem) -> Mending | None:
    """Where to go; None where it is mended outside, or on the problem's own page."""
    if entry(row.code).place == Place.ENDPOINT:
        return _endpoint(row)
    if row.family == Family.CONNECTION:
        return _connection(row)
    if row.code in MAPPED and row.subject:
        return Mending(_("Say which SKU it is"), cause_url(row.winery_id, row.code, row.subject))
    store = row.order.store if row.order else None
    account = store.vinoshipper_account if store else None
    match entry(row.code).place:
        case Place.STORE if store:
            return _page(store)
        case Place.ACCOUNT if account:
            label = _("Ship-to settings of %(account)s") % {"account": account.name}
            return Mending(label, reverse("ship-to-settings", args=[account.pk]))
        case _:
            return None


def cause_url(winery_id: int, code: str, about: str) -> str:
    """The page of a cause, with all that wait for the same."""
    page = reverse("admin:fulfillment_problem_cause", args=[winery_id, code])
    return f"{page}?{urlencode({'about': about})}"


def _connection(row: Problem) -> Mending | None:
    """The store or account that its winery calls so."""
    for model in (Store, VinoshipperAccount):
        found = model.objects.filter(winery=row.winery_id, name=row.subject).first()
        if found:
            return _page(found)
    return None


def _endpoint(row: Problem) -> Mending:
    """Found by its name: whom we tell is known in the room above."""
    page = reverse("admin:notifications_endpoint_changelist")
    return Mending(
        _("Webhook endpoint %(name)s") % {"name": row.subject}, f"{page}?{urlencode({'name': row.subject})}"
    )


def _page(connection: Store | VinoshipperAccount) -> Mending:
    meta = type(connection)._meta
    page = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[connection.pk])
    return Mending(_("Settings of %(connection)s") % {"connection": connection.name}, page)
