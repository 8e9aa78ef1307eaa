"""The house's rules: who may import whom, and how large a room may get."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Each room and the rooms it may import. A module belongs to the longest name that fits.
MAY_IMPORT = {
    "crushsync.lib": set[str](),
    "crushsync.accounts": {"crushsync.lib"},
    "crushsync.vinoshipper": {"crushsync.lib"},
    "orders.storefronts": {"crushsync.lib"},
    "orders": {"crushsync.lib", "crushsync.accounts", "orders.storefronts"},
    "compliance": {
        "crushsync.lib",
        "crushsync.accounts",
        "crushsync.vinoshipper",
        "orders",
        "orders.storefronts",
    },
    "sandbox": set[str](),
}
MAY_IMPORT["fulfillment"] = set(MAY_IMPORT) - {"sandbox"}
MAY_IMPORT["notifications"] = {"crushsync.lib", "crushsync.accounts", "orders", "compliance", "fulfillment"}
MAY_IMPORT["crushsync"] = set(MAY_IMPORT) - {"sandbox"}  # the project: settings, urls, site, commands ...

ADAPTERS = {"crushsync.vinoshipper", "orders.storefronts"}
NO_MODELS = ("django.db", "django.apps", "django.contrib")
SIGNALS = ("django.dispatch", "django.db.models.signals", "django.core.signals")
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
OUTSIDE = {"tests", "bench"}  # these may import anything
FILE_LINES, TEST_FILE_LINES, FUNCTION_LINES = 300, 400, 50


def room(module: str) -> str | None:
    fits = [name for name in MAY_IMPORT if f"{module}.".startswith(f"{name}.")]
    return max(fits, key=len, default=None)


def imported(node: ast.AST, package: list[str]) -> Iterator[str]:
    """The full dotted names an import statement brings in; relative ones are resolved."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package[: len(package) - node.level + 1] if node.level else []
        base = ".".join([*above, *([node.module] if node.module else [])])
        yield from (f"{base}.{alias.name}" for alias in node.names)


def import_faults(own: str, target: str) -> Iterator[str]:
    mine, theirs = room(own), room(target)
    if mine and theirs and theirs != mine and theirs not in MAY_IMPORT[mine]:
        yield f"{mine} must not import {theirs}"
    if mine in ADAPTERS and f"{target}.".startswith(tuple(f"{name}." for name in NO_MODELS)):
        yield f"{mine} is an adapter and knows no models: {target}"
    if mine and f"{target}.".startswith(tuple(f"{name}." for name in SIGNALS)):
        yield f"no signals: {target}"


def shape_faults(tree: ast.Module) -> Iterator[str]:
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    for function in functions:
        length = (function.end_lineno or 0) - function.lineno + 1
        if length > FUNCTION_LINES:
            yield f"{function.name}() has {length} lines, {FUNCTION_LINES} is the limit"
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function)):
            yield f"{function.name}() imports inside the function"


def file_faults(path: Path, root: Path) -> Iterator[str]:
    parts = list(path.relative_to(root).with_suffix("").parts)
    own = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    if "tests" not in parts and parts[0] not in OUTSIDE and len(parts) > 1 and room(own) is None:
        yield f"{parts[0]} is no room of the table in {Path(__file__).name}"
    if EMPTY_NAMES & set(parts):
        yield "this name says nothing about what is inside"
    text = path.read_text()
    limit = TEST_FILE_LINES if parts[0] == "tests" else FILE_LINES
    if len(text.splitlines()) > limit:
        yield f"{len(text.splitlines())} lines, {limit} is the limit"
    tree = ast.parse(text)
    yield from shape_faults(tree)
    for node in ast.walk(tree):
        for target in imported(node, parts[:-1]):
            yield from import_faults(own, target)


def faults(root: Path) -> list[str]:
    """Every breach below `root`, each as "path: what is wrong"."""
    files = [p for p in sorted(root.glob("[!.]*/**/*.py")) if "migrations" not in p.parts]
    return [f"{path.relative_to(root)}: {fault}" for path in files for fault in file_faults(path, root)]


def test_the_house_keeps_its_rules() -> None:
    assert faults(ROOT) == []


@pytest.mark.parametrize(
    ("path", "text", "fault"),
    [
        ("orders/intake.py", "from fulfillment.sync import send\n", "orders must not import fulfillment"),
        ("orders/intake.py", "from crushsync import site\n", "orders must not import crushsync"),
        ("crushsync/lib/http.py", "import orders.models\n", "crushsync.lib must not import orders"),
        ("orders/storefronts/base.py", "from ..models import Order\n",
         "orders.storefronts must not import orders"),
        ("crushsync/demo.py", "import sandbox.server\n", "crushsync must not import sandbox"),
        ("crushsync/vinoshipper/client.py", "from django.db import models\n",
         "crushsync.vinoshipper is an adapter and knows no models: django.db.models"),
        ("fulfillment/apps.py", "from django.dispatch import Signal\n", "no signals: django.dispatch.Signal"),
        ("orders/polling.py", "def poll() -> None:\n    import json\n", "poll() imports inside the function"),
        ("orders/utils.py", "", "this name says nothing about what is inside"),
        ("shipping/models.py", "", "shipping is no room of the table in test_architecture.py"),
        ("orders/long.py", "x = 1\n" * 301, "301 lines, 300 is the limit"),
        ("orders/slow.py", "def f() -> None:\n" + "    x = 1\n" * 50, "f() has 51 lines, 50 is the limit"),
    ],
)  # fmt: skip
def test_a_breach_is_reported(tmp_path: Path, path: str, text: str, fault: str) -> None:
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(text)
    assert faults(tmp_path) == [f"{path}: {fault}"]


def test_arrows_that_go_down_are_allowed(tmp_path: Path) -> None:
    allowed = {
        "fulfillment/sync.py": "from compliance.checks import verdict\nfrom .models import Fulfillment\n",
        "orders/intake.py": "from orders.storefronts.base import Storefront\nimport crushsync.lib.http\n",
        "crushsync/urls.py": "from orders import webhooks\nfrom crushsync.site import site\n",
    }
    for path, text in allowed.items():
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)
    assert faults(tmp_path) == []
