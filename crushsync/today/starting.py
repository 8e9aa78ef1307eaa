"""The steps of a winery that has just begun, until its first order is at Vinoshipper."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from compliance.models import CatalogProduct
from crushsync.accounts.models import VinoshipperAccount
from crushsync.accounts.roles import Person
from fulfillment.models import FulfillmentOrder, SyncStatus
from orders.models import Store


@dataclass(frozen=True)
class Step:
    title: str
    text: str
    url: str
    is_done: bool


def steps(user: Person) -> list[Step]:
    """All of them, or none once the first order has gone."""
    if FulfillmentOrder.objects.visible_to(user).filter(status=SyncStatus.SENT).exists():
        return []
    stores = Store.objects.visible_to(user)
    accounts = VinoshipperAccount.objects.visible_to(user)
    return [
        Step(
            _("Connect the store"),
            _("Whoever runs CrushSync names it; enter its credentials, or install the app, on its page."),
            reverse("admin:orders_store_changelist"),
            stores.exclude(last_ok_at=None).exists(),
        ),
        Step(
            _("Connect the Vinoshipper account"),
            _("Enter the API key that Vinoshipper shows under Account, Integrations, API Keys."),
            reverse("admin:accounts_vinoshipperaccount_changelist"),
            accounts.exclude(last_ok_at=None).exists(),
        ),
        Step(
            _("Choose the states you ship to"),
            _("Orders to other states are not sent, and nobody is bothered with them."),
            reverse("ship-to"),
            accounts.exclude(ship_to_states=[]).exists(),
        ),
        Step(
            _("See that the SKUs are the same"),
            _("Vinoshipper's products are read by themselves. Say so where the store names one differently."),
            reverse("admin:compliance_catalogproduct_changelist"),
            CatalogProduct.objects.visible_to(user).exists(),
        ),
        Step(
            _("Try one order"),
            _("Switch on “send test orders” at the store, place one there, and watch it here."),
            reverse("admin:orders_order_changelist"),
            False,
        ),
    ]
