"""How Vinoshipper words a refusal -> our code.

No catalogue of their codes is public, so their text decides; a text nobody has listed stays "refused" or
"not compliant" and is shown whole.
"""

import re
from collections.abc import Sequence

from crushsync.vinoshipper.types import OrderAnswer, OrderProblem

# Their `status`: https://developer.vinoshipper.com/reference/createorder. "" where nothing is wrong.
STATUSES = {
    "SUCCESS": "",
    "PENDING": "partner_undecided",
    "PAYMENT_AUTHORIZED": "partner_undecided",
    "PROBLEM": "refused",  # unless their problems say more
    "PAYMENT_CAPTURE_FAILED": "payment_missing",
    "AGE_VERIFICATION_FAILED": "age_failed",
    "AGE_VERIFICATION_LOCKED": "age_locked",
    "DELETED": "gone_there",
}
# Their `orderStatus`, of an order they accepted: https://developer.vinoshipper.com/reference/uioptions
ORDER_STATUSES = {
    "OPEN": "",
    "NEW_MEMBER": "",
    "LABELS_GENERATED": "",
    "SHIPPED": "",
    "DELIVERED": "",
    "PICKED_UP": "",
    "CANCELLED": "voided",
    "RETURNED": "returned",
    "UNPAID": "partner_trouble",
    "PROBLEM": "partner_trouble",
}
# The `type` of an error or a problem; integrators name these six. Used where the text says nothing known.
TYPES = {
    "VALIDATION": "refused",
    "COMPLIANCE": "not_compliant",
    "PAYMENT_FAILURE": "payment_missing",
    "SERVER_ERROR": "their_error",
    "ACCESS_DENIED": "access_denied",
    "CONFLICT": "number_taken",
}
_BY_TEXT: Sequence[tuple[re.Pattern[str], str]] = [
    (re.compile(r"\b(inventory|in stock|out of stock|sold out)\b", re.I), "sold_out"),
    (re.compile(r"\bproduct not available\b|\bis not available in\b", re.I), "not_available"),
    (re.compile(r"\b(p\.?\s?o\.?|post office) box\b", re.I), "po_box"),
    (re.compile(r"\bvolume limit\b|\b(bottles?|cases?)\b.*\b(allowed|limit)\b", re.I), "volume_limit"),
    (
        re.compile(
            r"\b(sku|product)\b.*\b(unknown|not found|not approved|unapproved|does not exist|invalid)", re.I
        ),
        "unknown_sku",
    ),
    (re.compile(r"\b(unknown|invalid|unapproved)\b.*\b(sku|product)", re.I), "unknown_sku"),
    (re.compile(r"\b(under ?age|under 21|not 21|younger than 21)\b", re.I), "under_age"),
    (re.compile(r"\bage verif", re.I), "age_failed"),
    (re.compile(r"\b(cash payment|ach form|not paid|payment)\b", re.I), "payment_missing"),
]


def code_of(problems: Sequence[OrderProblem], is_compliant: bool | None) -> str:
    """The code of the first of Vinoshipper's problems that we recognise."""
    for item in problems:
        for pattern, code in _BY_TEXT:
            if pattern.search(f"{item.code} {item.field} {item.description}".replace("_", " ")):
                return code
    said_compliance = any("compliance" in f"{item.type} {item.code}".lower() for item in problems)
    if is_compliant is False or said_compliance:
        return "not_compliant"
    return next((TYPES[item.type] for item in problems if item.type in TYPES), "refused")


def refusal_code(answer: OrderAnswer) -> str:
    """Why they did not take the order: their status if it says so, else their problems."""
    by_status = STATUSES.get(answer.status, "")
    says_more = by_status not in ("", "refused", "partner_undecided")
    return by_status if says_more else code_of(answer.problems, answer.is_compliant)
