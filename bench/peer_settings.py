"""The peer's settings: ours, with django-q2 as it comes."""

from crushsync.settings import *  # noqa: F403

# CONN_MAX_AGE stays 600, as ours: without it django-q2 would be slower still. The name stays, too: it is part
# of the signature of a task.
Q_CLUSTER = {"name": "crushsync", "orm": "default"}
DRAINS = 0  # what it does is the peer's work alone
