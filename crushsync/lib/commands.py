"""What all commands share: how they fail, and where secrets come from."""

import getpass
import json
import os
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from crushsync.lib.errors import SyncError
from crushsync.lib.keys import verify_start
from crushsync.lib.schema import database_away


class ServiceCommand(BaseCommand):
    """Parses, calls a service, prints what `run` returns. What a person can mend is one line and exit 1."""

    requires_system_checks: list[str] = []
    asks_the_database = True
    run: Callable[..., str]  # takes the options by name, returns what was done

    def handle(self, *args: Any, **options: Any) -> str:
        try:
            if self.asks_the_database:
                verify_start()
            return self.run(**options)
        except ValidationError as error:
            raise CommandError(_sentences(error)) from error
        except SyncError as error:
            raise CommandError(error.sentence) from error
        except (ObjectDoesNotExist, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            raise CommandError(database_away(error)) from error


def _sentences(error: ValidationError) -> str:
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(
        message if name == "__all__" else f"{name.replace('_', ' ')}: {message}"
        for name, messages in error.message_dict.items()
        for message in messages
    )


def at_the_prompt() -> str:
    """Who is at this machine's prompt, as an order's history shows it."""
    return f"{getpass.getuser()} (command)"


def moment(text: str) -> datetime:
    """ISO 8601, of which a day is enough. Argparse tells what is wrong with anything else."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(
            f"'{text}' is no day or time. Write it like 2026-12-01 or 2026-12-01T08:00"
        ) from None


def moment_at(zone_name: str, given: datetime) -> datetime:
    """What was given without an offset is meant as the winery's clock shows it, as on its pages."""
    return given if given.tzinfo else given.replace(tzinfo=ZoneInfo(zone_name))


def seconds(text: str) -> float:
    """An argument that has to be above 0."""
    if not re.fullmatch(r"\d+(\.\d+)?", text) or not float(text):
        raise ArgumentTypeError(f"'{text}' is no number of seconds above 0")
    return float(text)


def add_secrets_argument(parser: ArgumentParser, names: Iterable[str]) -> None:
    parser.add_argument(
        "--credentials-stdin",
        action="store_true",
        help=f"read the credentials from standard input, as a JSON object with {', '.join(names)}",
    )


def secrets(variables: Mapping[str, str], *, from_stdin: bool) -> dict[str, str]:
    """The credentials given, by name, from standard input or from the environment; never from arguments.

    `variables`: name of the credential -> its environment variable. Raises ValidationError for what is no
    JSON object of these names; the text of the error repeats no value.
    """
    if not from_stdin:
        return {name: value for name, variable in variables.items() if (value := os.environ.get(variable))}
    try:
        given = json.loads(sys.stdin.read())
    except ValueError:
        raise ValidationError("The credentials on standard input are not JSON.") from None
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise ValidationError("The credentials on standard input have to be one JSON object of strings.")
    if not set(given) <= set(variables):
        raise ValidationError(f"The credentials are: {', '.join(variables)}. Others were given.")
    return given
