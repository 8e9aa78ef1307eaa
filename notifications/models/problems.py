"""Which problems have been told, so that their end can be told too."""

from django.db import models
from django.db.models import Q

from fulfillment.models import Problem


class ToldProblem(models.Model):
    """A problem of which somebody may have heard. Its end is looked for until it is told."""

    problem = models.OneToOneField(Problem, models.CASCADE, primary_key=True, related_name="told")
    is_end_told = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["problem"], condition=Q(is_end_told=False), name="notifications_problem_running"
            )
        ]

    def __str__(self) -> str:
        return str(self.problem_id)
