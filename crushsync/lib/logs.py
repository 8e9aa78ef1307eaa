"""What is written to the log: no address that opens a door to its reader, and no row of the database."""

import logging
import re

from crushsync.lib.redaction import HIDDEN

# Vinoshipper signs nothing: who knows the address of its webhooks may send some.
_SECRET_PATHS = re.compile(r"(/webhooks/[\w-]+/|/unsubscribe/)[^/\s]+")
# PostgreSQL shows the row that it refuses, with all that is in it: any text, of any number of lines.
_ROWS = re.compile(r"(\nDETAIL: ).*?(?=\n\n(?:The above exception was|During handling of)|\Z)", re.DOTALL)


class Discreet(logging.Formatter):
    """Formats as usual, tracebacks included, then hides what is nobody's to read."""

    def format(self, record: logging.LogRecord) -> str:
        told = _SECRET_PATHS.sub(rf"\1{HIDDEN}", super().format(record))
        return _ROWS.sub(rf"\1{HIDDEN}", told)
