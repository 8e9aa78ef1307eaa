"""``manage.py connect_vinoshipper``"""

from argparse import ArgumentParser, BooleanOptionalAction
from typing import Any

from django.core.exceptions import ValidationError

from compliance.connecting import connect, hint_url
from crushsync.accounts import connections
from crushsync.accounts.models import VinoshipperAccount
from crushsync.accounts.people import winery_called
from crushsync.lib.commands import ServiceCommand, add_secrets_argument, secrets
from crushsync.lib.states import STATES

VARIABLES = {"api_key": "CRUSHSYNC_VINOSHIPPER_KEY", "api_secret": "CRUSHSYNC_VINOSHIPPER_SECRET"}
PRODUCTION = "https://vinoshipper.com"


class Command(ServiceCommand):
    help = (
        "Connects a Vinoshipper account, or changes one that is connected. Credentials come from "
        f"{' and '.join(VARIABLES.values())} or from standard input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--winery", required=True, metavar="SLUG")
        parser.add_argument("--name", required=True)
        parser.add_argument("--base-url", help=f"a new account's is {PRODUCTION} unless given")
        parser.add_argument("--states", metavar="CA,TX,...", help="where its orders may go")
        parser.add_argument("--send-days-ahead", type=int)
        parser.add_argument("--customer-mails", action=BooleanOptionalAction)
        parser.add_argument("--report-at-label", action=BooleanOptionalAction)
        parser.add_argument(
            "--ships-itself", action=BooleanOptionalAction, help="the winery ships, under their license"
        )
        parser.add_argument("--no-check", action="store_true", help="save without asking Vinoshipper")
        add_secrets_argument(parser, VARIABLES)

    def run(self, **options: Any) -> str:
        winery = winery_called(options["winery"])
        is_new = not VinoshipperAccount.objects.filter(winery=winery, name=options["name"]).exists()
        account = connections.describe(
            VinoshipperAccount,
            winery,
            options["name"],
            {
                "base_url": options["base_url"] or (PRODUCTION if is_new else None),
                "ship_to_states": None if options["states"] is None else _states(options["states"]),
                "send_days_ahead": options["send_days_ahead"],
                "customer_mails": options["customer_mails"],
                "report_at_label": options["report_at_label"],
                "ships_itself": options["ships_itself"],
            },
            secrets(VARIABLES, from_stdin=options["credentials_stdin"]),
        )
        if lacking := [variable for name, variable in VARIABLES.items() if not account.credentials.get(name)]:
            raise ValidationError(f"No credentials are known yet. Give {' and '.join(lacking)}.")
        if options["no_check"]:
            connections.keep(account)
            return f"{account.name} is saved, unchecked. Webhooks come to {hint_url(account)}"
        done = connect(account)
        told = f"{account.name} is connected to {done.producer}, {done.products} products."
        return "\n".join([told, *done.wrong])


def _states(text: str) -> list[str]:
    codes = sorted({code.strip().upper() for code in text.split(",") if code.strip()})
    unknown = [code for code in codes if code not in STATES]
    if unknown:
        raise ValidationError(f"These are no states: {', '.join(unknown)}. Write them like CA,TX.")
    return codes
