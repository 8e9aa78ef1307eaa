"""What states are published to let one person receive. Information, not advice: nothing is decided by it."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from compliance.models import StateLimit, Window
from crushsync.accounts.models import Winery
from crushsync.lib.states import state_name

PUBLISHED = Path(__file__).parent / "data" / "state_limits.json"


@dataclass(frozen=True, slots=True)
class Limit:
    """A state's figure in bottles of 750 ml. `bottles` None: no limit is published, or nothing is known."""

    state: str
    bottles: int | None
    window: str  # Window
    note: str
    source: str
    is_own: bool  # the winery's own figure, in the place of the published one

    @property
    def state_name(self) -> str:
        return state_name(self.state)


def limit_for(winery: Winery, state: str) -> Limit | None:
    """The figure that the winery goes by; None for a state nothing was published about."""
    own = StateLimit.objects.filter(winery=winery, state=state).first()
    if own:
        return Limit(state, own.bottles, own.window, "", own.source, is_own=True)
    return published().get(state)


@lru_cache
def published() -> dict[str, Limit]:
    """The figures of the data file, by state."""
    told: dict[str, Any] = json.loads(PUBLISHED.read_text())
    return {
        state: Limit(
            state,
            row.get("bottles"),
            row.get("window", Window.YEAR),
            row.get("note", ""),
            _source(told["sources"][row["source"]]),
            is_own=False,
        )
        for state, row in told["states"].items()
    }


def _source(told: dict[str, str]) -> str:
    return f"{told['title']}, {told['url']} (read {told['read']})"
