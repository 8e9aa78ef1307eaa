"""``manage.py rotate_keys``"""

from typing import Any

from crushsync.lib.commands import ServiceCommand
from crushsync.lib.keys import rotate_keys


class Command(ServiceCommand):
    help = "Encrypts everything again with the first of CRUSHSYNC_FIELD_KEYS. Afterwards the others may go."

    def run(self, **_: Any) -> str:
        counts = rotate_keys()
        rows = [f"{label}: {count}" for label, count in sorted(counts.items())]
        return "\n".join([*rows, f"Rewritten: {sum(counts.values())}. The first key alone is needed now."])
