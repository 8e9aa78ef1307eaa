"""The app's installation and its tokens: ``/shopify/<shop>/admin/oauth/...``.

https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant
"""

import base64
import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.shapes import Json, json_object
from sandbox.shopify.shop import Shop
from sandbox.shopify.shops import Shops
from sandbox.shopify.tokens import is_client, refused


def oauth_routes(routes: Blueprint, shops: Shops) -> None:
    @routes.get("/<shop_name>/admin/oauth/authorize")
    def authorize(shop_name: str) -> AnyResponse:
        """The page on which the shop's owner agrees; here nobody is asked, the switch has decided."""
        shop = shops.get(shop_name)
        if shop is None or request.args.get("client_id") != shop.client_id:
            return Response("Oauth error invalid_client: no such app or shop.", 400)
        told: Json = {"state": request.args.get("state", ""), "shop": shop.domain}
        if shop.switches.installs == "deny":
            told["error"] = "access_denied"
        else:
            told["code"] = shop.desk.authorize(request.args.get("scope", ""))
        told["host"] = base64.b64encode(f"{shop.domain}/admin".encode()).decode()
        told["timestamp"] = str(int(time.time()))
        told["hmac"] = query_signature(shop.secret, told)
        return redirect(f"{request.args['redirect_uri']}?{urlencode(told)}")

    @routes.post("/<shop_name>/admin/oauth/access_token")
    def access_token(shop_name: str) -> Response:
        shop = shops.get(shop_name)
        if shop is None:
            return _json({"errors": "Not Found"}, 404)
        try:
            given = request.form.to_dict() or json_object(request.get_data())
        except (ValueError, RecursionError):
            given = {}
        status, body = _grant(shop, given)
        return _json(body, status)


def query_signature(secret: str, query: Json) -> str:
    """The value of ``hmac`` on addresses that Shopify opens: hex HMAC-SHA256 of the sorted query."""
    text = "&".join(f"{name}={value}" for name, value in sorted(query.items()) if name != "hmac")
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _grant(shop: Shop, given: Json) -> tuple[int, Json]:
    if not is_client(given, shop.client_id, shop.secret):
        return refused("invalid_client", "The client id or the client secret is wrong.", 401)
    switches = shop.switches
    with shop.lock:
        status, body = shop.desk.grant(
            given, seconds=switches.token_seconds, spent_refresh=switches.spent_refresh
        )
        if body.get("scope"):
            shop.scopes = body["scope"].split(",")
    return status, {"scope": ",".join(shop.scopes), **body} if status == 200 else body


def _json(body: Json, status: int) -> Response:
    return Response(json.dumps(body), status, content_type="application/json; charset=utf-8")
