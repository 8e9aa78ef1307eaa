"""How much wine a state lets somebody receive, as a winery corrected it."""

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import OwnedQuerySet, Winery
from crushsync.lib.history import SettingsHistory


class Window(models.TextChoices):
    """The time that a limit counts over."""

    MONTH = "month", _("a month")
    TWO_MONTHS = "two_months", _("two months")
    YEAR = "year", _("a year")


class StateLimit(models.Model):
    """A winery's own figure for a state, in the place of the published one. Information, not advice."""

    winery_path: ClassVar[str] = "winery"

    winery = models.ForeignKey(Winery, models.CASCADE, related_name="state_limits", verbose_name=_("winery"))
    state = models.CharField(
        _("state"), max_length=2, validators=[RegexValidator(r"^[A-Z]{2}$")], help_text=_("Two letters.")
    )
    bottles = models.PositiveIntegerField(
        _("bottles of 750 ml"), null=True, blank=True, help_text=_("Empty: no limit.")
    )
    window = models.CharField(_("counted over"), max_length=10, choices=Window.choices, default=Window.YEAR)
    source = models.CharField(_("source"), max_length=300, help_text=_("Where this stands, with its date."))

    objects = OwnedQuerySet.as_manager()
    history = SettingsHistory()

    class Meta:
        verbose_name = _("state limit")
        ordering = ["state"]
        constraints = [models.UniqueConstraint(fields=["winery", "state"], name="compliance_limit_once")]

    def __str__(self) -> str:
        return self.state
