"""How far the rows of the other rooms have been told."""

from django.db import models

from crushsync.lib.queue import DueRow


class Sweep(DueRow):
    """One row for the whole installation, made when the first endpoint or recipient is.

    As a due row: when the other rooms' new rows are looked for again.
    """

    key = models.CharField(max_length=10, unique=True, default="only", editable=False)
    # Source -> the id up to which all of its rows have been told.
    told = models.JSONField(default=dict)
    # Source -> the newest id at the last look, and which transactions could still bring an older one then.
    seen = models.JSONField(default=dict)
    writers = models.JSONField(default=list)
    tidied_at = models.DateTimeField(null=True)  # when what is old was last deleted

    class Meta(DueRow.Meta):
        verbose_name = "sweep"

    def __str__(self) -> str:
        return "sweep"
