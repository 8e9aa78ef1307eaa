"""The web server's entry."""

import logging
import os
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from werkzeug.wsgi import ClosingIterator

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crushsync.settings")
django = get_wsgi_application()

# Models load only after the line above. The addresses bring the whole house with them: without this line a
# process's first request would wait for it, and that may be a shop's webhook.
import crushsync.urls  # noqa: E402, F401
from crushsync.lib import garbage  # noqa: E402
from crushsync.lib.keys import verify_start  # noqa: E402
from crushsync.lib.schema import NotReady  # noqa: E402

# What is not ready may become so while this waits; until then the shops are told to come again.
try:
    verify_start()
except NotReady as error:
    logging.getLogger(__name__).error("%s", error)

garbage.settle()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer one request; the server closes the answer once it is out."""
    return ClosingIterator(django(environ, start_response), garbage.collect)
