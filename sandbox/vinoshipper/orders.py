"""An order as the stand-in keeps it."""

import time
from dataclasses import dataclass, field
from typing import NamedTuple

from sandbox.shapes import Json

ACCEPTED = "SUCCESS"
# Fulfilment states in their order; the last four are ends.
LIFE = ("OPEN", "LABELS_GENERATED", "SHIPPED", "DELIVERED")
ENDS = ("DELIVERED", "PICKED_UP", "CANCELLED", "RETURNED")


class Snapshot(NamedTuple):
    at: float  # time.monotonic()
    answer: Json


@dataclass
class Order:
    """``request`` is the last body that counted. An order refused with 400 is kept but cannot be read."""

    number: str
    account: str
    request: Json
    status: str = "PENDING"
    order_status: str = "OPEN"
    problems: list[Json] = field(default_factory=list)
    packages: list[str] = field(default_factory=list)
    refused_with_400: bool = False
    posts: int = 0
    puts: int = 0
    acceptances: int = 0
    purchased_at: str | None = None
    canceled_at: str | None = None
    shipped_at: str | None = None
    delivered_at: str | None = None
    cancel_reason: str | None = None
    history: list[Snapshot] = field(default_factory=list)

    @property
    def is_accepted(self) -> bool:
        return self.status == ACCEPTED

    def remember(self, answer: Json, keep: float) -> None:
        """Adds a snapshot and drops those that a reader ``keep`` seconds behind can no longer see."""
        moment = time.monotonic()
        seen = [s for s in self.history if s.at <= moment - keep][-1:]
        newer = [s for s in self.history if s.at > moment - keep] if keep else []
        self.history = [*seen, *newer, Snapshot(moment, answer)] if keep else [Snapshot(moment, answer)]

    def seen(self, lag: float) -> Json | None:
        """The answer as a reader ``lag`` seconds behind sees it; None when he does not see it yet."""
        limit = time.monotonic() - lag
        visible = [s for s in self.history if s.at <= limit]
        return visible[-1].answer if visible else None

    def summary(self) -> Json:
        """The row of the oracle."""
        return {
            "number": self.number,
            "account": self.account,
            "status": self.status,
            "orderStatus": self.order_status,
            "accepted": self.is_accepted,
            "problems": self.problems,
            "packages": list(self.packages),
            "posts": self.posts,
            "puts": self.puts,
            "acceptances": self.acceptances,
            "cancelReason": self.cancel_reason,
            "request": self.request,
        }
