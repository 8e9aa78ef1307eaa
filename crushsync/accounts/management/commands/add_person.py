"""``manage.py add_person``"""

import os
import secrets
import sys
from argparse import ArgumentParser
from typing import Any

from crushsync.accounts.models import Role
from crushsync.accounts.people import add_person, has_login, winery_called
from crushsync.lib.commands import ServiceCommand

PASSWORD = "CRUSHSYNC_PASSWORD"  # noqa: S105 - the variable's name


class Command(ServiceCommand):
    help = f"Gives somebody a role at a winery. A new login's password comes from {PASSWORD} or is made up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--winery", required=True, metavar="SLUG")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--password-stdin", action="store_true", help="read it from standard input")

    def run(self, *, username: str, winery: str, role: str, password_stdin: bool, **_: Any) -> str:
        given = sys.stdin.readline().rstrip("\n") if password_stdin else os.environ.get(PASSWORD, "")
        made_up = "" if given or password_stdin or has_login(username) else secrets.token_urlsafe(15)
        membership = add_person(username, winery_called(winery), role, given or made_up)
        told = f" Their password, shown only now: {made_up}" if made_up else ""
        return f"{username} is {membership.get_role_display()} of {membership.winery.name}.{told}"
