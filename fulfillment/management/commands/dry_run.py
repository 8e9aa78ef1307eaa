"""``manage.py dry_run``"""

import json
from argparse import ArgumentParser
from typing import Any

from compliance.checks import Level
from crushsync.accounts.people import winery_called
from crushsync.lib.commands import ServiceCommand
from crushsync.vinoshipper.payloads import problem_sentence
from fulfillment.dry_run import DryRun, dry_run
from orders.finding import add_order_arguments, order_called


class Command(ServiceCommand):
    help = (
        "Asks everything about an order but to send it: the decision, our own checks, Vinoshipper's verdict. "
        "Nothing is sent; the verdict is kept with the order."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_order_arguments(parser)
        parser.add_argument("--json", action="store_true", dest="as_json")
        parser.add_argument(
            "--payload", action="store_true", help="show what would be sent: it names the customer"
        )

    def run(self, *, order: str, winery: str, store: str, as_json: bool, payload: bool, **_: Any) -> str:
        told = dry_run(order_called(winery_called(winery), order, store))
        if as_json:
            return json.dumps(_plain(told, with_payload=payload), ensure_ascii=False)
        return "\n".join([*_lines(told), *([told.payload_text] if payload else [])])


def _plain(told: DryRun, *, with_payload: bool) -> dict[str, Any]:
    verdict = told.verdict
    plain = {
        "order": told.order.name,
        "number": told.number,
        "verdict": told.decision.verdict,
        "code": told.decision.code,
        "sentence": str(told.decision.sentence),
        "setting": str(told.decision.setting),
        "rules": [
            {"code": rule.code, "sentence": str(rule.sentence), "verdict": rule.verdict}
            for rule in told.decision.rules
        ],
        "checks": [
            {"code": item.code, "level": "off" if item.is_off else item.level, "sentences": item.sentences}
            for item in told.checks
        ],
        "vinoshipper": {
            "is_compliant": verdict.is_compliant if verdict else None,
            "problems": [problem_sentence(item) for item in verdict.problems] if verdict else [],
            "not_asked": told.not_asked,
            "estimate": told.estimate.sentences if told.estimate else [],
        },
    }
    return plain | ({"payload": json.loads(told.payload_text or "null")} if with_payload else {})


def _lines(told: DryRun) -> list[str]:
    lines = [f"{told.order.name}: {told.decision.sentence}"]
    lines += [f"  {rule.sentence}" for rule in told.decision.rules]
    lines += [
        f"  {item.level}: {sentence}"
        for item in told.checks
        if item.level != Level.PASSES
        for sentence in item.sentences
    ]
    if told.verdict is None:
        return [*lines, f"Vinoshipper was not asked: {told.not_asked}"]
    said = " ".join(problem_sentence(item) for item in told.verdict.problems)
    return [
        *lines,
        f"Vinoshipper says: {'compliant' if told.verdict.is_compliant else 'not compliant'}. {said}",
        *(f"  {sentence}" for sentence in (told.estimate.sentences if told.estimate else [])),
    ]
