"""The log as a page to read: who called whom, with what, and what came back."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sandbox.shapes import Json

NAMES = {"shopify": "Shopify", "vinoshipper": "Vinoshipper"}
DEEPEST = 3  # what lies deeper in a body is left out
LONGEST = 40  # characters of a text
MOST = 1  # entries of a list

# What differs from run to run -> what stands for it.
_SAME = [
    (re.compile(r"\bCS[A-Z0-9]{6}-"), "CS4TZ9Q1-"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"), "2026-12-01T17:00:00Z"),
    (re.compile(r"http://(?:127\.0\.0\.1|localhost):\d+"), "https://crushsync.example"),
    (re.compile(r"/webhooks/(\w+)/[\w-]+/"), r"/webhooks/\1/.../"),
]


def transcript(log: Iterable[Json]) -> str:
    """Markdown: a section for each call, in the order of the log."""
    return "\n".join(line for entry in log for line in _section(entry))


def size(log: Sequence[Json]) -> int:
    """Bytes of the bodies that went both ways, as far as the log keeps them."""
    return sum(len(entry["request"].encode()) + len(entry["answer"].encode()) for entry in log)


def shape(page: str) -> list[tuple[str, list[str]]]:
    """Of each section of a transcript its heading and the names in its bodies: what has to stay true."""
    sections = page.split("\n### ")[1:]
    return [(section.split("\n")[0], sorted(set(re.findall(r'"(\w+)":', section)))) for section in sections]


def _section(entry: Json) -> Iterator[str]:
    name = NAMES[entry["system"]]
    if entry["direction"] == "out":
        yield f"### {name} tells: {entry['operation']}"
    elif entry["system"] == "shopify":
        yield f"### CrushSync asks {name}: {entry['operation']}"
    else:
        yield f"### CrushSync asks {name}: {entry['method']} {_same(entry['path']).split('/', 2)[-1]}"
    yield ""
    yield from _body(entry["request"])
    yield f"Answered {entry['status']}:" if entry["answer"] else f"Answered {entry['status']}."
    yield ""
    yield from _body(entry["answer"])


def _body(text: str) -> Iterator[str]:
    if not text:
        return
    try:
        content = json.loads(text)
    except ValueError:
        content = text
    yield "```"
    yield from _lines(_inner(content))
    yield "```"
    yield ""


def _inner(content: Any) -> Any:
    """Of a GraphQL question its variables (the question stands in the code), of an answer its one object."""
    if isinstance(content, dict) and "query" in content:
        return content["variables"]
    if isinstance(content, dict) and len(content.get("data") or {}) == 1:
        return next(iter(content["data"].values()))
    return content


def _lines(content: Any) -> Iterator[str]:
    """A line for each name in a body."""
    for name, value in content.items() if isinstance(content, dict) else [("", content)]:
        shown = json.dumps(_short(value, DEEPEST - 1), ensure_ascii=False)
        yield _same(f'"{name}": {shown}' if name else shown)


def _short(value: Any, depth: int) -> Any:
    if isinstance(value, dict):
        return {key: _short(item, depth - 1) for key, item in value.items()} if depth else "..."
    if isinstance(value, list):
        shown = [_short(item, depth - 1) for item in value[:MOST]] if depth else ["..."] * bool(value)
        return [*shown, f"{len(value) - MOST} more"] if depth and len(value) > MOST else shown
    return f"{value[:LONGEST]}..." if isinstance(value, str) and len(value) > LONGEST else value


def _same(text: str) -> str:
    for pattern, example in _SAME:
        text = pattern.sub(example, text)
    return text
