"""How settings are read: what makes no sense is refused, with a sentence that names the setting."""

import importlib.util
import re
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

ON = {"on", "true", "yes", "1"}
OFF = {"off", "false", "no", "0"}
HOW_TO_NAME_A_DATABASE = (
    "Write it like postgres://user:password@host:port/name or sqlite:////folder/file, with special "
    "characters of the password as %XX."
)


class Environment(environ.Env):  # type: ignore[misc]  # it has no types
    """Each method reads one kind of setting. One that is empty counts as not given.

    All raise ImproperlyConfigured. What is said repeats no value that may hold a password.
    """

    @classmethod
    def read_file(cls, path: Path) -> None:
        """Take what the environment does not set. A file that may not be read is not taken for none."""
        try:
            path.open().close()
        except FileNotFoundError:
            return
        except OSError as error:
            raise ImproperlyConfigured(f"{path} cannot be read by this user: {error.strerror}.") from None
        cls.read_env(path)

    def switch(self, name: str, *, default: bool) -> bool:
        """`on` or `off`: a slip of the pen must not count as off."""
        text = self._text(name).lower()
        if not text:
            return default
        if text not in ON | OFF:
            raise self._refusal(name, "on or off")
        return text in ON

    def whole(self, name: str, *, default: int, least: int, most: int) -> int:
        text = self._text(name)
        if not text:
            return default
        if not re.fullmatch(r"-?\d{1,9}", text) or not least <= int(text) <= most:
            raise self._refusal(name, f"a whole number from {least} to {most}")
        return int(text)

    def positive(self, name: str, *, default: float) -> float:
        text = self._text(name)
        if not text:
            return default
        if not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text) or not float(text):
            raise self._refusal(name, "a number above 0")
        return float(text)

    def choice(self, name: str, *, default: str, among: Collection[str]) -> str:
        text = self._text(name).upper() or default
        if text not in among:
            raise self._refusal(name, f"one of {', '.join(among)}")
        return text

    def origin(self, name: str, *, default: str) -> str:
        """`https://host`, if need be with a port: whatever stands behind it would not be answered to."""
        text = self._text(name).rstrip("/") or default
        if not re.fullmatch(r"https?://[\w.\-]+(:\d+)?|https?://\[[0-9a-fA-F:]+\](:\d+)?", text):
            raise self._refusal(name, "http:// or https:// and a host name, without a path")
        return text

    def database(self, name: str, *, default: str) -> dict[str, Any]:
        """PostgreSQL or SQLite, as Django wants it told."""
        text, told = self._text(name) or default, dict[str, Any]()
        # Of another scheme the library would tell, with the password in it.
        if text.startswith(("postgres://", "postgresql://", "sqlite://")):
            with suppress(ImproperlyConfigured, ValueError):
                told = self.db_url_config(text)
        if not told.get("NAME"):
            raise ImproperlyConfigured(f"{name} names no database. {HOW_TO_NAME_A_DATABASE}")
        return told

    def mail_server(self, name: str, *, default: str) -> dict[str, Any]:
        try:
            told: dict[str, Any] = self.email_url_config(self._text(name) or default)
        except (ImproperlyConfigured, ValueError):
            raise ImproperlyConfigured(
                f"{name} names no mail server. Write it like smtp+tls://user:password@host:587, with special "
                "characters as %XX."
            ) from None
        return told

    def mail_service(self, name: str) -> str:
        """One of django-anymail's, or nothing."""
        text = self._text(name)
        if text and not (text.isidentifier() and importlib.util.find_spec(f"anymail.backends.{text}")):
            raise self._refusal(name, "a mail service that django-anymail knows, such as postmark")
        return text

    def _text(self, name: str) -> str:
        return str(self.str(name, default="")).strip()

    def _refusal(self, name: str, wanted: str) -> ImproperlyConfigured:
        return ImproperlyConfigured(f"{self.prefix}{name} is '{self._text(name)}'. It has to be {wanted}.")
