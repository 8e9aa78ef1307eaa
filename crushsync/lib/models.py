"""The two rows the machinery itself needs."""

from django.db import models


class DrainSlot(models.Model):
    """Leave to run one drain. As many rows as drains may run at once, over all machines."""

    name = models.CharField(max_length=40, unique=True)
    holder = models.CharField(max_length=80, blank=True)
    # The holder writes this every second; a slot not beaten for a while is free to take.
    beat_at = models.DateTimeField(null=True)
    is_stopping = models.BooleanField(default=False)

    class Meta:
        verbose_name = "worker heartbeat"

    def __str__(self) -> str:
        return self.name


class KeyCheck(models.Model):
    """A known word, encrypted: a process with the wrong keys refuses to start instead of writing rubbish."""

    canary = models.TextField()

    def __str__(self) -> str:
        return "key check"
