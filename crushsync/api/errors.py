"""Every refusal in one form: problem details, https://www.rfc-editor.org/rfc/rfc9457."""

import logging
import traceback
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import (
    NON_FIELD_ERRORS,
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
)
from django.core.exceptions import ValidationError as ModelError
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from fulfillment.refusals import NotAllowed
from fulfillment.shipping import Refused

CONTENT_TYPE = "application/problem+json"
WHOLE = ("non_field_errors", NON_FIELD_ERRORS)  # how DRF and Django name what is wrong with no single field
WHERE = "Some fields are not right: see `fields`."
# What DRF says for these does not say what is right instead.
RIGHT: Final = {
    exceptions.NotAuthenticated: "Send an API key, `Authorization: Bearer cs_...`, or log in to the admin.",
    exceptions.MethodNotAllowed: "This address does not take that method; Allow names those it takes.",
    exceptions.UnsupportedMediaType: "Send JSON, and say so: `Content-Type: application/json`.",
}
logger = logging.getLogger(__name__)


class ApiError(exceptions.APIException):
    """A refusal of ours; `extra` stands in the answer beside the usual members."""

    status_code = HTTPStatus.BAD_REQUEST

    def __init__(self, code: str, detail: str, **extra: Any) -> None:
        super().__init__(detail, code)
        self.code, self.extra = code, extra


class NoSuchRow(ApiError):
    """A field of the body holds the id of a row that is not there, or is not the caller's."""

    status_code = HTTPStatus.NOT_FOUND


class Conflict(ApiError):
    status_code = HTTPStatus.CONFLICT


class OtherBody(ApiError):
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY


class Outdated(ApiError):
    status_code = HTTPStatus.PRECONDITION_FAILED


class TagMissing(ApiError):
    status_code = HTTPStatus.PRECONDITION_REQUIRED


class TooLarge(ApiError):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class NoLength(ApiError):
    status_code = HTTPStatus.LENGTH_REQUIRED


class NotAsked(ApiError):
    """Somebody outside, who had to be asked for this, did not answer."""

    status_code = HTTPStatus.FAILED_DEPENDENCY


class Busy(ApiError):
    """The database is away, or chose us to give way."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    wait = 5


class AlreadyRunning(Conflict):
    wait = 2  # seconds until it is worth asking again


def answer(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler. What nobody foresaw is logged under its request id, told without details."""
    known = _known(error) or exceptions.APIException(
        "Something went wrong here. It is logged under the request id.", "internal"
    )
    if known.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # Where, not what: the message of a database's error quotes the row.
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error("API call %s: %s\n%s", context["request"].request_id, type(error).__name__, where)
    set_rollback()
    response = Response(
        problem(known, context["request"].request_id),
        status=known.status_code,
        headers=_headers(known),
        content_type=CONTENT_TYPE,
    )
    response.exception = True
    return response


def problem(error: exceptions.APIException, request_id: str) -> dict[str, Any]:
    """The members of the answer; `fields` names what is wrong with each field, dotted for nested ones."""
    is_invalid = isinstance(error, exceptions.ValidationError)
    code = "invalid" if is_invalid else _code_of(error)
    fields = _fields(error.detail) if is_invalid else {}
    told: Any = " ".join(fields.get("", [WHERE])) if is_invalid else RIGHT.get(type(error), error.detail)
    return {
        "type": f"{settings.BASE_URL}/api/docs#error-{code}",
        "title": HTTPStatus(error.status_code).phrase,
        "status": int(error.status_code),
        "code": str(code),
        "detail": str(told),
        "fields": fields,
        "request_id": request_id,
        **getattr(error, "extra", {}),
    }


def _known(error: Exception) -> exceptions.APIException | None:
    match error:
        case exceptions.APIException():
            return error
        case Http404() | ObjectDoesNotExist():  # the latter: it was deleted since it was found
            return exceptions.NotFound("There is nothing at this address, or it is not yours to see.")
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case OperationalError():
            return Busy("busy", "The database cannot be asked now. Try the same again in a moment.")
        case NotAllowed() | Refused():
            return Conflict("not_allowed", error.sentence)
        case ModelError():
            return exceptions.ValidationError(_told(error))
        case RequestDataTooBig():
            return TooLarge("too_large", f"A body has at most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes.")
    return None


def _told(error: ModelError) -> dict[str, list[str]]:
    """What is wrong, by field. A name that is taken stands under the field that has to be another."""
    told: dict[str, list[str]] = {}
    by_field = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for place, refusals in by_field.items():
        for refusal in refusals:
            (sentence,) = refusal.messages
            if refusal.code == "unique_together" and refusal.params:
                place = refusal.params["unique_check"][-1]
                sentence = f"{sentence} Choose another {place}."
            told.setdefault(place, []).append(sentence)
    return told


def _code_of(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    return codes if isinstance(codes, str) else error.default_code


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(error.auth_header)  # type: ignore[attr-defined]
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(int(wait), 1))
    return headers


def _fields(detail: Any) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for path, sentence in _walk(detail, ""):
        place = ".".join(name for name in path.split(".") if name not in WHOLE)
        fields.setdefault(place, []).append(sentence)
    return fields


def _walk(detail: Any, path: str) -> Iterator[tuple[str, str]]:
    match detail:
        case dict():
            for name, inner in detail.items():
                yield from _walk(inner, f"{path}.{name}" if path else str(name))
        case list() if any(isinstance(item, dict) for item in detail):
            for place, inner in enumerate(detail):
                yield from _walk(inner, f"{path}.{place}" if path else str(place))
        case list():
            for item in detail:
                yield from _walk(item, path)
        case _:
            yield path, str(detail)
