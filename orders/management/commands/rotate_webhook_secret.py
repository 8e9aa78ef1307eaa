"""``manage.py rotate_webhook_secret``"""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError

from crushsync.accounts.people import winery_called
from crushsync.lib.commands import ServiceCommand, add_secrets_argument, secrets
from orders.connecting import drop_old_secrets, rotate_secret
from orders.finding import store_called

VARIABLES = {"webhook_secret": "CRUSHSYNC_WEBHOOK_SECRET"}


class Command(ServiceCommand):
    help = (
        "Takes a store's new webhook secret beside the old one: for an hour a shop may sign with either. The "
        "secret comes from CRUSHSYNC_WEBHOOK_SECRET or from standard input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--winery", required=True, metavar="SLUG")
        parser.add_argument("--store", required=True, metavar="NAME")
        parser.add_argument("--drop-old", action="store_true", help="end it: only the newest secret is good")
        add_secrets_argument(parser, VARIABLES)

    def run(self, **options: Any) -> str:
        store = store_called(winery_called(options["winery"]), options["store"])
        if options["drop_old"]:
            drop_old_secrets(store)
            return f"{store.name} takes webhooks of one secret only."
        given = secrets(VARIABLES, from_stdin=options["credentials_stdin"]).get("webhook_secret", "").strip()
        if not given:
            raise ValidationError("No new secret was given.")
        rotate_secret(store, given)
        return f"{store.name} takes webhooks of the new and of the old secret. End it with --drop-old."
