"""The catalogue of problems: code -> what staff read, why it happened, what to do, who can do it.

A code appears here once and everywhere else by name. What a partner said itself is never swallowed: it is
shown whole beside the problem.
"""

from compliance.problems.blocked import BLOCKED
from compliance.problems.connections import CONNECTIONS, ENDPOINTS
from compliance.problems.entries import Entry, Family
from compliance.problems.late import LATE, STOCK
from compliance.problems.refused import REFUSED
from compliance.problems.shipping import SHIPPING
from compliance.problems.standing import STANDING
from compliance.problems.telling import MARKS, READING, REPORTS, TELLING

CATALOGUE: dict[str, Entry] = {
    entry.code: entry
    for entry in [*BLOCKED, *REFUSED, *TELLING, *LATE, *STOCK, *SHIPPING, *CONNECTIONS, *ENDPOINTS, *STANDING]
}
CODES_OF_REPORTS = frozenset(entry.code for entry in REPORTS)
CODES_OF_MARKS = frozenset(entry.code for entry in MARKS)
CODES_OF_CONNECTIONS = frozenset(entry.code for entry in CONNECTIONS)
NOT_READ = READING[0].code
# Of an order itself: what its attention may be about.
FAMILIES_OF_ORDERS = (Family.NEVER_REACHED, Family.HAS_ISSUE, Family.AFTER_PURCHASE)


def entry(code: str) -> Entry:
    """What the catalogue says of a code; an unlisted one is a refusal like any other."""
    return CATALOGUE.get(code, CATALOGUE["refused"])


def family_of(code: str, *, is_there: bool) -> Family:
    """The family of an order's problem. `is_there`: something stands at Vinoshipper under its number."""
    return entry(code).family or (Family.HAS_ISSUE if is_there else Family.NEVER_REACHED)


def connection_code(pause_code: str) -> str:
    """The problem of a connection that paused for this error; "paused" where nobody has listed it."""
    code = {"no_answer": "no_answer_in_a_row"}.get(pause_code, pause_code)
    found = CATALOGUE.get(code)
    return code if found and found.family == Family.CONNECTION else "paused"
