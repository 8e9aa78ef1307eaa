"""``manage.py openapi``"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from crushsync.api.describing import as_yaml


class Command(BaseCommand):
    help = "Writes the API's OpenAPI document, as it is committed in docs/openapi.yaml."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        options["file"].write_text(as_yaml())
        self.stdout.write(f"{options['file']} is written.")
