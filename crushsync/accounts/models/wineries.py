"""Wineries and their people."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crushsync.lib.history import DUE, SettingsHistory
from crushsync.lib.queue import DueRow

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

    from crushsync.accounts.models.keys import ApiKey


def winery_path(model: type[models.Model]) -> str:
    """The way from a row to its winery, as filters spell it; "" for the winery itself."""
    return getattr(model, "winery_path", "winery")


def roles_of(user: Any) -> dict[int, str]:
    """Winery id -> role, of a person or a key. Kept on the user, which lives as long as its request."""
    if not hasattr(user, "roles_by_winery"):
        mine = Membership.objects.filter(user_id=user.pk)
        user.roles_by_winery = dict(mine.values_list("winery_id", "role")) if user.is_active else {}
    held: dict[int, str] = user.roles_by_winery
    return held


class OwnedQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Rows that belong to a winery. `visible_to` is the one rule of who may see what."""

    def visible_to(self, user: "User | AnonymousUser | KeyHolder") -> Self:
        """The rows of the user's wineries; all of them for the installation's operator (a superuser).

        The wineries are named by their ids: the database knows how many rows each has, and not how many a
        person has.
        """
        if user.is_superuser and user.is_active:
            return self
        mine = list(roles_of(user))
        path = winery_path(self.model) or "pk"
        return self.filter(**{path: mine[0]} if len(mine) == 1 else {f"{path}__in": mine})


class Winery(DueRow):
    """The tenant. As a due row: when it is looked for what is late, and for connections that refuse us."""

    winery_path: ClassVar[str] = ""
    # Parked while one of its connections is paused, so that it is looked at when that ends.
    parked_by: ClassVar[Mapping[str, str]] = {
        "orders.Store": "stores",
        "accounts.VinoshipperAccount": "vinoshipperaccounts",
    }

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=60, default="America/Los_Angeles")
    writes_to_customers = models.BooleanField(
        _("may write to customers"),
        default=False,
        help_text=_(
            "Off: CrushSync drafts messages about orders, and you send them. On: they can be sent here."
        ),
    )
    send_within = models.PositiveSmallIntegerField(
        _("sent within minutes"),
        default=5,
        help_text=_("An order that may go and is not sent by then is late."),
    )
    ship_within = models.PositiveSmallIntegerField(
        _("shipped within business days"),
        default=3,
        help_text=_("Counted from sending, or from the ship date the customer asked for."),
    )
    report_within = models.PositiveSmallIntegerField(
        _("told to the store within minutes"),
        default=60,
        help_text=_("Of a shipment, once it is known here."),
    )
    holiday_state = models.CharField(
        _("holidays of the state"),
        max_length=2,
        blank=True,
        validators=[RegexValidator("^[A-Z]{2}$")],
        help_text=_("Two letters. Empty: the federal holidays alone are no business days."),
    )
    due_at = models.DateTimeField(null=True, default=timezone.now, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OwnedQuerySet.as_manager()
    history = SettingsHistory(machine=[*DUE, "created_at"])

    class Meta(DueRow.Meta):
        verbose_name = _("winery")
        verbose_name_plural = _("wineries")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def mending(cls, account: models.Model, code: str, now: datetime) -> "models.QuerySet[Self]":
        """A connection of the winery has just paused: it is told at once."""
        return cls._default_manager.filter(pk=getattr(account, "winery_id", 0), open_claims=0)


class Role(models.TextChoices):
    """What a person may do, each including the ones after it."""

    OWNER = "owner", _("Owner")  # connections and people
    MANAGER = "manager", _("Manager")  # acts on orders, maps SKUs
    VIEWER = "viewer", _("Viewer")  # looks


class Membership(models.Model):
    winery = models.ForeignKey(Winery, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.VIEWER)

    objects = OwnedQuerySet.as_manager()
    history = SettingsHistory()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(fields=["winery", "user"], name="accounts_one_role_a_winery")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class KeyHolder:
    """Whoever calls with an API key: sees the key's winery, and may there what its scopes say."""

    pk = None
    is_active = is_authenticated = True
    is_anonymous = is_staff = is_superuser = False

    def __init__(self, key: "ApiKey") -> None:
        self.key = key
        self.roles_by_winery = {key.winery_id: Role.OWNER}

    def get_username(self) -> str:
        """How history names it."""
        return f"API key {self.key.name}"
