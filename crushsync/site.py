"""The admin site winery staff work in: its navigation, and the ribbon that says "not production"."""

from dataclasses import dataclass
from functools import wraps
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import Role, VinoshipperAccount
from crushsync.accounts.roles import has_role
from crushsync.lib.history import made_by
from orders.models import Store


@dataclass(frozen=True)
class Page:
    label: Any  # lazily translated
    model: str  # as addresses spell it: app_model; or the name of a page of its own
    role: Role | None = Role.VIEWER  # None: the operator alone

    @property
    def url(self) -> str:
        return reverse(f"admin:{self.model}_changelist" if "_" in self.model else self.model)

    def is_here(self, name: str) -> bool:
        """Whether the address of this name is one of the page's."""
        return name == self.model or name.startswith((f"{self.model}_", f"{self.model}-"))


# Section of the navigation -> its pages; the first is where the section leads.
SECTIONS: dict[Any, tuple[Page, ...]] = {
    _("Orders"): (
        Page(_("Orders"), "orders_order"),
        Page(_("Problems"), "fulfillment_problem"),
        Page(_("Batches"), "fulfillment_batch"),
    ),
    _("Fulfillments"): (
        Page(_("Fulfillments"), "fulfillment_fulfillment"),
        Page(_("Cellar"), "fulfillment_cellar"),
        Page(_("Own carriers"), "fulfillment_owncarrier"),
    ),
    _("Stock"): (
        Page(_("Levels"), "fulfillment_stocklevel"),
        Page(_("Locations"), "fulfillment_stocklocation"),
        Page(_("Locations in stores"), "fulfillment_locationmapping"),
        Page(_("Numbers in stores"), "fulfillment_storestock"),
        Page(_("Imports"), "fulfillment_stockimport", Role.MANAGER),
    ),
    _("Compliance"): (
        Page(_("Verdicts"), "compliance_complianceevent"),
        Page(_("Ship-to settings"), "ship-to"),
        Page(_("State limits"), "compliance_statelimit"),
        Page(_("Pack sizes"), "compliance_piecesize"),
    ),
    _("Catalog"): (
        Page(_("Listings"), "fulfillment_listing"),
        Page(_("Vinoshipper products"), "compliance_catalogproduct"),
    ),
    _("Connections"): (
        Page(_("Stores"), "orders_store"),
        Page(_("Vinoshipper accounts"), "accounts_vinoshipperaccount"),
        Page(_("What came in"), "orders_inboundhint"),
        Page(_("Webhook endpoints"), "notifications_endpoint"),
        Page(_("Deliveries"), "notifications_delivery"),
    ),
    _("Winery"): (
        Page(_("Wineries"), "accounts_winery"),
        Page(_("Taxes and fees"), "money", Role.MANAGER),
        Page(_("Who gets mails"), "notifications_recipient"),
        Page(_("Mails"), "notifications_mail"),
        Page(_("People"), "accounts_membership", Role.OWNER),
        Page(_("API keys"), "accounts_apikey", Role.OWNER),
        Page(_("Audit"), "audit", Role.OWNER),
        Page(_("Logins"), "auth_user", None),
    ),
}


class CrushSyncAdminSite(admin.AdminSite):
    site_header = "CrushSync"
    site_title = "CrushSync"
    site_url = None
    index_title = _("Today")
    enable_nav_sidebar = False

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """What a page saves was changed by the person who sent it."""

        @wraps(view)
        def named(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            with made_by(request):
                return view(request, *args, **kwargs)

        guarded = super().admin_view(named, cacheable)

        @wraps(guarded)
        def with_way_back(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            # Nobody has to log in to log out.
            is_lost = request.method == "POST" and request.path != reverse("admin:logout")
            if is_lost and not self.has_permission(request):
                return _log_in_again(request)
            return guarded(request, *args, **kwargs)

        return with_way_back

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        if self.has_permission(request):
            context["sections"] = _sections(request)
            context["here"] = _here(context["sections"])
            context["is_rehearsal"] = _is_rehearsal(request)
        return context

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """None: our own navigation leads everywhere."""
        return []


def _log_in_again(request: HttpRequest) -> HttpResponse:
    """Of a form sent after its session has ended: say so, and lead back to the page it was on.

    Its own address takes no GET, which is all that a login can lead to.
    """
    messages.warning(request, _("You had been logged out, and nothing was done. Log in and do it again."))
    came_from, here = request.headers.get("Referer", ""), request.build_absolute_uri("/")
    form = f"/{came_from.removeprefix(here)}" if came_from.startswith(here) else reverse("admin:index")
    return redirect_to_login(form, reverse("admin:login"))


def _sections(request: HttpRequest) -> list[dict[str, Any]]:
    """The navigation as far as it is the user's, with the place where he stands."""
    here = request.resolver_match.url_name or "" if request.resolver_match else ""
    sections = []
    for label, pages in SECTIONS.items():
        shown = [
            {"label": page.label, "url": page.url, "is_here": page.is_here(here)}
            for page in pages
            if request.user.is_superuser or (page.role and has_role(request.user, page.role))
        ]
        is_here = any(page["is_here"] for page in shown)
        sections.append(
            {"label": label, "pages": shown, "url": shown[0]["url"], "is_here": is_here} if shown else {}
        )
    return list(filter(None, sections))


def _here(sections: list[dict[str, Any]]) -> Any:
    """What the navigation calls the page; "" of one that it does not name."""
    labels = (page["label"] for section in sections for page in section["pages"] if page["is_here"])
    return next(labels, "")


def _is_rehearsal(request: HttpRequest) -> bool:
    """Whether one of the user's connections leads to this machine instead of to the real thing."""
    return any(
        _is_local(url)
        for model in (Store, VinoshipperAccount)
        for url in model.objects.visible_to(request.user).values_list("base_url", flat=True).distinct()
    )


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".test")) or "sandbox" in host
