"""The web server's entry."""

import gc
import logging
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crushsync.settings")
application = get_wsgi_application()

# Models load only after the line above. The addresses bring the whole house with them: without this line a
# process's first request would wait for it, and that may be a shop's webhook.
import crushsync.urls  # noqa: E402, F401
from crushsync.lib.keys import NotMigrated, verify_keys  # noqa: E402

try:
    verify_keys()
except NotMigrated as error:
    logging.getLogger(__name__).error("%s", error)

# What is loaded by now stays. Looking through it for garbage again and again takes two tenths of a second
# each time, in the middle of somebody's request.
gc.collect()
gc.freeze()
