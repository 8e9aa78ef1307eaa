"""The catalogue has an entry for every code that our own sources and Vinoshipper's words can lead to."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from compliance.problems import (
    CATALOGUE,
    ORDER_STATUSES,
    REPORT_CODES,
    STATUSES,
    TYPES,
    Family,
    code_of,
    connection_code,
    entry,
    family_of,
    refusal_code,
)
from crushsync.vinoshipper.payloads import ACCEPTANCE, PROGRESS, order_answer
from crushsync.vinoshipper.types import OrderProblem
from fulfillment.actions import ACTIONS

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = [
    path
    for room in ("crushsync", "orders", "compliance", "fulfillment")
    for path in sorted((ROOT / room).rglob("*.py"))
    if "migrations" not in path.parts
]
# Refusals of a store that say nothing about the shipment itself: "report_refused", with their words.
UNTOLD = {"user_error", "too_long", "garbage"}
# Buttons that are no action of an order, and where they are.
BUTTONS = {
    "Report again": "templates/admin/order/fulfillments.html",
    "It is settled": "templates/admin/problem/page.html",
    "Say which SKU it is": "fulfillment/admin/mending.py",
    "Write to the customer": "templates/admin/order/problem.html",
    "Receive": "fulfillment/admin/stock/acts.py",
}
OF_IMPORTS = {"export", "export_failed"}  # of a store's whole list, which no shipment waits for


@cache
def nodes(path: Path) -> list[ast.Call | ast.Assign]:
    """The calls and assignments of a module: all that is asked about. Read once for all tests."""
    found = ast.walk(ast.parse(path.read_text()))
    return [node for node in found if isinstance(node, ast.Call | ast.Assign)]


def calls(name: str, paths: list[Path]) -> Iterator[ast.Call]:
    """Every call of a function or class of this name."""
    for path in paths:
        for node in nodes(path):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if called == name:
                    yield node


@cache
def constants() -> dict[str, str]:
    """The names in capitals that our modules give to texts."""
    return {
        target.id: node.value.value
        for path in OURS
        for node in nodes(path)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.isupper() and isinstance(node.value.value, str)
    }


def text(node: ast.AST | None) -> str:
    if isinstance(node, ast.Name | ast.Attribute):
        return constants().get(getattr(node, "attr", getattr(node, "id", "")), "")
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def keyword(call: ast.Call, name: str) -> str:
    return text(next((word.value for word in call.keywords if word.arg == name), None))


def assigned(path: Path, name: str) -> Iterator[str]:
    """The texts assigned to the name or attribute, alone or as the first of several."""
    for node in nodes(path):
        if isinstance(node, ast.Assign):
            [target, value] = [node.targets[0], node.value]
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                target, value = target.elts[0], value.elts[0]
            if getattr(target, "id", getattr(target, "attr", "")) == name and text(value):
                yield text(value)


def reasons() -> set[str]:
    """The codes with which explain() can decide."""
    path = ROOT / "fulfillment/routing/rules.py"
    deciding = [call for call in calls("RuleResult", [path]) if len(call.args) > 2]
    return {text(call.args[0]) for call in deciding} - {""} | set(assigned(path, "code")) | {"send"}


def checks() -> set[str]:
    paths = [path for path in OURS if "checks" in (*path.parts, path.stem)]
    found = [call for name in ("Finding", "Check") for call in calls(name, paths)]
    return {text(call.args[0]) for call in found if call.args} - {""}


def attentions() -> set[str]:
    """What is said to need a person, and the reasons a fulfillment order moves for."""
    found = {text(call.args[1]) for call in calls("need_person", OURS)}
    found |= {text(call.args[2]) for call in calls("move", OURS) if len(call.args) > 2}
    found |= {text(call.args[2]) for call in calls("unknown", OURS) if len(call.args) > 2}
    found |= {text(call.args[1]) for call in calls("_explain_wait", OURS)}
    for path in OURS:
        found |= {*assigned(path, "attention_code"), *assigned(path, "reason_code")}
    return found - {""}


def error_codes(error: str, paths: list[Path]) -> set[str]:
    return {keyword(call, "code") for call in calls(error, paths)} - {""}


def test_the_sources_are_read() -> None:
    assert {"state_not_selected", "local_delivery", "held"} <= reasons()
    assert {"under_age", "birth_date_missing"} <= checks()
    assert {"returned", "gone_there", "crash_loop", "age_verified", "no_answer"} <= attentions()
    assert {"credentials", "uninstalled"} <= error_codes("ConnectionProblem", OURS)


@pytest.mark.parametrize("codes", [reasons, checks, attentions])
def test_every_code_of_ours_has_an_entry(codes: object) -> None:
    assert callable(codes)
    assert codes() - set(CATALOGUE) == set()


def test_every_connection_error_has_an_entry() -> None:
    http = {"redirect", "credentials", "not_json", "permission"}  # crushsync/lib/http/answers.py, by status
    codes = error_codes("ConnectionProblem", OURS) | http
    assert {code for code in codes if connection_code(code) == "paused"} == set()
    assert connection_code("on_the_moon") == "paused"
    assert {entry(connection_code(code)).family for code in codes} == {Family.CONNECTION}


def test_every_reporting_failure_has_an_entry() -> None:
    paths = [path for path in OURS if "storefronts" in path.parts and path.stem not in ("tokens", "oauth")]
    assert error_codes("PermanentError", paths) - UNTOLD - OF_IMPORTS == set(REPORT_CODES)
    assert set(REPORT_CODES.values()) < set(CATALOGUE)


def test_every_word_of_vinoshippers_has_its_place() -> None:
    assert set(STATUSES) == set(ACCEPTANCE)
    assert set(ORDER_STATUSES) == set(PROGRESS)
    for code in {*STATUSES.values(), *ORDER_STATUSES.values(), *TYPES.values()} - {""}:
        assert code in CATALOGUE


@pytest.mark.parametrize("kind", TYPES)
def test_the_type_of_an_error_decides_where_its_text_says_nothing(kind: str) -> None:
    assert code_of([OrderProblem("X1", "Xyzzy.", type=kind)], None) == TYPES[kind]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("product HO-1 was not found", "unknown_sku"),
        ("product HO-1 is not approved", "unknown_sku"),
        ("Unknown SKU", "unknown_sku"),
        ("HO-1: 5 ordered, 3 in stock.", "sold_out"),
        ("HO-1 is not available in MN.", "not_available"),
        ("25 bottles are more than the 24 allowed in MN.", "volume_limit"),
        ("Wine cannot be delivered to a PO box.", "po_box"),
        ("The customer is younger than 21 years.", "under_age"),
        ("Age verification failed", "age_failed"),
        ("Cash payment is not enabled", "payment_missing"),
        ("Xyzzy.", "refused"),
    ],
)
def test_vinoshippers_words(words: str, code: str) -> None:
    assert code_of([OrderProblem("", words)], None) == code


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("PROBLEM", "sold_out"),
        ("PENDING", "sold_out"),
        ("PAYMENT_CAPTURE_FAILED", "payment_missing"),
        ("AGE_VERIFICATION_LOCKED", "age_locked"),
        ("ON_THE_MOON", "sold_out"),
    ],
)
def test_a_status_says_more_than_the_problems(status: str, code: str) -> None:
    body = {"status": status, "orderProblems": [{"code": "", "description": "Out of stock."}]}
    assert refusal_code(order_answer(body, http_status=200, trace_id="", number="N")) == code


def test_the_three_families_are_told_apart() -> None:
    assert family_of("unknown_sku", is_there=False) == Family.NEVER_REACHED
    assert family_of("unknown_sku", is_there=True) == Family.HAS_ISSUE
    assert family_of("not_compliant", is_there=True) == Family.AFTER_PURCHASE
    assert family_of("late_sending", is_there=False) == Family.LATE


@pytest.mark.parametrize("code", CATALOGUE)
def test_an_entry_is_complete(code: str) -> None:
    told = CATALOGUE[code]
    assert str(told.sentence).endswith(".")
    assert str(told.cause).endswith(".")
    assert told.steps
    assert all(str(step).endswith((".", "!")) for step in told.steps)
    assert bool(told.groups_by) <= bool(told.about)
    assert ("{" in told.say("PN-22")) is False
    assert len(code) <= 40


def test_a_state_is_named_in_full() -> None:
    assert CATALOGUE["volume_limit"].say("OK") == "The customer has reached the limit of Oklahoma."
    assert CATALOGUE["unknown_sku"].say("OK") == "Vinoshipper does not know the SKU OK."


def test_a_button_that_a_step_names_is_there() -> None:
    assert [label for label, page in BUTTONS.items() if f'"{label}"' not in (ROOT / page).read_text()] == []
    labels = (*BUTTONS, *(str(action.label) for action in ACTIONS.values()))
    steps = [str(step) for told in CATALOGUE.values() for step in told.steps]
    named = [words for step in steps for words in re.findall(r"\b[Pp]ress (.+)", step)]
    assert len(named) > 20
    assert [words for words in named if not words.startswith(labels)] == []


@pytest.mark.parametrize("code", [code for code, told in CATALOGUE.items() if told.needs_person])
def test_an_act_on_the_order_that_a_step_names_is_offered(code: str) -> None:
    told = CATALOGUE[code]
    steps = " ".join(str(step) for step in told.steps)
    labels = {name: str(action.label) for name, action in ACTIONS.items() if name != "retry"}
    named = {name for name, label in labels.items() if re.search(rf"\b[Pp]ress {label}\b", steps)}
    assert set(told.acts) == named


def test_who_may_settle_a_problem_is_told_how() -> None:
    settled = {
        code for code, told in CATALOGUE.items() if any("It is settled" in str(step) for step in told.steps)
    }
    by_hand = {code for code, told in CATALOGUE.items() if told.by_hand}
    assert settled <= by_hand


def test_an_unlisted_code_is_a_refusal_like_any_other() -> None:
    assert entry("http_418") is CATALOGUE["refused"]
