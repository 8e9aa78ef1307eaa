"""A list of all of a shop's orders, made by the shop aside and read piece by piece."""

from dataclasses import dataclass

from orders.storefronts.types import ChangedOrder, OrderData


@dataclass(frozen=True, slots=True)
class Export:
    """A list in the making (`size` is None), or a piece of it: what it says up to byte `read` of `size`."""

    export_id: str
    count: int = 0  # orders found so far
    size: int | None = None
    read: int = 0
    orders: tuple[OrderData, ...] = ()
    untold: tuple[ChangedOrder, ...] = ()  # of these it does not say all: they have to be read one by one

    @property
    def is_read(self) -> bool:
        return self.size is not None and self.read >= self.size
