"""Encrypted fields on a table of their own: what is stored, what comes back, and what a wrong key does."""

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models
from django.db.models import F
from pytest_django import Settings

from crushsync.lib import encrypted
from crushsync.lib.encrypted import WrongKey, canary_opens, check_keys, make_canary, reencrypt

OLD, NEW, LATER = (Fernet.generate_key().decode() for _ in range(3))
BIRTH = datetime.date(1984, 6, 21)

pytestmark = pytest.mark.django_db(transaction=True)


class Vault(models.Model):
    """One of each field, for these tests only."""

    text = encrypted.EncryptedTextField(default="")
    data = encrypted.EncryptedJSONField(null=True)
    date = encrypted.EncryptedDateField(null=True)
    raw = encrypted.EncryptedBytesField(null=True)
    plain = models.IntegerField(default=0)
    objects: ClassVar[models.Manager["Vault"]] = models.Manager()

    class Meta:
        app_label = "encryptedtests"

    def __str__(self) -> str:
        return f"vault {self.pk}"


@pytest.fixture(autouse=True)
def table(transactional_db: None, settings: Settings) -> Iterator[None]:
    settings.FIELD_KEYS = [OLD]
    with connection.schema_editor() as editor:
        editor.create_model(Vault)
    yield
    with connection.schema_editor() as editor:
        editor.delete_model(Vault)


def stored(column: str) -> list[Any]:
    """What the database itself holds in a column, by primary key."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM "encryptedtests_vault" ORDER BY id')
        return [row[0] for row in cursor.fetchall()]


VALUES = [
    ("text", "shpat_0123"),
    ("text", ""),
    ("text", "nul \x00, half a pair \ud83c, wine \U0001f377"),
    ("data", {"token": "abc", "price": Decimal("12.50"), "odd": "\x00\ud800", "list": [1, None, True]}),
    ("data", []),
    ("data", ""),
    ("date", BIRTH),
    ("raw", b""),
    ("raw", bytes(range(256))),
]


@pytest.mark.parametrize(("name", "value"), VALUES)
def test_what_goes_in_comes_out(name: str, value: Any) -> None:
    Vault.objects.create(**{name: value})
    vault = Vault.objects.get()
    assert getattr(vault, name) == value
    assert type(getattr(vault, name)) is type(value)
    assert Vault.objects.values_list(name, flat=True).get() == value
    assert stored(name)[0].startswith("gAAAA")


def test_nothing_readable_is_stored() -> None:
    Vault.objects.create(text="marquez", data={"name": "marquez"}, date=BIRTH, raw=b"marquez")
    everything = "".join(str(stored(name)) for name in ("text", "data", "date", "raw"))
    assert "marquez" not in everything
    assert "1984" not in everything


def test_none_stays_null() -> None:
    Vault.objects.create()
    assert [stored(name) for name in ("data", "date", "raw")] == [[None], [None], [None]]
    assert Vault.objects.filter(data__isnull=True, date__isnull=True, raw__isnull=True).count() == 1
    assert Vault.objects.filter(text__isnull=True).count() == 0


def test_the_same_value_is_never_the_same_ciphertext() -> None:
    Vault.objects.bulk_create(Vault(text="same") for _ in range(3))
    assert len(set(stored("text"))) == 3


def test_bulk_create_and_bulk_update() -> None:
    Vault.objects.bulk_create(Vault(text=f"t{n}", data={"n": n}, raw=b"r") for n in range(5))
    vaults = list(Vault.objects.order_by("pk"))
    for vault in vaults:
        vault.text, vault.data, vault.date, vault.raw = vault.text + "!", None, BIRTH, b"\x00"
    Vault.objects.bulk_update(vaults, ["text", "data", "date", "raw"])
    assert list(Vault.objects.order_by("pk").values_list("text", "data", "date", "raw")) == [
        (f"t{n}!", None, BIRTH, b"\x00") for n in range(5)
    ]
    assert all(token.startswith("gAAAA") for token in stored("text") + stored("raw"))


def test_update_and_copying_a_column() -> None:
    Vault.objects.create(text="one")
    Vault.objects.update(text="two", date="1984-06-21")
    assert Vault.objects.values_list("text", "date").get() == ("two", BIRTH)
    Vault.objects.update(text=F("text"))
    assert Vault.objects.get().text == "two"


@pytest.mark.parametrize(
    "lookup", ["text", "text__contains", "data__token", "date__year", "raw__in", "date__gt"]
)
def test_lookups_are_refused(lookup: str) -> None:
    with pytest.raises(FieldError):
        Vault.objects.filter(**{lookup: "x"}).exists()


def test_a_wrong_key_is_an_error_and_never_ciphertext(settings: Settings) -> None:
    Vault.objects.create(text="secret")
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(WrongKey, match=r"encryptedtests\.Vault\.text .* CRUSHSYNC_FIELD_KEYS") as caught:
        Vault.objects.get()
    assert "gAAAA" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("tampered", ["", "plain text", "gAAAAA==", "\u2603"])
def test_what_is_not_ciphertext_is_not_handed_out(tampered: str) -> None:
    Vault.objects.create(text="secret")
    with connection.cursor() as cursor:
        cursor.execute('UPDATE "encryptedtests_vault" SET "text" = %s', [tampered])
    with pytest.raises(WrongKey):
        Vault.objects.get()


def test_all_keys_open_and_the_first_encrypts(settings: Settings) -> None:
    Vault.objects.create(text="old")
    settings.FIELD_KEYS = [NEW, OLD]
    assert Vault.objects.get().text == "old"
    Vault.objects.update(text="new")
    settings.FIELD_KEYS = [NEW]
    assert Vault.objects.get().text == "new"


# ---------------------------------------------------------------- rotation


def test_reencrypt_brings_every_row_under_the_first_key(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encrypted, "BATCH", 3)
    Vault.objects.bulk_create(Vault(text=f"t{n}", data={"n": n}, plain=n) for n in range(10))
    settings.FIELD_KEYS = [NEW, OLD]
    Vault.objects.create(text="t10", plain=10)
    assert reencrypt(Vault) == 10
    settings.FIELD_KEYS = [NEW]
    assert list(Vault.objects.order_by("pk").values_list("text", "plain")) == [
        (f"t{n}", n) for n in range(11)
    ]
    assert Vault.objects.filter(data__isnull=True).count() == 1


def test_reencrypt_twice_changes_nothing(settings: Settings) -> None:
    Vault.objects.create(text="t")
    settings.FIELD_KEYS = [NEW, OLD]
    assert reencrypt(Vault) == 1
    before = stored("text")
    assert reencrypt(Vault) == 0
    assert stored("text") == before


def test_reencrypt_never_overwrites_what_was_written_meanwhile(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    Vault.objects.create(text="before")
    settings.FIELD_KEYS = [NEW, OLD]
    is_stale, writes = encrypted._is_stale, iter([True])

    def written_meanwhile(token: str) -> bool:
        if next(writes, False):
            settings.FIELD_KEYS = [OLD]  # a process that was started with the old keys
            Vault.objects.update(text="meanwhile")
            settings.FIELD_KEYS = [NEW, OLD]
        return is_stale(token)

    monkeypatch.setattr(encrypted, "_is_stale", written_meanwhile)
    reencrypt(Vault)
    settings.FIELD_KEYS = [NEW]
    assert Vault.objects.get().text == "meanwhile"


def test_reencrypt_stops_at_a_row_no_key_opens(settings: Settings) -> None:
    Vault.objects.create(text="secret")
    before = stored("text")
    settings.FIELD_KEYS = [NEW, LATER]
    with pytest.raises(WrongKey, match=r"encryptedtests\.Vault \d+ opens with no key"):
        reencrypt(Vault)
    assert stored("text") == before


# ---------------------------------------------------------------- keys


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ([], "CRUSHSYNC_FIELD_KEYS is not set. Make one"),
        (["short"], "Key 1 of CRUSHSYNC_FIELD_KEYS is not 32 bytes"),
        ([OLD, "\u2603" * 44], "Key 2 of CRUSHSYNC_FIELD_KEYS is not 32 bytes"),
        ([OLD, ""], "Key 2 of CRUSHSYNC_FIELD_KEYS is not 32 bytes"),
        ([None], "Key 1 of CRUSHSYNC_FIELD_KEYS is not 32 bytes"),
    ],
)
def test_bad_keys_are_explained(settings: Settings, keys: list[Any], message: str) -> None:
    settings.FIELD_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match=message) as caught:
        check_keys()
    assert "\u2603" not in str(caught.value)
    assert [error.id for error in encrypted.field_keys_are_usable()] == ["crushsync.E001"]
    with pytest.raises(ImproperlyConfigured):
        Vault.objects.create(text="secret")
    assert stored("text") == []


def test_good_keys_pass(settings: Settings) -> None:
    settings.FIELD_KEYS = [NEW, OLD]
    assert encrypted.field_keys_are_usable() == []


def test_the_canary_tells_whether_the_keys_are_right(settings: Settings) -> None:
    token = make_canary()
    settings.FIELD_KEYS = [NEW, OLD]
    assert canary_opens(token)
    settings.FIELD_KEYS = [NEW]
    assert not canary_opens(token)
    assert not canary_opens("nonsense \u2603")


def test_migrations_name_the_fields() -> None:
    for field in Vault._meta.concrete_fields:
        if isinstance(field, encrypted.EncryptedMixin):
            _, path, args, kwargs = field.deconstruct()
            assert path == f"crushsync.lib.encrypted.{type(field).__name__}"
            assert type(field)(*args, **kwargs).db_type(connection) == "text"
