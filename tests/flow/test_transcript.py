"""docs/one-order.md, written by the sandbox: what is said about one order. `make transcript` writes it."""

import os
from pathlib import Path
from typing import Any

import pytest

from sandbox.shopify.samples import CHARDONNAY, PINOT, Line
from sandbox.transcript import shape, size, transcript
from tests.flow.conftest import World
from tests.flow.test_calls_of_an_order import buy_and_ship, unhurried

__all__ = ["unhurried"]

PAGE = Path(__file__).parents[2] / "docs/one-order.md"
SIZES = [(1, 1), (10, 1), (60, 1), (1, 5)]  # lines, packages
TABLE = "| lines | packages | calls at Shopify | bytes | calls at Vinoshipper | bytes |"
GROWTH = """Bytes are those of the bodies, questions and answers together. One question brings 50 lines of an
order and 10 of its fulfillment orders; longer orders cost a call more for each further 100 lines."""
is_writing = bool(os.environ.get("WRITE_TRANSCRIPT"))


def row(world: World, lines: int, packages: int) -> str:
    shopify, vinoshipper = world.calls("shopify"), world.calls()
    once = [call for call in shopify if call["operation"] != "MetafieldDefinitionCreate"]
    counted = [lines, packages, len(once), f"{size(once):,}", len(vinoshipper), f"{size(vinoshipper):,}"]
    return f"| {' | '.join(map(str, counted))} |"


def is_about_it(call: dict[str, Any]) -> bool:
    return call["operation"] != "MetafieldDefinitionCreate" and "/feeds/" not in call["path"]


def numbers(line: str) -> list[int]:
    return [int(cell.replace(",", "")) for cell in line.strip("| \n").split(" | ")]


def replace_section(heading: str, text: str) -> None:
    page = PAGE.read_text()
    before, _, rest = page.partition(f"\n## {heading}\n")
    after = rest.partition("\n## ")[2]
    PAGE.write_text(f"{before}\n## {heading}\n\n{text.strip()}\n" + (f"\n## {after}" if after else ""))


def test_the_transcript_is_up_to_date(world: World) -> None:
    start = len(world.sandbox.log())
    buy_and_ship(world, (PINOT, CHARDONNAY), 1)
    told = transcript(call for call in world.sandbox.log(since=start) if is_about_it(call))
    if is_writing:
        replace_section("The calls", told)
    is_same = sorted(shape(f"\n{told}")) == sorted(shape(PAGE.read_text()))
    assert is_same, "what is said about an order changed: `make transcript` writes the page anew"


@pytest.mark.parametrize(("lines", "packages"), SIZES)
def test_the_calls_of_orders_of_many_sizes(world: World, lines: int, packages: int) -> None:
    bought = tuple(Line(f"HO-{number}", quantity=1) for number in range(lines))
    for line in bought:
        world.sandbox.vinoshipper.product(line.sku, inventory=1_000)
    buy_and_ship(world, bought, packages)
    measured = row(world, lines, packages)
    if is_writing:
        kept = [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and numbers_of(line)]
        others = [line for line in kept if numbers(line)[:2] != [lines, packages]]
        table = sorted([*others, measured], key=numbers)
        replace_section("How it grows", "\n".join([GROWTH, "", TABLE, "|---" * 6 + "|", *table]))
    [written] = [
        numbers(line) for line in PAGE.read_text().splitlines() if numbers_of(line) == [lines, packages]
    ]
    now = numbers(measured)
    assert (now[2], now[4]) == (written[2], written[4]), world.calls("shopify")
    assert now[3] == pytest.approx(written[3], rel=0.1)
    assert now[5] == pytest.approx(written[5], rel=0.1)


def numbers_of(line: str) -> list[int]:
    """Lines and packages of a row of the table; [] of any other line."""
    cells = line.strip("| \n").split(" | ")
    return [int(cell) for cell in cells[:2]] if cells[0].isdigit() else []
