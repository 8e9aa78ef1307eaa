"""Setting a shop's numbers in as many calls as the shop takes them in."""

from collections.abc import Sequence

from fulfillment.stock.comparing import Place, push
from orders.storefronts.inventory import Inventory, LevelChange, SetAnswer, ShopLevel, ShopLocation


class Shelf(Inventory):
    """A shop with so many products, none of them in stock; it counts what it is asked for."""

    def __init__(self, products: int) -> None:
        self.numbers = {f"SKU-{n}": 0 for n in range(products)}
        self.calls: list[tuple[int, str]] = []

    def locations(self) -> tuple[ShopLocation, ...]:
        return (ShopLocation("1", "Cellar", is_service=False),)

    def levels(self, location_id: str) -> tuple[ShopLevel, ...]:
        return tuple(ShopLevel(location_id, sku, sku, number) for sku, number in self.numbers.items())

    def set_levels(self, changes: Sequence[LevelChange], key: str) -> SetAnswer:
        self.calls.append((len(changes), key))
        self.numbers.update({change.item_id: change.becomes for change in changes})
        return SetAnswer(is_written=True)


def test_more_numbers_than_one_call_takes() -> None:
    """Shopify takes at most 250; each part is an act of its own, with a key of its own."""
    shelf = Shelf(205)
    place = Place("1", dict.fromkeys(shelf.numbers, 12))
    assert push(shelf, [place], "act").written == 205
    assert [count for count, _key in shelf.calls] == [100, 100, 5]
    assert len({key for _count, key in shelf.calls}) == 3
    assert set(shelf.numbers.values()) == {12}
