"""Installing the app of an agency in a shop: from the store's page to Shopify and back.

Nothing changes unless an owner of the winery began it in this session, Shopify signed the way back, and the
shop's owner agreed.
"""

import time
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crushsync.accounts.models import Role
from crushsync.accounts.roles import has_role
from crushsync.lib.errors import SyncError
from crushsync.lib.signing import new_token
from orders import tokens
from orders.connecting import install
from orders.models import Store
from orders.storefronts.registry import ISSUERS
from orders.storefronts.shopify.connector import Shopify
from orders.storefronts.shopify.oauth import authorize_url, is_genuine, is_same_shop, is_shop
from orders.stores import webhook_secrets

BEGUN: Final = "shopify_installations"  # in the session: state -> [store, when]
MOST_BEGUN: Final = 5
SECONDS: Final = 600


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Send an owner to Shopify: `?store=<id>` from the store's page, or `?shop=<domain>` from Shopify's."""
    store = _own_store(request)
    if store is None:
        return _refuse(request, _("You own no Shopify store of this name here."), HTTPStatus.NOT_FOUND)
    given = store.credentials
    if not (given.get("client_id") and given.get("client_secret")):
        told = _("Enter the client id and the client secret of the app on the store's page first.")
        return _refuse(request, told, HTTPStatus.BAD_REQUEST)
    if not is_shop(store.base_url):
        told = _("The store's address has to be https://<shop>.myshopify.com.")
        return _refuse(request, told, HTTPStatus.BAD_REQUEST)
    state = new_token()
    begun = list(request.session.get(BEGUN, {}).items())[1 - MOST_BEGUN :]
    request.session[BEGUN] = {**dict(begun), state: [store.pk, time.time()]}
    callback = f"{settings.BASE_URL}{reverse('shopify-installed')}"
    return HttpResponseRedirect(authorize_url(store.base_url, given["client_id"], state, callback))


@require_GET
def finish(request: HttpRequest) -> HttpResponse:
    """The shop's owner comes back from Shopify. A state is good once, whatever comes of it."""
    query = {name: values[0] for name, values in request.GET.lists() if len(values) == 1}
    store = _begun(request, query.get("state", ""))
    if store is None:
        told = _("This installation was not begun here, was finished already, or took too long.")
        return _refuse(request, told, HTTPStatus.FORBIDDEN)
    is_whole = len(query) == len(request.GET)
    if not (is_whole and is_genuine(query, webhook_secrets(store))):
        told = _("This answer was not signed by Shopify with the store's client secret.")
        return _refuse(request, told, HTTPStatus.FORBIDDEN)
    if not is_same_shop(store.base_url, query.get("shop", "")):
        told = _("Shopify answers for another shop than the store's.")
        return _refuse(request, told, HTTPStatus.FORBIDDEN)
    if query.get("code"):
        _install(request, store, query["code"])
    else:
        messages.warning(request, _("The installation was canceled in Shopify. Nothing has changed here."))
    return HttpResponseRedirect(reverse("admin:orders_store_change", args=[store.pk]))


def _install(request: HttpRequest, store: Store, code: str) -> None:
    try:
        missing = install(store, ISSUERS[store.platform](tokens.request(store, code=code)))
    except SyncError as error:
        messages.error(request, error.sentence)
        return
    messages.success(request, _("The app is installed, and the store is connected."))
    for sentence in missing:
        messages.warning(request, sentence)


def _own_store(request: HttpRequest) -> Store | None:
    stores = Store.objects.visible_to(request.user).filter(platform=Shopify.platform)
    key, shop = request.GET.get("store", ""), request.GET.get("shop", "")
    if key.isascii() and key.isdigit() and len(key) < 19:
        found = stores.filter(pk=key).first()
    else:
        found = stores.filter(base_url=f"https://{shop}").first() if shop else None
    return found if found and has_role(request.user, Role.OWNER, found.winery_id) else None


def _begun(request: HttpRequest, state: str) -> Store | None:
    """The store whose installation this state began, in this session, not long ago, by one of its owners."""
    begun: dict[str, Any] = dict(request.session.get(BEGUN, {}))
    key, when = begun.pop(state, (None, 0))
    request.session[BEGUN] = begun
    if key is None or time.time() - when > SECONDS:
        return None
    store = Store.objects.visible_to(request.user).filter(pk=key).first()
    return store if store and has_role(request.user, Role.OWNER, store.winery_id) else None


def _refuse(request: HttpRequest, sentence: str, status: HTTPStatus) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": _("The app was not installed"),
        "sentence": sentence,
    }
    return render(request, "admin/not_installed.html", context, status=status)
