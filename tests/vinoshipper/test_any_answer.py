"""Whatever JSON comes: reading it never raises, and what is read can be stored."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crushsync.lib.text import dump_json
from crushsync.vinoshipper import payloads
from crushsync.vinoshipper.types import OrderAnswer, OrderProblem
from tests.vinoshipper.samples import NUMBER, ORDER, answer, body, read

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.text(st.characters()),
    st.sampled_from(
        ["SUCCESS", "2026-02-30", "1e999999", "NaN", "-0", "0001-01-01T00:00:00+14:00", "\ud800"]
    ),
)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)
FIELDS = sorted(body())


def storable(text: str) -> bool:
    return "\x00" not in text and text == text.encode("utf-8", "replace").decode()


def texts(found: OrderAnswer) -> list[str]:
    problems = [words for p in found.problems for words in (p.code, p.description, p.type, p.field)]
    return [
        found.number, found.status, found.order_status, found.carrier, found.id_scan_url, found.cancel_reason,
        *found.tracking_numbers, *problems,
    ]  # fmt: skip


@given(st.dictionaries(st.sampled_from(FIELDS), JSON, min_size=1, max_size=4))
def test_an_order_with_anything_in_its_fields(changes: dict[str, Any]) -> None:
    found = read(body(**changes))
    assert all(map(storable, texts(found)))
    assert all(isinstance(phrase, str) for phrase in payloads.differences(ORDER, found))
    assert all(isinstance(phrase, str) for phrase in payloads.goods_differences(ORDER, found))


@given(JSON)
def test_an_order_inside_of_anything(junk: Any) -> None:
    nested = {"packages": junk}
    row = {"productId": junk, "sku": junk, "quantity": junk, "price": junk, "packProductId": junk}
    changed = body(shipping=nested, products=[row, junk], packs=[junk], customer={"email": junk})
    assert all(map(storable, texts(read(changed))))
    assert payloads.differences(ORDER, read(changed))


@pytest.mark.parametrize(
    "reader", [payloads.product_feed, payloads.rate_codes, payloads.profile, payloads.registrations]
)
def test_readers_of_lists(reader: Callable[[Any], Any]) -> None:
    @given(JSON)
    def never_raises(junk: Any) -> None:
        for shape in (junk, [junk], {"id": junk, "products": [junk], "states": junk, "rates": [junk]}):
            reader(shape)

    never_raises()


@given(JSON)
def test_refusals_and_verdicts(junk: Any) -> None:
    for error in (junk, {"type": junk, "errors": junk}, {"errors": [{"description": junk, "field": junk}]}):
        content = dump_json({"error": error}).encode()
        refused = payloads.refusal(answer(400, content), NUMBER)
        assert refused.problems
        assert all(payloads.problem_sentence(problem) for problem in refused.problems)
    payloads.verdict({"isCompliant": junk, "problems": junk}, trace_id="")


@given(st.binary() | JSON.map(lambda junk: dump_json({"identifier": junk, "event:": junk}).encode()))
def test_hints_of_any_bytes(content: bytes) -> None:
    hint = payloads.read_hint(content)
    assert storable(hint.order_number)
    assert bool(hint.order_number) != bool(hint.sentence)


@given(st.text(), st.text(), st.text(), st.text())
def test_every_problem_has_a_sentence(code: str, words: str, kind: str, field: str) -> None:
    assert payloads.problem_sentence(OrderProblem(code, words, kind, field))
