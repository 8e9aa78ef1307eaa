"""The day: all scenarios side by side, each going on when what it waits for has come to pass."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.client import Sandbox
from sandbox.demo.house import House
from sandbox.demo.scenarios import Scenario, Scene, Steps, Wait, number_of, order_of, people, programme
from sandbox.demo.view import Seen, View

LOOK = 0.2  # seconds between two looks
TOGETHER = 6  # orders that come in between two looks
PATIENCE = 30.0  # seconds a step may take, and a little more for each order of the day
PATIENCE_PER_ORDER = 0.2


@dataclass
class Story:
    """One scenario being played. `waited_in_vain`: what never came to pass."""

    scenario: Scenario
    order: str
    name: str
    steps: Steps
    wait: Wait | None = None
    since: float = 0.0
    waited_in_vain: str = ""

    def begin(self) -> None:
        self._on(next(self.steps, None))

    def look(self, seen: Seen, patience: float) -> None:
        """Go on as far as it goes now."""
        while self.wait is not None and self.order in seen.shop and self.wait.come(seen):
            try:
                self._on(self.steps.send(seen))
            except StopIteration:
                self._on(None)
        if self.wait is not None and time.monotonic() - self.since > patience:
            self.waited_in_vain = self.wait.words
            self._on(None)

    def _on(self, wait: Wait | None) -> None:
        self.wait, self.since = wait, time.monotonic()


@dataclass
class Day:
    stories: list[Story] = field(default_factory=list)
    seconds: float = 0.0
    seen: Seen | None = None

    @property
    def ended(self) -> int:
        return sum(story.wait is None for story in self.stories)


def play(orders: int, house: House, sandbox: Sandbox, tell: Callable[[Day], None]) -> Day:
    """Play a day of so many orders; `tell` hears of each look. Returns when every story has ended."""
    sandbox.vinoshipper.account(**people())
    view, day, started = View(sandbox), Day(), time.monotonic()
    coming = _stories(orders, house, sandbox)
    while coming or day.ended < len(day.stories):
        for story in coming[:TOGETHER]:
            story.begin()
        day.stories += coming[:TOGETHER]
        del coming[:TOGETHER]
        looked = time.monotonic()
        day.seen = view.look()
        for story in day.stories:
            story.look(day.seen, PATIENCE + orders * PATIENCE_PER_ORDER)
        day.seconds = time.monotonic() - started
        tell(day)
        time.sleep(
            max(LOOK, time.monotonic() - looked)
        )  # never busy with looking for more than half the time
    sandbox.settle()
    day.seen = view.look()
    return day


def _stories(orders: int, house: House, sandbox: Sandbox) -> list[Story]:
    stories = []
    for place, scenario in enumerate(programme(orders)):
        scene = Scene(number_of(place), sandbox, house)
        order, name = order_of(scenario, scene)
        stories.append(Story(scenario, order, name, scenario.play(scene)))
    return stories
