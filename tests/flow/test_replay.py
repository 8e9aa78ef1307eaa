"""A stored webhook, read again by a person: previewed first, done once, and nothing sent twice."""

import pytest
from django.test import Client
from django.urls import reverse

from crushsync.accounts.models import Role
from fulfillment.refusals import NotAllowed
from fulfillment.replaying import preview, replay
from orders.models import HintSource, HintState, InboundHint, OrderEvent
from sandbox.shopify.samples import order_body
from tests.factories import InboundHintFactory, MembershipFactory, UserFactory
from tests.flow.conftest import World


def test_a_replay_reads_again_and_sends_nothing_twice(world: World) -> None:
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    world.run()  # the marks are written, and their echo is known: a replay is read all the same
    hint = InboundHint.objects.filter(source=HintSource.WEBHOOK, store=world.store).earliest("pk")
    seen = preview(hint)
    assert (seen.order, seen.order_number, seen.refusal) == (world.order(), world.order().external_id, "")
    reads = len(world.calls("shopify"))
    replay(hint.pk, actor="ana")
    with pytest.raises(NotAllowed, match="waits to be read already"):
        replay(hint.pk, actor="ana")
    world.run(lambda: not InboundHint.objects.filter(state=HintState.WAITING).exists())
    assert len(world.calls("shopify")) > reads
    assert [there["puts"] for there in world.at_vinoshipper()] == [1]
    assert OrderEvent.objects.filter(code="replay", actor="ana").count() == 1


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER])
def test_the_page(client: Client, db: None, role: Role) -> None:
    hint = InboundHintFactory.create(state=HintState.MALFORMED, sentence="Not JSON.", body=b"secret words")
    user = UserFactory.create()
    client.force_login(user)
    url = reverse("orders_inboundhint-replay", args=[hint.pk])
    assert client.get(url).status_code == 404
    MembershipFactory.create(winery=hint.winery, user=user, role=role)
    page = client.get(url)
    assert page.status_code == (200 if role == Role.MANAGER else 403)
    assert "secret words" not in page.content.decode()
    hint.refresh_from_db()
    assert (hint.state, hint.due_at) == (HintState.MALFORMED, None)
    client.post(url)
    hint.refresh_from_db()
    assert hint.state == (HintState.WAITING if role == Role.MANAGER else HintState.MALFORMED)
