"""connect_vinoshipper and connect_store, against the sandbox"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError
from django.utils import timezone

from crushsync.accounts.models import VinoshipperAccount
from crushsync.lib.queue import clock
from orders.models import InboundHint, Store
from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from tests.commands.conftest import Run
from tests.factories import (
    FulfillmentOrderFactory,
    InboundHintFactory,
    StoreFactory,
    VinoshipperAccountFactory,
    WineryFactory,
)

pytestmark = pytest.mark.django_db

KEYS = {"CRUSHSYNC_VINOSHIPPER_KEY": "342.sandbox", "CRUSHSYNC_VINOSHIPPER_SECRET": "sandbox-secret"}
TOKEN = {"CRUSHSYNC_ACCESS_TOKEN": "shpat_sandbox", "CRUSHSYNC_WEBHOOK_SECRET": "shpss_sandbox_secret"}
SHOP = ["--winery", "oak", "--name", "Shop", "--platform", "shopify"]
ACCOUNT = ["--winery", "oak", "--name", "Cellar"]


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer(port=0) as running:
        yield running


@pytest.fixture
def sandbox(server: SandboxServer) -> Sandbox:
    WineryFactory.create(slug="oak", name="Oak")
    sandbox = Sandbox(server.url)
    sandbox.reset()
    return sandbox


def test_a_new_vinoshipper_account(run: Run, sandbox: Sandbox) -> None:
    told = run(
        "connect_vinoshipper", *ACCOUNT, "--base-url", sandbox.vinoshipper.url, "--states", "tx, CA", **KEYS
    )
    assert told == "Cellar is connected to hollow-oak, 5 products."
    account = VinoshipperAccount.objects.get()
    assert account.credentials == {"api_key": "342.sandbox", "api_secret": "sandbox-secret"}
    assert (account.ship_to_states, account.producer_id) == (["CA", "TX"], "342")
    assert account.due_at is not None
    assert [call["method"] for call in sandbox.log(system="vinoshipper") if "webhook" in call["path"]] == [
        "GET",
        "POST",
    ]


def test_wrong_keys_save_nothing(run: Run, sandbox: Sandbox) -> None:
    wrong = {**KEYS, "CRUSHSYNC_VINOSHIPPER_SECRET": "guessed-wrong"}
    with pytest.raises(CommandError) as refused:
        run("connect_vinoshipper", *ACCOUNT, "--base-url", sandbox.vinoshipper.url, **wrong)
    assert "guessed-wrong" not in str(refused.value)
    assert VinoshipperAccount.objects.count() == 0


def test_missing_keys_are_named_and_nobody_is_asked(run: Run, sandbox: Sandbox) -> None:
    key = {"CRUSHSYNC_VINOSHIPPER_KEY": "342.sandbox"}
    with pytest.raises(CommandError, match=r"Give CRUSHSYNC_VINOSHIPPER_SECRET\.$"):
        run("connect_vinoshipper", *ACCOUNT, "--base-url", sandbox.vinoshipper.url, **key)
    assert (sandbox.log(), VinoshipperAccount.objects.count()) == ([], 0)


def test_states_are_checked_before_anything_is_asked(run: Run, sandbox: Sandbox) -> None:
    with pytest.raises(CommandError, match="These are no states: XX, YY"):
        run("connect_vinoshipper", *ACCOUNT, "--states", "CA,XX,YY", **KEYS)
    assert sandbox.log() == []
    assert VinoshipperAccount.objects.count() == 0


def test_a_new_store(run: Run, sandbox: Sandbox) -> None:
    account = VinoshipperAccountFactory.create(name="Cellar", winery__slug="elm")
    account.winery = WineryFactory._meta.model.objects.get(slug="oak")
    account.save()
    granted = ["write_orders", "read_products", "read_locations", "read_customers", "write_inventory"]
    sandbox.shop().configure(scopes=granted)
    shop = [*SHOP, "--base-url", sandbox.shop().url, "--vinoshipper", "Cellar", "--starts-at", "2026-11-01"]
    told = run("connect_store", *shop, "--no-notify-customer", **TOKEN)
    store = Store.objects.get()
    missing = [
        "The permission read_merchant_managed_fulfillment_orders is missing: "
        "to see what of an order is to be shipped, and how.",
        "The permission write_merchant_managed_fulfillment_orders is missing: "
        "to show shipments and their tracking on orders.",
    ]
    address = f"Webhooks come to http://127.0.0.1:8000/webhooks/shopify/{store.key}/"
    assert told == " ".join(["Shop is connected to hollow-oak.", *missing, address])
    assert store.credentials == {"access_token": "shpat_sandbox", "webhook_secret": "shpss_sandbox_secret"}
    assert store.starts_at == datetime(2026, 11, 1, 7, tzinfo=UTC)  # as its clock shows it, on the West Coast
    assert (store.notify_customer, store.vinoshipper_account) == (False, account)
    assert store.due_at is not None


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("2026-07-01", datetime(2026, 7, 1, 7, tzinfo=UTC)),  # summer time
        ("2026-07-01T09:30", datetime(2026, 7, 1, 16, 30, tzinfo=UTC)),
        ("2026-07-01T09:30Z", datetime(2026, 7, 1, 9, 30, tzinfo=UTC)),
    ],
)
def test_a_start_is_meant_as_the_winerys_clock_shows_it(
    run: Run, sandbox: Sandbox, given: str, meant: datetime
) -> None:
    run("connect_store", *SHOP, "--base-url", sandbox.shop().url, "--starts-at", given, **TOKEN)
    assert Store.objects.get().starts_at == meant


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (
            ["connect_store", *SHOP, "--starts-at", "tomorrow"],
            "'tomorrow' is no day or time. Write it like 2026-12-01",
        ),
        (["worker", "--patience", "-4"], "'-4' is no number of seconds above 0"),
        (["worker", "--patience", "0"], "'0' is no number of seconds above 0"),
    ],
)
def test_an_argument_that_makes_no_sense_says_what_would(run: Run, command: list[str], sentence: str) -> None:
    with pytest.raises(CommandError) as refused:
        run(*command)
    assert sentence in str(refused.value)


def test_credentials_from_standard_input(run: Run, sandbox: Sandbox) -> None:
    given = json.dumps({"access_token": "shpat_sandbox", "webhook_secret": "old\nnew"})
    run("connect_store", *SHOP, "--base-url", sandbox.shop().url, "--credentials-stdin", stdin=given)
    assert Store.objects.get().credentials == {"access_token": "shpat_sandbox", "webhook_secret": "old\nnew"}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("hush", "The credentials on standard input are not JSON."),
        ('["hush"]', "The credentials on standard input have to be one JSON object of strings."),
        (
            '{"token": "hush"}',
            "The credentials are: access_token, client_id, client_secret, refresh_token, webhook_secret. "
            "Others were given.",
        ),
    ],
)
def test_odd_credentials_are_refused_unrepeated(
    run: Run, sandbox: Sandbox, given: str, sentence: str
) -> None:
    with pytest.raises(CommandError) as refused:
        run("connect_store", *SHOP, "--base-url", sandbox.shop().url, "--credentials-stdin", stdin=given)
    assert str(refused.value) == sentence
    assert Store.objects.count() == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--base-url", "not an address"], "base url: Enter a valid URL."),
        ([], "base url: This field cannot be blank."),
        (["--vinoshipper", "Attic"], "Oak has no Vinoshipper account 'Attic'. "
         "Make it with connect_vinoshipper."),
    ],
)  # fmt: skip
def test_a_store_that_makes_no_sense(run: Run, sandbox: Sandbox, arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError) as refused:
        run("connect_store", *SHOP, *arguments, **TOKEN)
    assert str(refused.value) == sentence
    assert Store.objects.count() == 0


def test_new_credentials_end_a_pause_and_wake_what_waited(run: Run, sandbox: Sandbox) -> None:
    later = timezone.now() + timedelta(hours=1)
    oak = VinoshipperAccountFactory.create(winery=WineryFactory._meta.model.objects.get(slug="oak"))
    store = StoreFactory.create(
        winery=oak.winery, vinoshipper_account=oak, name="Shop", paused_since=later, paused_until=later,
        pause_code="unauthorized", pause_sentence="Shopify refuses the token.", fence=7,
    )  # fmt: skip
    hint = InboundHintFactory.create(store=store, is_parked=True, due_at=later)
    other = InboundHintFactory.create(is_parked=True, due_at=later)
    theirs = FulfillmentOrderFactory.create(order__store=store, is_parked=True, due_at=later)
    run("connect_store", *SHOP, "--base-url", sandbox.shop().url, **TOKEN)
    store.refresh_from_db()
    assert (store.is_paused, store.pause_code, store.pause_sentence, store.fence) == (False, "", "", 7)
    hint, other = InboundHint.objects.get(pk=hint.pk), InboundHint.objects.get(pk=other.pk)
    assert (hint.is_parked, hint.due_at is not None and hint.due_at <= clock()) == (False, True)
    assert (other.is_parked, other.due_at) == (True, later)
    theirs.refresh_from_db()
    assert (theirs.is_parked, theirs.due_at) == (True, later)


def test_without_a_check_nobody_is_asked(run: Run, sandbox: Sandbox) -> None:
    told = run("connect_store", *SHOP, "--base-url", sandbox.shop().url, "--no-check")
    assert told.startswith(
        "Shop is saved, unchecked. Webhooks come to http://127.0.0.1:8000/webhooks/shopify/"
    )
    assert sandbox.log() == []
    assert Store.objects.get().credentials == {}
