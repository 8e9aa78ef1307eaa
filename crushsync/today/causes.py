"""What to mend first: open problems with the same cause together, the most orders first."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from crushsync.accounts.admin.markup import ago
from crushsync.accounts.roles import Person
from fulfillment.admin.mending import cause_url
from fulfillment.models import Problem
from fulfillment.problems.grouping import Group, awake, groups

SHOWN = 8


@dataclass(frozen=True)
class Cause:
    sentence: str
    count: int
    since: datetime
    url: str  # the page of the cause, with its one fix
    step: str  # the first thing to do

    @property
    def ago(self) -> str:
        return ago(self.since)


def causes(user: Person) -> list[Cause]:
    """Of the problems nobody has put off until later; one more than is shown tells that there are more."""
    rows = awake(Problem.objects.visible_to(user), timezone.now())
    return [_cause(group) for group in groups(rows, SHOWN + 1)]


def _cause(group: Group) -> Cause:
    return Cause(
        sentence=group.sentence,
        count=group.count,
        since=group.oldest,
        url=cause_url(group.winery_id, group.code, group.subject),
        step=str(group.entry.steps[0]) if group.entry.steps else "",
    )
