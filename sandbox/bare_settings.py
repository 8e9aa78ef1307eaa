"""Settings for the commands that need none of CrushSync's: `demo` and `sandbox`. No keys, no database."""

INSTALLED_APPS = ["sandbox"]
USE_TZ = True
