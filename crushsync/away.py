"""A database that does not answer is 503 and one line of the log, not a traceback for each webhook."""

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse

from crushsync.lib.schema import database_away

log = logging.getLogger(__name__)

SAID = "CrushSync cannot reach its database now. Nothing was changed; try the same again in a moment."
COME_AGAIN = 30  # seconds


class DatabaseAway:
    """Middleware. What fails on a connection that works, such as a deadlock, keeps its traceback."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, OperationalError | InterfaceError):
            return None
        if connection.is_usable():
            log.error("the database did not do it", exc_info=error)
        else:
            log.warning("%s", database_away(error))
        headers = {"Retry-After": str(COME_AGAIN)}
        return HttpResponse(SAID, status=503, content_type="text/plain; charset=utf-8", headers=headers)
