"""The shops of a winery."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import Connection, VinoshipperAccount
from crushsync.lib.encrypted import EncryptedJSONField
from crushsync.lib.history import CONNECTION, SettingsHistory
from crushsync.lib.queue import DueRow
from crushsync.lib.signing import new_token


def number_prefix() -> str:
    """Short and unguessable enough to make our order numbers unique over all of Vinoshipper."""
    return "CS" + "".join(letter for letter in new_token(24).upper() if letter.isalnum())[:6]


class Store(Connection, DueRow):
    """One shop. As a due row: when its changed orders are to be listed again."""

    parked_by: ClassVar[Mapping[str, str]] = {"orders.Store": "pk"}

    platform = models.CharField(_("platform"), max_length=20)
    # Part of the webhook address; says which store, proves nothing.
    key = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    number_prefix = models.CharField(max_length=12, unique=True, default=number_prefix, editable=False)
    vinoshipper_account = models.ForeignKey(
        VinoshipperAccount,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="stores",
        verbose_name=_("ships with"),
    )
    starts_at = models.DateTimeField(
        _("starts at"), default=timezone.now, help_text=_("Orders placed before this are never sent.")
    )
    ship_to_states = models.JSONField(
        _("states shipped to"), null=True, blank=True, help_text=_("Empty: as the Vinoshipper account.")
    )
    # What the platform issued to us: the access token in use, and the refresh token that came with it.
    # Apart from `credentials`, which people enter: saving those must not undo a refresh.
    issued = EncryptedJSONField(default=dict, editable=False)
    # Changes up to here have been seen by the poll.
    polled_to = models.DateTimeField(null=True, editable=False)
    # Which orders the platform does not show us, and what to do about it.
    poll_note = models.TextField(_("orders not seen"), blank=True, editable=False)
    notify_customer = models.BooleanField(
        _("shop mails the customer"),
        default=True,
        help_text=_("The shop's own shipping mail, once per shipment."),
    )
    shows_marks = models.BooleanField(
        _("mark orders in the shop"),
        default=True,
        help_text=_("A tag, the Vinoshipper number, a hold on what was refused: for the shop's staff."),
    )
    send_after = models.PositiveSmallIntegerField(
        _("seconds before sending"),
        default=0,
        validators=[MaxValueValidator(3600)],
        help_text=_("For apps that correct the address just after the checkout. 0: sent at once."),
    )
    sends_test_orders = models.BooleanField(_("send test orders"), default=False)
    birth_date_fields = models.JSONField(_("birth date fields"), default=list, blank=True)
    ship_date_fields = models.JSONField(_("ship date fields"), default=list, blank=True)
    gift_note_fields = models.JSONField(_("gift note fields"), default=list, blank=True)
    access_point_fields = models.JSONField(_("access point fields"), default=list, blank=True)
    fee_titles = models.JSONField(_("fee lines"), default=list, blank=True)
    day_before_month = models.BooleanField(
        _("day before month"),
        null=True,
        blank=True,
        help_text=_("How this shop writes 04/05/1980. Not known: such a date is asked about, never guessed."),
    )

    history = SettingsHistory(
        machine=[*CONNECTION, "key", "number_prefix", "issued", "polled_to", "poll_note"]
    )

    class Meta(DueRow.Meta):
        verbose_name = _("store")
        constraints = [models.UniqueConstraint(fields=["winery", "name"], name="orders_store_name")]

    def save(self, *arguments: Any, **options: Any) -> None:
        """With another start the poll begins anew: what was placed since an earlier one it has not seen."""
        names = options.get("update_fields") or ["starts_at"]
        is_known = not self._state.adding and "starts_at" in names
        begins_anew = is_known and self.has_changed(Store.starts_at.field)
        super().save(*arguments, **options)
        if begins_anew:  # also if a look is under way: what it brings counts no more
            Store.objects.filter(pk=self.pk).update(polled_to=None, fence=F("fence") + 1)
            self.polled_to = None
