"""What is written to the log: no address that opens a door to whoever reads it."""

import logging
import re

from crushsync.lib.redaction import HIDDEN

# Vinoshipper signs nothing: who knows the address of its webhooks may send some.
_SECRET_PATHS = re.compile(r"(/webhooks/[\w-]+/|/unsubscribe/)[^/\s]+")


class HideAddresses(logging.Filter):
    """Lets every record pass, with what its path keeps secret hidden."""

    def filter(self, record: logging.LogRecord) -> bool:
        told = record.getMessage()
        hidden = _SECRET_PATHS.sub(rf"\1{HIDDEN}", told)
        if hidden != told:
            record.msg, record.args = hidden, ()
        return True
