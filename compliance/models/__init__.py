"""Verdicts about orders, the products they are about, and a winery's own figures."""

from compliance.models.events import AppendOnly, Asked, ComplianceEvent, NeverChanged
from compliance.models.limits import StateLimit, Window
from compliance.models.products import CatalogProduct
from compliance.models.sizes import PieceSize

__all__ = [
    "AppendOnly",
    "Asked",
    "CatalogProduct",
    "ComplianceEvent",
    "NeverChanged",
    "PieceSize",
    "StateLimit",
    "Window",
]
