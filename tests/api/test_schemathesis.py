"""Whatever the description allows or forbids, tried on a live server: no 5xx, nothing left undescribed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.servers.basehttp import WSGIRequestHandler
from pytest_django.live_server_helper import LiveServer

from crushsync.accounts.models import Winery
from crushsync.api.describing import document
from fulfillment.stock import receive
from tests.api.conftest import MakeProgram, Program
from tests.factories import (
    CatalogProductFactory,
    DeliveryFactory,
    FulfillmentFactory,
    FulfillmentOrderFactory,
    ListingFactory,
    ProblemFactory,
    StockLocationFactory,
    StoreFactory,
)

DOCUMENT = Path(settings.BASE_DIR) / "docs/openapi.yaml"
# Calls of the right form may be refused for how things stand: 412 and 422 for what was said before.
CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 403, 404, 409, 412, 422, 424]

[checks.missing_required_header]
expected-statuses = [400, 401, 428]
"""


def fuzz(folder: Path, url: str, *options: str) -> dict[str, Any]:
    """Try every address with every check of schemathesis; its report. Fails for any finding."""
    (folder / "schemathesis.toml").write_text(CONFIG)
    program = Path(sys.executable).parent / "st"
    told = subprocess.run(
        [
            program,
            *("--no-color", "--config-file", folder / "schemathesis.toml", "run", DOCUMENT),
            *("--url", url, "--checks", "all", "--seed", "7", "--generation-deterministic"),
            *("--suppress-health-check", "all", "--warnings", "off", "--continue-on-failure"),
            *("--report", "json", "--report-json-path", str(folder / "report.json"), *options),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout[-30_000:] + told.stderr[-5_000:]
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    assert (report["complete"], report["failures"], report["errors"]) == (True, [], [])
    assert report["operations"]["tested"] == len(operations())
    return report


def calls(report: dict[str, Any]) -> int:
    """How many calls it took."""
    return int(report["test_cases"]["generated"])


def operations() -> set[str]:
    """Every method of every address: "GET /api/v1/orders"."""
    return {f"{method.upper()} {path}" for path, methods in document()["paths"].items() for method in methods}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Head and body go out one by one: otherwise each answer waits 40 ms until the head is acknowledged."""
    monkeypatch.setattr(WSGIRequestHandler, "disable_nagle_algorithm", True)


@pytest.fixture
def busy_winery(winery: Winery) -> Winery:
    """A row of everything, with the ids a fuzzer tries first."""
    store = StoreFactory.create(winery=winery)
    for _ in range(3):
        work = FulfillmentOrderFactory.create(order__store=store)
        FulfillmentFactory.create(fulfillment_order=work)
        ProblemFactory.create(fulfillment_order=work)
        DeliveryFactory.create(endpoint__winery=winery)
        receive(StockLocationFactory.create(winery=winery), "ESTATE-PN-22", 12, "delivery 8")
        ListingFactory.create(store=store)
        CatalogProductFactory.create(account=store.vinoshipper_account)
    return winery


@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_a_short_run(
    busy_winery: Winery, program_of: MakeProgram, live_server: LiveServer, tmp_path: Path
) -> None:
    program = program_of(busy_winery, calls_per_minute=1_000_000)
    phases = ("--phases", "examples,fuzzing", "--max-examples", "1")
    report = fuzz(tmp_path, live_server.url, *phases, "--header", bearer(program))
    assert set(report["valid_rates"]) == operations()
    assert calls(report) > len(operations())


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
def test_a_long_run_without_a_key(live_server: LiveServer, tmp_path: Path) -> None:
    report = fuzz(
        tmp_path, live_server.url, "--max-examples", "20",
        "--exclude-checks", "positive_data_acceptance",
    )  # fmt: skip
    assert calls(report) > 10 * len(operations())


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_a_long_run(
    busy_winery: Winery, program_of: MakeProgram, live_server: LiveServer, tmp_path: Path
) -> None:
    program = program_of(busy_winery, calls_per_minute=1_000_000)
    report = fuzz(tmp_path, live_server.url, "--max-examples", "100", "--header", bearer(program))
    assert set(report["valid_rates"]) == operations()
    assert calls(report) > 30 * len(operations())


def bearer(program: Program) -> str:
    return f"Authorization: Bearer {program.text}"
