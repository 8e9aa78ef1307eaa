"""The address of the Admin GraphQL API: ``/shopify/<shop>/admin/api/<version>/graphql.json``."""

import json
import re
from uuid import uuid4

from flask import Blueprint, Response, request

from sandbox.shapes import Json, json_object
from sandbox.shopify.oauth import oauth_routes
from sandbox.shopify.shops import Shops

OPERATION = re.compile(r"\b(?:query|mutation)\s+(\w+)")
BAD_TOKEN = {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}


def operation_name(body: bytes) -> str:
    """The name of the GraphQL operation asked for, or "" when it cannot be told."""
    try:
        given = json_object(body)
    except (ValueError, RecursionError):
        return ""
    match = OPERATION.search(str(given.get("query") or ""))
    return str(given.get("operationName") or (match[1] if match else ""))


def blueprint(shops: Shops) -> Blueprint:
    routes = Blueprint("shopify", __name__, url_prefix="/shopify")
    oauth_routes(routes, shops)

    @routes.post("/<shop_name>/admin/api/<version>/graphql.json")
    def graphql(shop_name: str, version: str) -> Response:
        shop = shops.get(shop_name)
        if shop is None:
            return _json({"errors": "Not Found"}, 404)
        token = request.headers.get("X-Shopify-Access-Token", "")
        if not shop.accepts(token):
            return _json(BAD_TOKEN, 401)
        try:
            body = json_object(request.get_data())
        except (ValueError, RecursionError):
            return _json({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        shop.outside_url = request.host_url.rstrip("/")
        response = _json(shops.executor(shop_name).run(body), 200)
        response.headers["X-Shopify-API-Version"] = shop.switches.api_version
        return response

    @routes.get("/<shop_name>/bulk/<number>.jsonl")
    def bulk_file(shop_name: str, number: str) -> Response:
        """What a bulk operation found. The address is the secret: no token is asked for."""
        shop = shops.get(shop_name)
        if shop is None or number not in shop.bulks:
            return Response(status=404)
        answer = Response(shop.bulks[number].file, content_type="application/jsonl")
        answer.make_conditional(request, accept_ranges=True, complete_length=len(answer.get_data()))
        return answer

    return routes


def _json(body: Json, status: int) -> Response:
    response = Response(json.dumps(body), status, content_type="application/json; charset=utf-8")
    response.headers["X-Request-Id"] = str(uuid4())
    return response
