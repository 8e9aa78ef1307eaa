"""Verdicts about orders, the products they are about, and a winery's figures of what states allow."""

from compliance.models.events import AppendOnly, Asked, ComplianceEvent, NeverChanged
from compliance.models.limits import StateLimit, Window
from compliance.models.products import CatalogProduct

__all__ = [
    "AppendOnly",
    "Asked",
    "CatalogProduct",
    "ComplianceEvent",
    "NeverChanged",
    "StateLimit",
    "Window",
]
