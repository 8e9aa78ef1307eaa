"""The catalogue of problems, and how a partner's words lead to it.

entries.py    what is said of one problem
catalogue.py  code -> entry
words.py      Vinoshipper's words -> code

blocked.py, refused.py, telling.py, late.py and connections.py hold the problems; standing.py holds what is
right as it is and explained like the others.
"""

from compliance.problems.catalogue import (
    CATALOGUE,
    CODES_OF_CONNECTIONS,
    CODES_OF_MARKS,
    CODES_OF_REPORTS,
    FAMILIES_OF_ORDERS,
    NOT_READ,
    connection_code,
    entry,
    family_of,
)
from compliance.problems.entries import Entry, Family, Owner, Place, Subject
from compliance.problems.telling import REPORT_CODES
from compliance.problems.words import ORDER_STATUSES, STATUSES, TYPES, code_of, refusal_code

__all__ = [
    "CATALOGUE",
    "CODES_OF_CONNECTIONS",
    "CODES_OF_MARKS",
    "CODES_OF_REPORTS",
    "FAMILIES_OF_ORDERS",
    "NOT_READ",
    "ORDER_STATUSES",
    "REPORT_CODES",
    "STATUSES",
    "TYPES",
    "Entry",
    "Family",
    "Owner",
    "Place",
    "Subject",
    "code_of",
    "connection_code",
    "entry",
    "family_of",
    "refusal_code",
]
