"""How long and from which seed; `make chaos` takes both from the environment."""

import os
import random
import secrets

import pytest

from tests.crash.conftest import sandbox_server, workers, world

__all__ = ["sandbox_server", "workers", "world"]

SECONDS = float(os.environ.get("CHAOS_SECONDS", "120"))


@pytest.fixture
def dice(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> random.Random:
    """Every choice of a run comes from here; the seed, and how to have the same run again, is printed."""
    seed = os.environ.get("CHAOS_SEED") or secrets.token_hex(4)
    with capsys.disabled():
        again = f"CHAOS_SEED={seed} CHAOS_SECONDS={SECONDS:g} make chaos"
        print(f"\nseed {seed}; the same choices again: {again}")  # noqa: T201 - for whoever runs it
    return random.Random(seed)
