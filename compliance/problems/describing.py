"""The catalogue as a page of the documentation."""

from collections.abc import Iterable, Mapping

from django.utils import translation

from compliance.problems.blocked import BLOCKED
from compliance.problems.connections import CONNECTIONS, ENDPOINTS
from compliance.problems.entries import Entry
from compliance.problems.late import LATE, STOCK
from compliance.problems.refused import ALREADY_THERE, ON_SENDING, OURSELVES
from compliance.problems.shipping import SHIPPING
from compliance.problems.standing import STANDING
from compliance.problems.telling import MARKS, READING, REPORTS
from compliance.problems.words import ORDER_STATUSES, STATUSES, TYPES

INTRODUCTION = """\
# Problems

Made by `manage.py describe_problems`; a test compares the two.

An order that cannot go on says why, to whoever can mend it, and with the next step. There is one open
problem for an order and a cause. It closes by itself when the cause is gone, and stays in the order's
history. What the other side said is shown whole beside it.

Three families are told apart everywhere:

- **Never reached Vinoshipper**: nothing stands there under the order's number.
- **Reached Vinoshipper, but has an issue**: the number exists there.
- **Compliance failed after purchase**: the customer has paid, and the law does not let it go. No setting
  and no button overrides that.

Staff assign a problem, write a note, or snooze it; a newer problem of the same kind that takes its place
keeps all three. Retry ends no problem: it stays until the outcome is known, and is the same one if that is
the same. A problem that nothing outside can mend, such as a returned parcel, is settled by a person;
the others close by themselves. A refusal is never sent again
blindly: it waits until something changes, in the store, at Vinoshipper, or in a setting.

`manage.py problems --winery SLUG` lists the open ones by cause, and with `--json` each with its steps.

## What is late

Each winery says within how many minutes an order is sent that may go (5), within how many business days it
is shipped (3), and within how many minutes the store is told (60). Weekends and federal holidays are no
business days, nor are the holidays of the winery's state where it names one; a ship date that the customer
asked for counts instead of the day of sending. Overdue is a problem, and closes by itself.
"""
SECTIONS: Mapping[str, Iterable[Entry]] = {
    "Seen before sending": BLOCKED,
    "Refused by Vinoshipper": ON_SENDING,
    "Trouble after sending": ALREADY_THERE,
    "Late": LATE,
    "The store": [*REPORTS, *MARKS, *READING],
    "Connections": [*CONNECTIONS, *ENDPOINTS],
    "Stock": STOCK,
    "Shipments of your own": SHIPPING,
    "Faults of ours": OURSELVES,
    "Right as it is": STANDING,
}


def page() -> str:
    """The whole page, in English, as Markdown without the last line's end."""
    with translation.override("en"):
        parts = [INTRODUCTION]
        for title, entries in SECTIONS.items():
            parts += [f"## {title}\n", *(_entry(entry) for entry in entries)]
        parts += [
            "## Vinoshipper's words\n",
            _words("`status`", STATUSES),
            _words("`orderStatus`", ORDER_STATUSES),
            _words("`type` of an error, where its text says nothing known", TYPES),
        ]
        return "\n".join(parts).rstrip()


def _entry(entry: Entry) -> str:
    lines = [f"### {entry.code}\n", f"**{entry.sentence}** {entry.cause}\n"]
    lines += [f"{number}. {step}" for number, step in enumerate(entry.steps, 1)]
    if entry.needs_person:
        family = entry.family.label if entry.family else "Never reached, or has an issue, as the order stands"
        alone = "goes on by itself once mended" if entry.goes_alone else "waits for a person"
        lines.append(f"\nSolved by {entry.owner.label}; {alone}. Family: {family}.")
    return "\n".join(lines) + "\n"


def _words(name: str, codes: Mapping[str, str]) -> str:
    rows = [
        f"- `{word}`: {f'[{code}](#{code})' if code else 'nothing is wrong'}" for word, code in codes.items()
    ]
    return "\n".join([f"Its {name}:\n", *rows, ""])
