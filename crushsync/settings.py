"""All settings. Each value comes from the environment (or `.env`) and is described in docs/settings.md."""

import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.http.request import split_domain_port

from crushsync.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
Environment.read_file(BASE_DIR / ".env")
plain = Environment()  # for names that other programs know, too
env = Environment()
env.prefix = "CRUSHSYNC_"

DEBUG = env.switch("DEBUG", default=False)
IN_TESTS = "pytest" in sys.modules

# ---------------------------------------------------------------- secrets: no default outside the tests
if IN_TESTS:
    SECRET_KEY = "only-for-tests"
    FIELD_KEYS = ["dGVzdC10ZXN0LXRlc3QtdGVzdC10ZXN0LXRlc3QtdGU="]
else:
    SECRET_KEY = env.str("SECRET_KEY", default="")
    FIELD_KEYS = env.list("FIELD_KEYS", default=[])
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "CRUSHSYNC_SECRET_KEY is not set. Make one with "
        "`python -c 'import secrets; print(secrets.token_urlsafe(50))'` and put it into .env."
    )

# ---------------------------------------------------------------- where we are
BASE_URL = env.origin("BASE_URL", default="http://127.0.0.1:8000")
# Without the public one every webhook would be refused.
ALLOWED_HOSTS = [
    *env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"]),
    split_domain_port(BASE_URL.partition("://")[2])[0],
]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
BEHIND_TLS = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = BEHIND_TLS
SECURE_SSL_REDIRECT = env.switch("SSL_REDIRECT", default=BEHIND_TLS)
SECURE_REDIRECT_EXEMPT = ["^health/"]  # a monitor on this machine asks by http
if env.switch("TRUST_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

INSTALLED_APPS = [
    "crushsync",
    "crushsync.lib",
    "crushsync.accounts",
    "orders",
    "compliance",
    "fulfillment",
    "notifications",
    "sandbox",
    "simple_history",
    "django_q",
    "crushsync.admin_config.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "crushsync.csp.content_security_policy",
    "crushsync.away.DatabaseAway",
]
ROOT_URLCONF = "crushsync.urls"
WSGI_APPLICATION = "crushsync.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# ---------------------------------------------------------------- database
DATABASES = {"default": plain.database("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
IS_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
# django-q closes connections around every broker call: without a long life each would cost a reconnect.
DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if not IS_SQLITE:
    # Otherwise psycopg quotes each value into the statement, and PostgreSQL reads the same few statements
    # anew for each row. What comes seldom is not prepared. How a list is best looked through depends on what
    # is asked for, so that is planned each time; a drain turns that off for itself.
    fast = {
        "server_side_binding": True,
        "prepare_threshold": 20,
        "options": "-c plan_cache_mode=force_custom_plan",
    }
    # A server that is gone without a word (a power cut, a firewall) is noticed within a minute. By the
    # machine's own rules whoever waits for an answer would do so for two hours, the supervisor among them.
    patient = {
        "connect_timeout": 10,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 60_000,
    }
    DATABASES["default"]["OPTIONS"] = fast | patient | DATABASES["default"].get("OPTIONS", {})
if IS_SQLITE:
    # FULL: a webhook answered 200 must survive a power cut. IMMEDIATE: take the write lock at the start
    # instead of failing half-way when two transactions upgrade at once.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-64000;"
        "PRAGMA mmap_size=134217728; PRAGMA temp_store=MEMORY;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---------------------------------------------------------------- the engine
# Calls in flight at once in one drain, and how many drains may run over all machines (SQLite: always 1).
CALLS_IN_FLIGHT = env.whole("CALLS_IN_FLIGHT", default=32, least=1, most=1000)
DRAINS = env.whole("DRAINS", default=1, least=1, most=100)
if IS_SQLITE:
    DRAINS = 1
# Seconds from start of a call to its end, whatever the other side does.
CALL_DEADLINE = env.positive("CALL_DEADLINE", default=20.0)
# How far the worker steps back behind the web server on the same machine (0 to 19): a shop waits seconds for
# its 200, an order may wait for the shop's.
WORKER_NICENESS = env.whole("WORKER_NICENESS", default=10, least=0, most=19)
# Multiplies every wait (retries, polls, pauses). 1 in production; the demo and the tests shorten time.
WAIT_FACTOR = env.positive("WAIT_FACTOR", default=1.0)

# ---------------------------------------------------------------- telling people and programs
# Whether webhook endpoints may be on this machine, for rehearsals. Everywhere else only the public internet.
WEBHOOKS_TO_LOOPBACK = env.switch("WEBHOOKS_TO_LOOPBACK", default=False)
# A mail service of django-anymail's by name, or plain SMTP by address; without both, mails are printed.
MAIL_PROVIDER = env.mail_service("MAIL_PROVIDER")
ANYMAIL = env.dict("MAIL_SETTINGS", default={}) | {
    "WEBHOOK_SECRET": env.str("MAIL_WEBHOOK_SECRET", default="")
}
_MAIL = plain.mail_server("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = f"anymail.backends.{MAIL_PROVIDER}.EmailBackend" if MAIL_PROVIDER else _MAIL["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _MAIL["EMAIL_HOST"], _MAIL["EMAIL_PORT"] or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL["EMAIL_HOST_USER"] or "", _MAIL["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.get("EMAIL_USE_TLS", False), _MAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="CrushSync <crushsync@localhost>")

Q_CLUSTER = {
    "name": "crushsync",
    "orm": "default",
    # one for the resident drain, one for everything else
    "workers": DRAINS + 1,
    # A drain lives 50 s. `retry` must exceed `timeout` plus the wait in the queue, or a task runs twice.
    "timeout": 90,
    "retry": 150,
    "queue_limit": DRAINS + 1,
    "bulk": 1,
    "poll": 0.5,
    # Saving each success locks the whole success list; our rows are the record.
    "save_limit": -1,
    "ack_failures": True,
    "max_attempts": 1,
    "catch_up": False,
    "recycle": 10_000,
    "label": "Worker",
}

# ---------------------------------------------------------------- the API
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "crushsync.api.describing.Describing",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "CrushSync API",
    "DESCRIPTION": "What other programs build on: docs/api.md has the first call in five minutes.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_PATCH": False,
    "COMPONENT_NO_READ_ONLY_REQUIRED": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "POSTPROCESSING_HOOKS": ["crushsync.api.describing.finish"],
}

# ---------------------------------------------------------------- people
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LANGUAGE_CODE = env.str("LANGUAGE", default="en-us")  # see docs/translating.md
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
LOGIN_URL = "admin:login"

STATIC_URL = "static/"
# Served from where the apps keep them: nothing has to be collected before a start.
WHITENOISE_USE_FINDERS = True

LOG_LEVEL = env.choice("LOG_LEVEL", default="INFO", among=["DEBUG", "INFO", "WARNING", "ERROR"])
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # Django sets the process to TIME_ZONE, wherever the machine is.
    "formatters": {
        "line": {
            "class": "crushsync.lib.logs.Discreet",
            "format": "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(message)s",
            "datefmt": "%Y-%m-%dT%H:%M:%S",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        # At its usual level it may repeat what a partner sent, and the paths we asked for.
        "urllib3": {"level": "ERROR"},
        # Each start and end of each of its tasks, by names it makes up.
        "django-q": {"level": "DEBUG" if LOG_LEVEL == "DEBUG" else "WARNING"},
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
}
