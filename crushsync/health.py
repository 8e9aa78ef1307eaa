"""What a monitor asks: can this web server take orders in, and does a worker carry them on?

Two addresses: a web server must not be taken out of service because the worker stands still, for what the
shops tell is kept all the same. Neither needs a login, and neither says anything about an order.
"""

import logging
from datetime import datetime, timedelta
from functools import cache

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crushsync.lib.queue import clock
from crushsync.lib.queue.slots import last_beat
from crushsync.lib.schema import NotReady, verify_schema
from crushsync.schedules import lanes
from crushsync.today.page import QUIET

log = logging.getLogger(__name__)


@require_safe
@never_cache
def web(request: HttpRequest) -> JsonResponse:
    """Whether the database answers and fits this version. Where it does not answer, DatabaseAway does."""
    try:
        _schema_fits()
    except NotReady as error:
        log.warning("%s", error)
        said = "The database does not answer, or is not migrated for this version. The log says which."
        return JsonResponse({"ok": False, "said": said}, status=503)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"ok": True})


@require_safe
@never_cache
def worker(request: HttpRequest) -> JsonResponse:
    """Whether a worker was heard of lately, and for how many seconds the oldest work that is due waits."""
    now, beat = clock(), last_beat()
    is_well = beat is not None and now - beat < QUIET
    told = {
        "ok": is_well,
        "heard_of_seconds_ago": beat and _seconds(now - beat),
        "work_waits_seconds": _seconds(max((now - due for due in _oldest_due(now)), default=timedelta())),
    }
    return JsonResponse(told, status=200 if is_well else 503)


@cache
def _schema_fits() -> bool:
    """Asked until it does: a database that is migrated stays so."""
    verify_schema()
    return True


def _oldest_due(now: datetime) -> list[datetime]:
    """The one of each lane that has some."""
    rows = (lane.model._default_manager.filter(due_at__lte=now).order_by("due_at") for lane in lanes())
    return [row.due_at for each in rows if (row := each.only("due_at").first()) and row.due_at]


def _seconds(length: timedelta) -> float:
    return round(max(length.total_seconds(), 0.0), 1)
