"""The pages about compliance that are about no one order.

events.py    every verdict, to search and to take along
limits.py    a winery's own figures of what a state allows
products.py  the products of the Vinoshipper feed
sizes.py     how many bottles a pack holds
"""

from compliance.admin.events import ComplianceEventAdmin
from compliance.admin.limits import StateLimitAdmin
from compliance.admin.products import CatalogProductAdmin
from compliance.admin.sizes import PieceSizeAdmin

__all__ = ["CatalogProductAdmin", "ComplianceEventAdmin", "PieceSizeAdmin", "StateLimitAdmin"]
