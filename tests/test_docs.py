"""The documentation says what is true: settings, packages, links, make targets and commands."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

from crushsync.site import SECTIONS

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
page = pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


def settings_read() -> set[str]:
    """The environment variables crushsync/settings.py reads: env.kind("NAME"), with env's prefix, and
    plain.kind("NAME")."""
    tree = ast.parse((ROOT / "crushsync/settings.py").read_text())
    prefixes, names = {"env": "CRUSHSYNC_", "plain": ""}, set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="env" | "plain" as reader)),
                args=[ast.Constant(value=str(name)), *_],
            ):
                names.add(prefixes[reader] + name)
    return names


def packages_required(name: str) -> set[str]:
    lines = (ROOT / name).read_text().splitlines()
    return {re.split(r"[\[<>=! ]", line)[0] for line in lines if line and line[0] not in "#-"}


def first_column(path: Path) -> set[str]:
    """The `names` in the first column of a page's tables."""
    return set(re.findall(r"^\| `([^`]+)` ", path.read_text(), re.MULTILINE))


def code(path: Path) -> str:
    """What stands in code fences and backticks, where a command is meant literally."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", path.read_text(), re.DOTALL))


def anchors(path: Path) -> Iterator[str]:
    for heading in re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")


def test_every_setting_is_described_and_nothing_else() -> None:
    assert first_column(ROOT / "docs/settings.md") == settings_read()


def test_the_example_environment_names_real_settings() -> None:
    named = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert named - settings_read() == set()


def test_every_package_is_explained_and_nothing_else() -> None:
    required = packages_required("requirements.in") | packages_required("requirements-dev.in")
    assert first_column(ROOT / "docs/dependencies.md") == required


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_has_a_hash_and_names_no_index(name: str) -> None:
    text = (ROOT / name).read_text()
    pins = re.findall(r"^[\w.\-]+==[^\n]*\\\n    --hash=sha256:", text, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^\w", text, re.MULTILINE))
    assert "://" not in text


@page
def test_links_inside_the_project_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, anchor = target.partition("#")
        linked = path.parent / name if name else path
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


@page
def test_no_page_depends_on_one_machine(path: Path) -> None:
    """No folder of somebody's machine and no package registry's address."""
    somewhere = r"(?<![\w.])/(?:home|root|work|mnt|Users)/|\bpy(?:pi|thonhosted)\."
    assert re.findall(somewhere, path.read_text()) == []


@page
def test_named_make_targets_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z][a-z-]*)", code(path), re.MULTILINE)) - targets == set()


@page
def test_named_commands_exist(path: Path) -> None:
    assert set(re.findall(r"manage\.py ([a-z_]+)", code(path))) - set(get_commands()) - {"help"} == set()


@page
def test_named_pages_of_the_admin_exist(path: Path) -> None:
    """*Section → Page*, as the navigation has them."""
    there = {(str(section), str(each.label)) for section, pages in SECTIONS.items() for each in pages}
    named = re.findall(r"\*([A-Z]\w+) → ([^*→]+?)(?:\*| →)", path.read_text())
    assert set(named) - there == set()


def test_every_trap_is_dealt_with_somewhere_and_tested() -> None:
    rows = re.findall(r"^\| (.+) \| (.+) \| (.+) \|$", (ROOT / "docs/traps.md").read_text(), re.MULTILINE)
    traps = [row for row in rows if row[0] != "trap"]
    assert len(traps) > 100
    for trap, where, tests in traps:
        files, named = re.findall(r"`([^`]+)`", where), re.findall(r"`([^`]+)::(test_\w+)`", tests)
        assert files, trap
        assert named, trap
        assert [file for file in files if not (ROOT / file).is_file()] == [], trap
        missing = [test for file, test in named if f"def {test}(" not in (ROOT / file).read_text()]
        assert missing == [], trap
