"""What a fault makes of a call: the answer instead of the work, or the finished answer spoiled."""

import json
from dataclasses import replace

from sandbox.faults import Fault
from sandbox.shapes import Answer, json_object
from sandbox.shopify.cost import THROTTLED

LOGIN_PAGE = (
    b"<!doctype html><html><head><title>Sign in</title></head><body><form>Sign in</form></body></html>"
)
JSON = [("Content-Type", "application/json")]


def instead(fault: Fault) -> Answer | None:
    """The answer given in place of any work; None when the work is to be done first."""
    if fault.kind == "reset":
        return Answer(0, manner="reset")
    if fault.kind == "timeout":
        return Answer(0, manner="silence", seconds=fault.seconds)
    if fault.kind == "html":
        return Answer(200, [("Content-Type", "text/html; charset=utf-8")], LOGIN_PAGE)
    if fault.kind == "throttled":
        return Answer(200, JSON, json.dumps({"errors": [THROTTLED]}).encode())
    if fault.kind == "status":
        return _status(fault)
    return None


def afterwards(fault: Fault, answer: Answer) -> Answer:
    """The true answer as it leaves us after ``fault``."""
    if fault.kind == "timeout_after_accept":
        return replace(answer, manner="silence", seconds=fault.seconds)
    if fault.kind == "accept_then_reset":
        return replace(answer, manner="reset")
    if fault.kind == "accept_then_status":
        return _status(fault)
    if fault.kind == "truncated":
        return replace(answer, manner="truncated")
    if fault.kind == "drip":
        return replace(answer, manner="drip", seconds=fault.seconds)
    return _other_body(fault, answer)


def _other_body(fault: Fault, answer: Answer) -> Answer:
    if fault.kind == "garbage":
        return replace(answer, body=b'{"orderNumber": "' + b"\x00\xff\xfe" + b"]}")
    if fault.kind == "empty":
        return replace(answer, body=b"")
    if fault.kind == "oversized":
        return replace(answer, body=b'{"padding": "' + b"x" * fault.size + b'"}')
    if fault.kind == "wrong_order_number":
        return replace(answer, body=_renumbered(answer.body))
    return answer


def _renumbered(body: bytes) -> bytes:
    try:
        data = json_object(body)
    except ValueError:
        return body
    if "orderNumber" in data:
        data["orderNumber"] = f"{data['orderNumber']}-X"
    return json.dumps(data).encode()


def _status(fault: Fault) -> Answer:
    headers = [*JSON]
    if fault.retry_after is not None:
        headers.append(("Retry-After", str(fault.retry_after)))
    errors = [{"description": fault.says}] if fault.says else []
    body = {"error": {"status": fault.status, "type": fault.type, "errors": errors}}
    return Answer(fault.status, headers, json.dumps(body).encode())
