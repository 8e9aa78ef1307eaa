"""One connector, with its open connections, for each store in use."""

from dataclasses import replace

import pytest

from crushsync.lib.errors import ConnectionProblem
from orders.storefronts.pushed.connector import Pushed
from orders.storefronts.registry import STOREFRONTS, connect
from orders.storefronts.shopify.connector import Shopify
from tests.storefronts.answers import CONNECTION


def test_every_platform_is_found_under_its_own_name() -> None:
    assert {"shopify": Shopify, "pushed": Pushed} == STOREFRONTS
    assert [name for name, storefront in STOREFRONTS.items() if storefront.platform != name] == []


def test_a_store_keeps_its_connector_until_a_setting_changes() -> None:
    first = connect("shopify", CONNECTION)
    assert isinstance(first, Shopify)
    assert connect("shopify", replace(CONNECTION)) is first
    assert connect("shopify", replace(CONNECTION, deadline=5.0)) is not first


def test_a_platform_nobody_knows() -> None:
    with pytest.raises(ConnectionProblem, match="no connector for the platform 'etsy'"):
        connect("etsy", CONNECTION)


@pytest.mark.parametrize("token", ["", " ", "shpat\r\nX-Evil: 1", "shpat_é"])
def test_a_token_that_cannot_be_sent(token: str) -> None:
    with pytest.raises(ConnectionProblem) as caught:
        connect("shopify", replace(CONNECTION, credentials=(("access_token", token),)))
    assert caught.value.code == "credentials"
    assert "shpat" not in str(caught.value)


def test_credentials_are_not_shown() -> None:
    assert "shpat" not in repr(CONNECTION)
