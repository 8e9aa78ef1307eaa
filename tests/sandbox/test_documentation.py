"""docs/sandbox.md lists what there is: every control call, fault and switch, and nothing else."""

import re
from dataclasses import fields
from pathlib import Path

from sandbox.faults import KINDS
from sandbox.server import application
from sandbox.shopify import shop
from sandbox.vinoshipper import accounts
from sandbox.world import World

PAGE = (Path(__file__).parents[2] / "docs/sandbox.md").read_text()
CELL = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


def first_cells(heading: str) -> set[str]:
    """The code words in the first column of the tables below a heading."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return set(CELL.findall(section))


def test_every_control_call() -> None:
    routes = {
        f"{method} {rule.rule}"
        for rule in application(World()).url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith("/control") and method not in ("HEAD", "OPTIONS")
    }
    assert first_cells("Control") == routes


def test_every_fault() -> None:
    assert first_cells("Faults") == KINDS


def test_every_switch() -> None:
    assert first_cells("Vinoshipper") == {field.name for field in fields(accounts.Switches)}
    together = {"bucket", "restore_rate"}  # told in the row of throttle
    assert first_cells("Shopify") == {field.name for field in fields(shop.Switches)} - together
