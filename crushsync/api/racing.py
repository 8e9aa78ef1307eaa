"""Two at the same moment: whoever comes second is answered like somebody who came later."""

from collections.abc import Callable

from django.db import IntegrityError, transaction
from rest_framework.response import Response


def settle(act: Callable[[], Response]) -> Response:
    """Do it as one transaction, and answer what `act` answers.

    A check that looked before somebody else's row was committed lets pass what the database then refuses. By
    now that row can be seen: done once more, the same check says what is wrong. What is refused again is a
    mistake of ours.
    """
    try:
        with transaction.atomic():
            return act()
    except IntegrityError:
        with transaction.atomic():
            return act()
