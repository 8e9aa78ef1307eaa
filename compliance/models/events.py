"""Verdicts about orders: who was asked, and what the answer was."""

from typing import Any, ClassVar, NoReturn

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import OwnedQuerySet
from orders.models import Order


class Asked(models.TextChoices):
    """Who gave the verdict."""

    OURSELVES = "ourselves", _("Our own check")
    CHECK = "check", _("Vinoshipper's check")  # asked without sending
    SENDING = "sending", _("Vinoshipper, on sending")
    AGE = "age", _("Age verification")
    WEBHOOK = "webhook", _("Vinoshipper's webhook")
    LATER = "later", _("Vinoshipper, after sending")


class NeverChanged(TypeError):
    """Somebody tried to alter what is only ever added to."""


class AppendOnly(OwnedQuerySet):
    """Rows that are written once."""

    def update(self, **fields: Any) -> NoReturn:
        raise NeverChanged(f"{self.model.__name__} rows are never changed.")

    def delete(self) -> NoReturn:
        raise NeverChanged(f"{self.model.__name__} rows are never deleted.")

    def bulk_update(self, *args: Any, **options: Any) -> NoReturn:
        raise NeverChanged(f"{self.model.__name__} rows are never changed.")


class ComplianceEvent(models.Model):
    """One verdict about one order. Only ever added: it goes with its order, and in no other way."""

    winery_path: ClassVar[str] = "order__winery"

    order = models.ForeignKey(Order, models.CASCADE, related_name="compliance_events")
    asked = models.CharField(_("asked"), max_length=10, choices=Asked.choices)
    is_compliant = models.BooleanField(_("compliant"))
    # [{"code", "description", "line"?, "level"?, "type"?}]: `line` is the SKU it is about. Names nobody.
    problems = models.JSONField(_("problems"), default=list)
    answer = models.JSONField(default=dict)  # redacted
    trace_id = models.CharField(_("trace id"), max_length=80, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)

    objects = AppendOnly.as_manager()

    class Meta:
        verbose_name = _("compliance event")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["-at"], name="compliance_event_newest")]

    def __str__(self) -> str:
        return f"{self.get_asked_display()}: {'compliant' if self.is_compliant else 'not compliant'}"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise NeverChanged("A compliance event is never changed.")
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise NeverChanged("A compliance event is never deleted.")

    @property
    def words(self) -> list[str]:
        """The problems in the words of who was asked."""
        return [str(item.get("description") or item.get("code", "")) for item in self.problems]

    @property
    def codes(self) -> list[str]:
        """The problems' codes, as who was asked names them."""
        return [str(item.get("code") or "") for item in self.problems]
