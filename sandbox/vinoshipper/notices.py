"""Webhooks about orders: identifiers only, unsigned.

https://developer.vinoshipper.com/reference/webhooks
"""

import json

from sandbox.outbox import Parcel
from sandbox.vinoshipper.accounts import Account


def notices(account: Account, base_url: str, number: str, event: str, key: str = "event") -> list[Parcel]:
    """One webhook per address that the account registered for orders; ``key``: what they call the event."""
    body = {
        "identifier": number,
        "subject": "ORDER",
        key: event,
        "href": f"{base_url}/api/v2/p/orders/{number}",
        "hrefV3": f"{base_url}/api/v3/p/orders/{number}",
    }
    raw, headers = json.dumps(body).encode(), {"Content-Type": "application/json"}
    return [
        Parcel("vinoshipper", account.name, event, record.url, raw, headers)
        for record in account.webhooks.values()
        if record.subject == "ORDER"
    ]
