"""The few types that every part of the sandbox shares."""

import json
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One request as it came over the wire."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    environ: Json

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")


@dataclass(frozen=True)
class Answer:
    """What goes back: the ordinary answer, and how the wire may spoil it."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    manner: str = "whole"  # whole · truncated · drip · reset · silence
    seconds: float = 0.0

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")


class ControlError(Exception):
    """The control API was asked for something that does not exist or makes no sense; answered 404 or 422."""

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.status = status


def json_object(body: bytes) -> Json:
    """The body as a JSON object; raises ValueError when it is anything else."""
    value = json.loads(body)
    if not isinstance(value, dict):
        raise ValueError("a JSON object is expected")
    return value
