"""What the environment decides, as a process reads it at its start."""

import os
import subprocess
import sys


def test_the_database_is_spoken_to_as_its_address_says() -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "crushsync.settings",
        "CRUSHSYNC_SECRET_KEY": "only-for-this-test",
        "DATABASE_URL": "postgres://ada:secret@db.example.com/crushsync?sslmode=verify-full",
    }
    told = "from django.conf import settings; print(settings.DATABASES['default']['OPTIONS']['sslmode'])"
    command = [sys.executable, "-c", told]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("verify-full", "")
