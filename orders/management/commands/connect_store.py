"""``manage.py connect_store``"""

from argparse import ArgumentParser, BooleanOptionalAction
from typing import Any

from django.core.exceptions import ValidationError

from crushsync.accounts import connections
from crushsync.accounts.models import Winery
from crushsync.accounts.people import winery_called
from crushsync.lib.commands import ServiceCommand, add_secrets_argument, moment, moment_at, secrets
from orders.connecting import connect, keep
from orders.models import Store
from orders.storefronts.registry import STOREFRONTS
from orders.stores import webhook_url
from orders.watch import notes

CREDENTIALS = sorted({name for shop in STOREFRONTS.values() for name in shop.credential_fields})
VARIABLES = {name: f"CRUSHSYNC_{name.upper()}" for name in CREDENTIALS}


class Command(ServiceCommand):
    help = (
        "Connects a store, or changes one that is connected. Credentials come from "
        f"{', '.join(VARIABLES.values())} or from standard input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--winery", required=True, metavar="SLUG")
        parser.add_argument("--platform", required=True, choices=STOREFRONTS)
        parser.add_argument("--name", required=True)
        parser.add_argument("--base-url", help="the shop's own address, https://<shop>.myshopify.com")
        parser.add_argument("--vinoshipper", metavar="NAME", help="the account that ships its orders")
        parser.add_argument(
            "--starts-at", type=moment, metavar="DAY", help="no order before this is sent, such as 2026-12-01"
        )
        parser.add_argument(
            "--send-after", type=int, metavar="SECONDS", help="how long a new order waits before it is sent"
        )
        parser.add_argument("--notify-customer", action=BooleanOptionalAction)
        parser.add_argument(
            "--marks", action=BooleanOptionalAction, help="show the shop's staff how orders stand"
        )
        parser.add_argument("--send-test-orders", action=BooleanOptionalAction)
        parser.add_argument(
            "--forget",
            action="append",
            default=[],
            choices=CREDENTIALS,
            help="a credential to drop, such as the fixed access token when client credentials come",
        )
        parser.add_argument("--no-check", action="store_true", help="save without asking the store")
        add_secrets_argument(parser, CREDENTIALS)

    def run(self, **options: Any) -> str:
        winery, ships_with = winery_called(options["winery"]), options["vinoshipper"]
        starts_at = options["starts_at"] and moment_at(winery.time_zone, options["starts_at"])
        account = None if ships_with is None else connections.account_called(winery, ships_with)
        store = connections.describe(
            Store,
            winery,
            options["name"],
            {
                "platform": _platform(winery, options["name"], options["platform"]),
                "base_url": options["base_url"],
                "vinoshipper_account": account,
                "starts_at": starts_at,
                "send_after": options["send_after"],
                "notify_customer": options["notify_customer"],
                "shows_marks": options["marks"],
                "sends_test_orders": options["send_test_orders"],
            },
            secrets(VARIABLES, from_stdin=options["credentials_stdin"]),
        )
        store.credentials = {k: v for k, v in store.credentials.items() if k not in options["forget"]}
        if options["no_check"]:
            keep(store)
            return f"{store.name} is saved, unchecked. Webhooks come to {webhook_url(store)}"
        report = connect(store)
        said = [f"{store.name} is connected to {report.name}.", *notes(store)]
        return " ".join([*said, f"Webhooks come to {webhook_url(store)}"])


def _platform(winery: Winery, name: str, platform: str) -> str:
    known = Store.objects.filter(winery=winery, name=name).values_list("platform", flat=True).first()
    if known not in (None, platform):
        raise ValidationError(f"{name} is a {known} store and stays one. Give the new store another name.")
    return platform
