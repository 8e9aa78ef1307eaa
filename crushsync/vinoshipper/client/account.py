"""What an account has: products, shipping methods, its profile and its webhooks."""

from urllib.parse import quote

from crushsync.lib.errors import OutcomeUnknown
from crushsync.vinoshipper import payloads
from crushsync.vinoshipper.client.base import CLIENT_NAME, NOT_FOUND, Caller, odd
from crushsync.vinoshipper.types import ProductFeed, Profile, RateCode, WebhookRegistration

FEED_BYTES = 20_000_000


class AccountCalls(Caller):
    """What is asked about the account itself."""

    def product_feed(self) -> ProductFeed:
        """Every product of the producer, also those sold out, with the stock Vinoshipper has."""
        # https://developer.vinoshipper.com/discuss (the feed is named there, it has no reference page)
        self._producer_id = self._producer_id or self.profile().id
        path = f"/api/v3/feeds/vs/{quote(self._producer_id, safe='')}/products?soldOut=true"
        return self._read(path, payloads.product_feed, "the product feed", max_bytes=FEED_BYTES)

    def profile(self) -> Profile:
        """The producer the credentials belong to: the harmless call that shows whether they work."""
        # https://developer.vinoshipper.com/reference
        return self._read("/api/v3/p/profile", payloads.profile, "the profile")

    def rate_codes(self) -> tuple[RateCode, ...]:
        """The shipping methods the producer may use."""
        # https://developer.vinoshipper.com/reference/getratecodes
        return self._read("/api/v3/p/shipment/rate-codes", payloads.rate_codes, "the rate codes")

    def webhooks(self) -> tuple[WebhookRegistration, ...]:
        """The webhooks registered for this account, ours and others'."""
        # https://developer.vinoshipper.com/reference/createwebhook
        return self._read("/api/v3/p/profile/webhooks", payloads.registrations, "the webhooks")

    def add_webhook(self, subject: str, url: str) -> WebhookRegistration:
        """Register `url` for ORDER, CUSTOMER or CLUB_MEMBERSHIP. Every call adds one: look first."""
        # https://developer.vinoshipper.com/reference/createwebhook
        body = {"subject": subject, "url": url, "description": CLIENT_NAME}
        answer = self._http.call("POST", "/api/v3/p/profile/webhooks", json=body, writes=True)
        registered = payloads.registration(answer.json())
        if registered is None:
            raise OutcomeUnknown(odd("the new webhook"), code="unreadable", trace_id=answer.trace_id)
        return registered

    def delete_webhook(self, webhook_id: str) -> None:
        """Remove a webhook; one that is gone already is no error."""
        # https://developer.vinoshipper.com/reference/deletewebhook
        path = f"/api/v3/p/profile/webhooks/{quote(webhook_id, safe='')}"
        self._http.call("DELETE", path, writes=True, accept_statuses=NOT_FOUND)

    def shippers(self) -> tuple[str, ...]:
        """The carriers the account may ship with, such as UPS."""
        # https://developer.vinoshipper.com/reference/listactiveshippers
        return self._read("/api/v3/p/shippers/active", payloads.shippers, "the shippers")
