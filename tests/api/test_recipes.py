"""docs/api.md is tried: its commands and its Python, as they stand there, against a live server."""

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings
from pytest_django.live_server_helper import LiveServer
from standardwebhooks import Webhook

from crushsync.accounts.models import Winery
from fulfillment.models import Fulfillment, FulfillmentOrder, StockLocation
from fulfillment.stock import receive
from tests.api.conftest import Program
from tests.factories import FulfillmentOrderFactory, StoreFactory

PAGE = (Path(settings.BASE_DIR) / "docs/api.md").read_text()
BLOCKS = PAGE.split("```")[1::2]
PYTHON = [block.removeprefix("python") for block in BLOCKS if block.startswith("python")]
OWN_WAREHOUSE = next(block for block in PYTHON if "to_ship" in block)
SHELL = "".join(block for block in BLOCKS if not block.startswith("python"))

pytestmark = pytest.mark.django_db(transaction=True)


def to_ship(beside: FulfillmentOrder, name: str, days: int) -> FulfillmentOrder:
    """An order of the same shop that the winery ships itself."""
    return FulfillmentOrderFactory.create(
        order__store=beside.order.store, order__name=name, status="not_required", reason_code="not_us",
        order__placed_at=beside.order.placed_at + timedelta(days=days),
    )  # fmt: skip


@pytest.fixture
def work(winery: Winery) -> FulfillmentOrder:
    """The order of the page, #1042 under the id 311, which somebody has to look at."""
    store = StoreFactory.create(winery=winery, platform="pushed", credentials={})
    return FulfillmentOrderFactory.create(
        order__id=311, order__store=store, order__name="#1042",
        attention_code="unknown_sku", attention="Nobody knows PN22.",
    )  # fmt: skip


def test_the_first_call_in_five_minutes(program: Program, live_server: LiveServer, work: Any) -> None:
    assert shutil.which("curl"), "apt-get install curl"
    script = re.sub(r"^export .*\n", "", SHELL, flags=re.MULTILINE).replace("curl ", "curl -s --fail ")
    named = {"CRUSHSYNC": f"{live_server.url}/api/v1", "KEY": program.text}
    told = subprocess.run(
        ["bash", "-e", "-c", script], env={**os.environ, **named}, capture_output=True, text=True, check=True
    ).stdout
    assert f'"name":"{program.key.name}"' in told or '"kind":"key"' in told
    assert '"name":"#1042"' in told
    assert '"sentence":"On hold: Customer travels"' in told
    work.refresh_from_db()
    assert work.is_held


def test_the_recipes_in_python(
    program: Program, live_server: LiveServer, winery: Winery, work: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    cellar = StockLocation.objects.create(pk=2, winery=winery, name="Cellar")
    receive(cellar, "ESTATE-PN-22", 2, "test:1")
    too_late = to_ship(work, "#1043", 1)  # no bottles are left for it
    mine = to_ship(work, "#1044", 2)
    mirrored: list[dict[str, Any]] = []
    labelled: list[dict[str, Any]] = []

    class Sheet:
        write = staticmethod(mirrored.extend)

    def print_label(ship_to: dict[str, Any]) -> str:
        labelled.append(ship_to)
        return "1Z999AA10123456784"

    assert len(PYTHON) == 5
    names: dict[str, Any] = {"key": program.text, "address": f"{live_server.url}/api/v1", "sheet": Sheet}
    names["print_label"] = print_label
    for recipe in PYTHON:
        exec(recipe, names)  # noqa: S102 - our own page
    assert isinstance(names["api"], requests.Session)
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "#1042 Nobody knows PN22."
    assert (len(told), told[1].split()[0]) == (2, "#1043")
    assert {(row["name"], row["total"]) for row in mirrored} == {
        (f"#{n}", "84.80") for n in (1042, 1043, 1044)
    }
    assert [address["street1"] for address in labelled] == ["12 Harbor Road"]
    (made,) = Fulfillment.objects.all()
    assert (made.order, made.status, made.tracking_numbers, made.location) == (
        mine.order,
        "shipped",
        ["1Z999AA10123456784"],
        cellar,
    )
    exec(OWN_WAREHOUSE, names)  # noqa: S102
    assert Fulfillment.objects.get() == made, "nothing is shipped or labelled twice"
    assert len(labelled) == 1
    assert not too_late.order.fulfillments.exists()

    body = json.dumps({"type": "problem.opened", "data": {"winery": "a", "problem": {"sentence": "No."}}})
    now = datetime.now(UTC)
    signature = Webhook(names["secret"]).sign("msg_1", now, body)
    headers = {"webhook-id": "msg_1", "webhook-signature": signature}
    names["take"](body.encode(), {**headers, "webhook-timestamp": str(int(now.timestamp()))})
    assert capsys.readouterr().out.splitlines()[-1] == "a No."
