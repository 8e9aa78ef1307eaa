"""Time as the outside systems write it."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current moment, aware, UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """A moment as both systems print it: UTC, whole seconds, ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def now_iso() -> str:
    return iso(now())


def parse(text: str) -> datetime:
    """An ISO 8601 moment; one without an offset is taken as UTC. Raises ValueError on anything else."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
