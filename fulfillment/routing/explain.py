"""explain(): what happens to an order, rule by rule, with a reason and the setting that decided.

The rules read rows that are loaded already and write nothing, so the same function answers for the real run,
the dry run, the page's "Why?" and settings that nobody has saved.
"""

from datetime import datetime

from django.utils.translation import gettext_lazy as lazy

from crushsync.accounts.models import VinoshipperAccount
from fulfillment.models import FulfillmentOrder
from fulfillment.routing.question import Explanation, Question, RuleResult, Verdict
from fulfillment.routing.rules import RULES
from fulfillment.routing.shelf import Shelf
from orders.models import Order, Store

GOES = lazy("Goes to Vinoshipper.")


def explain(
    order: Order,
    *,
    now: datetime,
    shelf: Shelf,
    work: FulfillmentOrder | None = None,
    store: Store | None = None,
    account: VinoshipperAccount | None = None,
) -> Explanation:
    """Decide about an order as it stands, with a person's decisions taken from its fulfillment order `work`.

    `store` and `account` stand in for the order's own: how would it be with other settings? An
    empty `shelf` says nothing about its SKUs. Reads rows that are loaded, writes nothing.
    """
    store = store or order.store
    question = Question(
        order, list(order.lines.all()), store, account or store.vinoshipper_account, work, now, shelf
    )
    asked: list[RuleResult] = []
    for rule in RULES:
        asked.append(rule(question))
        if asked[-1].verdict is not None:
            break
    last, rules = asked[-1], tuple(asked)
    if last.verdict is None:
        return Explanation(Verdict.SEND, "send", GOES, "", None, rules, last.findings)
    return Explanation(last.verdict, last.code, last.sentence, last.setting, last.until, rules, last.findings)
