"""Finding an order as people name it."""

from argparse import ArgumentParser

from crushsync.accounts.models import Winery
from orders.models import Order, Store


def order_called(winery: Winery, name: str, store: str = "") -> Order:
    """The winery's order of this name, with or without the "#". Raises Order.DoesNotExist with a sentence,
    also where several stores have such an order and none is named.
    """
    names = {name, name.removeprefix("#"), f"#{name.removeprefix('#')}"}
    found = Order.objects.filter(winery=winery, name__in=names).select_related("store", "winery")
    if store:
        found = found.filter(store=store_called(winery, store))
    orders: list[Order] = list(found[:10])
    if len(orders) == 1:
        return orders[0]
    if not orders:
        raise Order.DoesNotExist(f"{winery.name} has no order {name}.")
    stores = ", ".join(sorted({order.store.name for order in orders}))
    raise Order.DoesNotExist(f"There are {len(orders)} orders {name}, in {stores}. Name one with --store.")


def add_order_arguments(parser: ArgumentParser) -> None:
    """How a command is told of an order; `order_called` finds it."""
    parser.add_argument("order", help="its name in the store, like #1042")
    parser.add_argument("--winery", required=True, metavar="SLUG")
    parser.add_argument("--store", default="", metavar="NAME", help="if two stores have such an order")


def store_called(winery: Winery, name: str) -> Store:
    """The winery's store of this name; raises Store.DoesNotExist with a sentence."""
    store: Store | None = Store.objects.filter(winery=winery, name=name).first()
    if store is None:
        raise Store.DoesNotExist(f"{winery.name} has no store {name!r}.")
    return store
