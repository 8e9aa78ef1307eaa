"""Vinoshipper's webhooks. They are unsigned and carry no data: a hint which order to read again, and no more.

https://developer.vinoshipper.com/reference/webhooks
"""

from crushsync.lib.text import MalformedBody, parse_json
from crushsync.vinoshipper.payloads.reading import text
from crushsync.vinoshipper.types import OrderHint

NOT_ABOUT_AN_ORDER = {"CUSTOMER": "a customer", "CLUB_MEMBERSHIP": "a club membership"}


def read_hint(body: bytes) -> OrderHint:
    """Read which order to look at; `sentence` says why there is none. Never raises."""
    try:
        sent = parse_json(body)
    except MalformedBody as error:
        return OrderHint(
            order_number="", event="", sentence=f"The body of this webhook is unreadable: {error}."
        )
    if not isinstance(sent, dict):
        return OrderHint(order_number="", event="", sentence="The body of this webhook is no JSON object.")
    # Their documentation prints one key as "event:", so a colon at the end of a name is tolerated.
    words = {key.rstrip(": "): value for key, value in sent.items()}
    return _hint(
        text(words.get("identifier")),
        text(words.get("subject"), 50).upper(),
        text(words.get("event"), 50).upper(),
    )


def _hint(identifier: str, subject: str, event: str) -> OrderHint:
    if about := NOT_ABOUT_AN_ORDER.get(subject):
        return OrderHint(
            order_number="", event=event, sentence=f"This webhook is about {about}, not about an order."
        )
    if not identifier:
        return OrderHint(order_number="", event=event, sentence="This webhook names no order.")
    if subject not in {"ORDER", ""}:
        sentence = "This webhook is about something Vinoshipper has not told us of, not about an order."
        return OrderHint(order_number="", event=event, sentence=sentence)
    return OrderHint(order_number=identifier, event=event)
