"""A SKU that somebody wrote: whether Vinoshipper has a product that is called so."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from compliance.models import CatalogProduct


def doubt(request: HttpRequest, sku: str, products: QuerySet[CatalogProduct]) -> None:
    """Ask whether the SKU is spelled right if none of the products has it; not where no feed was read."""
    if products.exists() and not products.filter(sku=sku).exists():
        hint = _(
            "Vinoshipper has no product with the SKU %(sku)s. Look whether it is spelled right;"
            " capitals count."
        )
        messages.warning(request, hint % {"sku": sku})
