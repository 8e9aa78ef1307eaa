"""Who calls, and with what: the account behind the Basic header, and the JSON object of the body."""

from base64 import b64decode
from collections.abc import Callable
from functools import wraps

from flask import Response, request
from flask.typing import ResponseReturnValue

from sandbox.shapes import Json, json_object
from sandbox.spoil import LOGIN_PAGE
from sandbox.vinoshipper.accounts import Account
from sandbox.vinoshipper.refusals import refusal
from sandbox.vinoshipper.service import Vinoshipper

View = Callable[..., ResponseReturnValue]
Guard = Callable[[View], View]


def account_of(vinoshipper: Vinoshipper, authorization: str) -> Account | None:
    """The account behind a Basic header, or None."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        key, _, secret = b64decode(value).decode().partition(":")
    except ValueError:
        return None
    return next((a for a in [*vinoshipper.accounts.values()] if (a.key, a.secret) == (key, secret)), None)


def guard_of(vinoshipper: Vinoshipper) -> Guard:
    """A decorator that gives the view its account, or refuses."""

    def guarded(view: View) -> View:
        @wraps(view)
        def with_account(**arguments: str) -> ResponseReturnValue:
            account = account_of(vinoshipper, request.headers.get("Authorization", ""))
            if account is None:
                return _refused(vinoshipper)
            if not account.permitted:
                raise refusal(403, "ACCESS_DENIED", "FORBIDDEN", "Insufficient permission")
            return view(account, **arguments)

        return with_account

    return guarded


def _refused(vinoshipper: Vinoshipper) -> Response:
    if vinoshipper.switches.bad_credentials == "html":
        return Response(LOGIN_PAGE, 200, content_type="text/html; charset=utf-8")
    raise refusal(401, "ACCESS_DENIED", "UNAUTHORIZED", "Authentication failed")


def body_object() -> Json:
    try:
        return json_object(request.get_data())
    except (ValueError, RecursionError):
        raise refusal(400, "VALIDATION", "MALFORMED", "The body is not a JSON object.") from None
