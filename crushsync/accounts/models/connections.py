"""A winery's accounts outside."""

from collections.abc import Mapping
from typing import ClassVar

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models.wineries import OwnedQuerySet, Winery
from crushsync.lib.encrypted import EncryptedJSONField
from crushsync.lib.history import CONNECTION, SettingsHistory
from crushsync.lib.queue import DueRow
from crushsync.lib.signing import new_token


class Connection(models.Model):
    """The credentials and health of one outside account."""

    winery = models.ForeignKey(Winery, models.CASCADE, related_name="%(class)ss")
    name = models.CharField(_("name"), max_length=120)
    base_url = models.URLField(
        _("address"), help_text=_("Production, a test host, the sandbox or any stand-in.")
    )
    credentials = EncryptedJSONField(_("credentials"), default=dict, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    # Set while the account refuses us: its rows wait, one probe at a time asks whether it is well again.
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True, editable=False)
    paused_since = models.DateTimeField(_("paused since"), null=True, blank=True, editable=False)
    pause_code = models.CharField(max_length=40, blank=True, editable=False)
    pause_sentence = models.TextField(_("why it is paused"), blank=True, editable=False)
    last_ok_at = models.DateTimeField(_("last good answer"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def is_paused(self) -> bool:
        return self.paused_since is not None


class VinoshipperAccount(Connection, DueRow):
    """A winery's account at Vinoshipper. As a due row: when its product feed is to be read again."""

    parked_by: ClassVar[Mapping[str, str]] = {"accounts.VinoshipperAccount": "pk"}

    hint_key = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    producer_id = models.CharField(_("producer id"), max_length=40, blank=True)
    ship_to_states = models.JSONField(
        _("states shipped to"),
        default=list,
        blank=True,
        help_text=_("Two-letter codes. Other states are not sent."),
    )
    # Nothing is sent until this day, for heat or holidays; to these states, or to none if the list is empty.
    hold_until = models.DateField(_("hold until"), null=True, blank=True)
    hold_reason = models.CharField(_("why it is held"), max_length=120, blank=True)
    hold_states = models.JSONField(_("states held"), default=list, blank=True)
    most_bottles = models.PositiveSmallIntegerField(_("bottles in a shipment"), null=True, blank=True)
    # What our own checks do where they leave a choice: code -> "blocks", "warns" or "passes".
    check_levels = models.JSONField(_("own checks"), default=dict, blank=True)
    feed_read_at = models.DateTimeField(null=True, editable=False)  # when its products were last known
    send_days_ahead = models.PositiveSmallIntegerField(
        _("send how many days ahead"),
        default=14,
        help_text=_("An order with a later requested ship date waits until then."),
    )
    customer_mails = models.BooleanField(
        _("Vinoshipper mails the customer"),
        default=False,
        help_text=_("Off: only the shop writes to customers."),
    )
    report_at_label = models.BooleanField(
        _("report when the label is printed"),
        default=False,
        help_text=_("Off: the shop hears of a shipment once the carrier has it."),
    )
    ships_itself = models.BooleanField(
        _("the winery ships the goods itself"),
        default=False,
        help_text=_(
            "Under Vinoshipper's license: what the shop's staff have fulfilled is marked as shipped there."
        ),
    )
    calls_in_flight = models.PositiveSmallIntegerField(
        _("calls at a time"),
        default=8,
        validators=[MinValueValidator(1)],
        help_text=_("Vinoshipper publishes no limit; about ten quick calls have been seen to be refused."),
    )
    calls_per_second = models.PositiveSmallIntegerField(
        _("calls a second"), default=10, help_text=_("0: no limit of our own.")
    )
    # What Vinoshipper made of our speed: the part of it that is used, and until when it wants no call.
    pace = models.FloatField(default=1.0, editable=False)
    slowed_at = models.DateTimeField(null=True, editable=False)
    rest_until = models.DateTimeField(_("resting until"), null=True, editable=False)
    failures = models.PositiveSmallIntegerField(default=0, editable=False)  # in a row

    history = SettingsHistory(
        machine=[*CONNECTION, "hint_key", "feed_read_at", "pace", "slowed_at", "rest_until", "failures"]
    )

    class Meta(DueRow.Meta):
        verbose_name = _("Vinoshipper account")
        constraints = [models.UniqueConstraint(fields=["winery", "name"], name="accounts_vinoshipper_name")]


class RateRule(models.Model):
    """A shop's shipping method -> carrier and rate code at Vinoshipper. The first match in order wins."""

    winery_path: ClassVar[str] = "account__winery"

    account = models.ForeignKey(VinoshipperAccount, models.CASCADE, related_name="rate_rules")
    contains = models.CharField(
        _("shipping method contains"), max_length=80, help_text=_("Capitals do not matter.")
    )
    carrier = models.CharField(
        _("carrier"),
        max_length=10,
        validators=[RegexValidator(r"^[A-Z]+$")],
        help_text="UPS, FEDEX, GLS, SELF",
    )
    rate_code = models.CharField(_("rate code"), max_length=20)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = OwnedQuerySet.as_manager()
    history = SettingsHistory()

    class Meta:
        verbose_name = _("shipping method")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.contains} → {self.carrier} {self.rate_code}"
