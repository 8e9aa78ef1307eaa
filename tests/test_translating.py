"""What staff read is translated: in the rooms that speak to them no sentence stands outside of gettext."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fulfillment.routing.rules import A_SALE

ROOT = Path(__file__).resolve().parent.parent
# Adapters, commands, descriptions and what refuses to start speak to whoever runs or programs, in English.
ROOMS = ["fulfillment", "compliance", "notifications", "crushsync/today", "crushsync/accounts/admin"]
ASIDE = {"migrations", "management", "models", "describing.py", "news.py"}
TRANSLATORS = {"_", "lazy", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
FOR_THE_LOG = {"ValueError", "KeyError", "TypeError", "RuntimeError"}
SENTENCE = re.compile(r"[A-Z%{].* .*[.:!?]$", re.DOTALL)


def literals(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and text of each string that is neither a docstring, nor translated, nor for the log."""
    called = tree.exc if isinstance(tree, ast.Raise) else tree
    if isinstance(called, ast.Call) and getattr(called.func, "id", "") in (
        FOR_THE_LOG if isinstance(tree, ast.Raise) else TRANSLATORS
    ):
        return
    if isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Constant):
        return
    if isinstance(tree, ast.JoinedStr):
        yield (
            tree.lineno,
            "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in tree.values),
        )
        return
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        yield tree.lineno, tree.value
    for child in ast.iter_child_nodes(tree):
        yield from literals(child)


def untranslated(source: str) -> list[tuple[int, str]]:
    return [(line, text) for line, text in literals(ast.parse(source)) if SENTENCE.match(text)]


@pytest.mark.parametrize("room", ROOMS)
def test_sentences_are_translated(room: str) -> None:
    files = [path for path in sorted((ROOT / room).rglob("*.py")) if not ASIDE & set(path.parts)]
    assert files
    found = [f"{path.relative_to(ROOT)} {at}" for path in files for at in untranslated(path.read_text())]
    assert found == []


def test_the_search_finds_what_it_looks_for() -> None:
    source = '''def told(n: int) -> str:
    """A docstring is none."""
    raise ValueError("This is for the log.")
    return _("It is translated.") if n else f"It waits {n} days." + "Not here either."
'''
    assert untranslated(source) == [(4, "It waits {} days."), (4, "Not here either.")]


def test_a_rules_answer_is_translated_when_it_is_read() -> None:
    assert not isinstance(A_SALE.sentence, str)
    assert str(A_SALE.sentence) == "It is a sale."
