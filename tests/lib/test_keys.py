"""Keys that do not fit are refused at start, and all can be changed without losing a value."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from crushsync.accounts.models import VinoshipperAccount
from crushsync.lib.encrypted import WrongKey
from crushsync.lib.keys import rotate_keys, verify_keys, verify_start
from crushsync.lib.models import KeyCheck
from tests.factories import VinoshipperAccountFactory

OLD = "b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQtb2xkLW9sZC0="
NEW = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0="

pytestmark = pytest.mark.django_db


def test_the_first_start_leaves_a_mark_and_the_next_finds_it(settings: Settings) -> None:
    settings.FIELD_KEYS = [OLD]
    verify_keys()
    verify_keys()
    assert KeyCheck.objects.count() == 1


def test_another_key_is_refused_and_writes_nothing(settings: Settings) -> None:
    settings.FIELD_KEYS = [OLD]
    verify_keys()
    mark = KeyCheck.objects.get().canary
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(ImproperlyConfigured, match="written with another key"):
        verify_keys()
    assert KeyCheck.objects.get().canary == mark


def test_a_start_looks_at_keys_and_schema_alike(settings: Settings) -> None:
    settings.FIELD_KEYS = [OLD]
    verify_start()
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(ImproperlyConfigured, match="written with another key"):
        verify_start()


def test_after_rotation_the_old_key_may_go(settings: Settings) -> None:
    settings.FIELD_KEYS = [OLD]
    verify_keys()
    account = VinoshipperAccountFactory.create(credentials={"api_key": "k"})
    settings.FIELD_KEYS = [NEW, OLD]
    assert rotate_keys()["accounts.VinoshipperAccount"] == 1
    assert rotate_keys()["accounts.VinoshipperAccount"] == 0
    settings.FIELD_KEYS = [NEW]
    verify_keys()
    assert VinoshipperAccount.objects.get(pk=account.pk).credentials == {"api_key": "k"}
    settings.FIELD_KEYS = [OLD]
    with pytest.raises(WrongKey):
        VinoshipperAccount.objects.get(pk=account.pk)
