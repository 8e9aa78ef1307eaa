"""What we can tell about an order without asking anybody. Pure: a shipment in, findings out.

base.py    what a check is, and all it may look at
people.py  birth date, age, name, telephone
places.py  the address
goods.py   SKUs, stock, states, amounts

Each check has a code, which the catalogue of problems explains, and a level: *blocks*, *warns* or *passes*.
Where the law and Vinoshipper leave a choice, the level is the winery's (ship-to settings).
"""

from compliance.checks.base import BOTTLE_ML, Check, Finding, Level, Product, Shipment
from compliance.checks.goods import CHECKS as OF_GOODS
from compliance.checks.goods import bottles
from compliance.checks.people import CHECKS as OF_PEOPLE
from compliance.checks.people import is_of_age
from compliance.checks.places import CHECKS as OF_PLACES
from compliance.checks.places import zone_of

__all__ = [
    "BOTTLE_ML",
    "CHECKS",
    "SKU_CODES",
    "Check",
    "Finding",
    "Level",
    "Product",
    "Shipment",
    "bottles",
    "check",
    "is_of_age",
    "zone_of",
]

# In the order in which they are told: what the order is, where it goes, who gets it, what is in it.
CHECKS: dict[str, Check] = {rule.code: rule for rule in (OF_GOODS[0], *OF_PLACES, *OF_PEOPLE, *OF_GOODS[1:])}
# These the product feed decides: news in it may mend them.
SKU_CODES = ("unknown_sku", "ambiguous_sku", "not_available", "sold_out")


def check(shipment: Shipment) -> list[Finding]:
    """Everything that speaks against sending the shipment: what blocks first, then what warns."""
    found = [
        Finding(rule.code, fault.sentence, level, rule.told_setting, fault.line)
        for rule in CHECKS.values()
        if (level := rule.level_in(shipment.levels)) != Level.PASSES
        for fault in rule.find(shipment)
    ]
    return sorted(found, key=lambda finding: not finding.blocks)
