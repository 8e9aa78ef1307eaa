"""The pages about compliance that are about no one order.

events.py    every verdict, to search and to take along
limits.py    a winery's own figures of what a state allows
products.py  the products of the Vinoshipper feed
"""

from compliance.admin.events import ComplianceEventAdmin
from compliance.admin.limits import StateLimitAdmin
from compliance.admin.products import CatalogProductAdmin

__all__ = ["CatalogProductAdmin", "ComplianceEventAdmin", "StateLimitAdmin"]
