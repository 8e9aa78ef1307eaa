"""``manage.py check_connection``"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db.models import Q

from compliance.catalog import client
from compliance.connecting import check
from crushsync.accounts.connections import account_called
from crushsync.accounts.models import VinoshipperAccount
from crushsync.accounts.people import winery_called
from crushsync.lib.commands import ServiceCommand
from crushsync.vinoshipper.types import Progress
from fulfillment.models import FulfillmentOrder, SyncStatus


class Command(ServiceCommand):
    help = (
        "Looks at a Vinoshipper account and names what is wrong with it, with exit status 1. Changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--winery", required=True, metavar="SLUG")
        parser.add_argument("--name", required=True, help="of the Vinoshipper account")

    def run(self, **options: Any) -> str:
        account = account_called(winery_called(options["winery"]), options["name"])
        checked = check(account)
        wrong = [*checked.wrong, *_unpaid(account)]
        if checked.producer:  # with wrong keys there is nobody to ask
            wrong += _not_counted(account)
        if wrong:
            raise CommandError("\n".join(wrong))
        return f"{account.name} is in order: {checked.producer}, {checked.products} products."


def _not_counted(account: VinoshipperAccount) -> list[str]:
    """Of the newest orders at Vinoshipper those that are ours by their number, and count as not sent here."""
    ours = tuple(f"{prefix}-" for prefix in account.stores.values_list("number_prefix", flat=True))
    newest = client(account).search(pages=1)
    there = [
        row.number for row in newest if row.progress != Progress.CANCELLED and row.number.startswith(ours)
    ]
    sent = Q(status__in=(SyncStatus.SENT, SyncStatus.UNKNOWN)) | Q(is_call_open=True)
    counted = set(
        FulfillmentOrder.objects.filter(sent, account=account, number__in=there).values_list(
            "number", flat=True
        )
    )
    lost = [number for number in there if number not in counted]
    if not lost:
        return []
    return [
        f"Orders: {', '.join(lost)} stand at Vinoshipper and count as not sent here. Void them there, or "
        "press Retry on their orders: what stands there already is taken over and not sent twice."
    ]


def _unpaid(account: VinoshipperAccount) -> list[str]:
    """Whether cash payment is enabled cannot be asked: refused orders tell.

    https://vinoshipper.freshdesk.com/support/solutions/articles/9000216241-processing-shipment-orders-paid-for-in-a-different-pos
    """
    refused = FulfillmentOrder.objects.filter(account=account, attention_code="payment_missing").count()
    if not refused:
        return []
    return [
        f"Payment: Vinoshipper did not take {refused} of the orders as paid: cash payment (ACH) is not "
        "enabled for this account. Ask Vinoshipper to enable it."
    ]
