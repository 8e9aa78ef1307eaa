#!/usr/bin/env python
"""CrushSync's commands: `python manage.py help` lists them."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

# These stand outside, like a shop or a user, and run where nothing is set up yet.
OUTSIDERS = ("demo", "sandbox")

if __name__ == "__main__":
    is_outsider = sys.argv[1:2] and sys.argv[1] in OUTSIDERS
    settings = "sandbox.bare_settings" if is_outsider else "crushsync.settings"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings)
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"CrushSync does not start: {error}")
