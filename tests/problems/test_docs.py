"""The page about problems is the catalogue."""

from pathlib import Path

from compliance.problems import CATALOGUE
from compliance.problems.describing import SECTIONS, page

PAGE = Path(__file__).resolve().parent.parent.parent / "docs/problems.md"


def test_the_page_is_what_the_command_makes() -> None:
    assert PAGE.read_text() == f"{page()}\n"


def test_the_page_has_every_entry_once() -> None:
    told = [entry.code for entries in SECTIONS.values() for entry in entries]
    assert sorted(told) == sorted(CATALOGUE)
