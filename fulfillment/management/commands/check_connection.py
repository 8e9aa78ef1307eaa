"""``manage.py check_connection``"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from compliance.connecting import check
from crushsync.accounts.connections import account_called
from crushsync.accounts.models import VinoshipperAccount
from crushsync.accounts.people import winery_called
from crushsync.lib.commands import ServiceCommand
from fulfillment.models import FulfillmentOrder


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
        if wrong:
            raise CommandError("\n".join(wrong))
        return f"{account.name} is in order: {checked.producer}, {checked.products} products."


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
