"""Where an order goes, and why.

explain.py   the decision, rule by rule, pure: the real run, the dry run, the page's "Why?" and the API use it
rules.py     the rules it asks, in their order
question.py  what a rule may look at, and how it answers
shelf.py     the products of the orders' SKUs, read for a batch
decide.py    writes the decision down as the order's fulfillment order
"""

from fulfillment.routing.decide import decide
from fulfillment.routing.explain import explain
from fulfillment.routing.question import Explanation, RuleResult, Verdict

__all__ = ["Explanation", "RuleResult", "Verdict", "decide", "explain"]
