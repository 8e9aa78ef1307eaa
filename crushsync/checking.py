"""The button that tries a connection: asked for by POST, looks at the outside, says what is wrong."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from compliance import connecting
from crushsync.accounts.models import Connection, Role, VinoshipperAccount
from crushsync.accounts.roles import has_role
from crushsync.lib.errors import SyncError
from orders.models import Store
from orders.stores import storefront


def _store(store: Any) -> tuple[str, tuple[str, ...]]:
    report = storefront(store).check()
    missing = tuple(_("Not permitted: %(what)s") % {"what": what} for what in report.missing)
    return report.name, missing


def _account(account: Any) -> tuple[str, tuple[str, ...]]:
    checked = connecting.check(account)
    return checked.producer, checked.wrong


# Kind, as the address spells it -> what it is about, and what is looked at.
KINDS: dict[str, tuple[type[Connection], Callable[[Any], tuple[str, tuple[str, ...]]], str]] = {
    "store": (Store, _store, "admin:orders_store_change"),
    "vinoshipper": (VinoshipperAccount, _account, "admin:accounts_vinoshipperaccount_change"),
}


def try_connection(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Try it now, and go back to its page with what was found. Changes nothing, here or there."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if kind not in KINDS:
        raise Http404
    model, look, page = KINDS[kind]
    connection: Any = get_object_or_404(model.objects.visible_to(request.user), pk=pk)
    if not has_role(request.user, Role.MANAGER, connection.winery_id):
        raise PermissionDenied
    try:
        name, wrong = look(connection)
    except SyncError as error:
        messages.error(request, error.sentence)
    else:
        for sentence in wrong:
            messages.warning(request, sentence)
        if not wrong:
            messages.success(request, _("It works: %(name)s answered.") % {"name": name})
    return redirect(page, pk)
