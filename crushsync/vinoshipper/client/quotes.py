"""What can be asked before an order exists: may it go there, what does it cost, who is known."""

from collections.abc import Callable
from typing import Any

from crushsync.vinoshipper import payloads
from crushsync.vinoshipper.client.base import ORDERS, REFUSED, Caller, Value, readable
from crushsync.vinoshipper.types import AccessPoint, Destination, OrderInput, Quote, TaxEstimate, Verdict


class QuoteCalls(Caller):
    """What is asked without creating anything."""

    def check_compliance(self, order: OrderInput) -> Verdict:
        """Ask whether the order may go there, without creating anything."""
        # https://developer.vinoshipper.com/reference/checkcompliance
        body = payloads.compliance_body(order)
        answer = self._http.call(
            "POST", f"{ORDERS}/check-compliance", json=body, writes=False, accept_statuses=REFUSED
        )
        if answer.status in REFUSED:
            refused = payloads.refusal(answer, order.number)
            return Verdict(False, refused.problems, trace_id=answer.trace_id, raw=refused.raw)
        return readable(
            payloads.verdict(answer.json(), trace_id=answer.trace_id), "the compliance check", answer
        )

    def estimate_taxes(self, order: OrderInput) -> TaxEstimate:
        """The taxes and state fees Vinoshipper would compute. Raises PermanentError where it refuses to."""
        # https://developer.vinoshipper.com/reference/estimatetaxes
        return self._ask("estimate-taxes", payloads.taxes_body(order), payloads.tax_estimate)

    def estimate_shipping(self, order: OrderInput, *, is_residential: bool = True) -> tuple[Quote, ...]:
        """What each shipping method would cost. Raises PermanentError where they refuse to say."""
        # https://developer.vinoshipper.com/reference/estimateshipping
        body = payloads.shipping_body(order, is_residential=is_residential)
        return self._ask("estimate-shipping", body, payloads.quotes)

    def access_points(self, near: Destination) -> tuple[AccessPoint, ...]:
        """The UPS Access Points near an address, in their order."""
        # https://developer.vinoshipper.com/reference (the page of this call is not public)
        body = payloads.access_points_body(near)
        answer = self._http.call("POST", "/api/v3/p/addresses/access-points", json=body, writes=False)
        return readable(payloads.access_points(answer.json()), "the access points", answer)

    def customers_with(self, email: str) -> tuple[str, ...]:
        """Vinoshipper's ids of the customers who have this e-mail address; () if nobody has."""
        # https://developer.vinoshipper.com/reference (the page of this call is not public)
        answer = self._http.call("POST", "/api/v3/p/customers/exists", json={"email": email}, writes=False)
        return readable(payloads.customer_ids(answer.json()), "the customers", answer)

    def _ask(self, what: str, body: dict[str, Any], read: Callable[[Any], Value | None]) -> Value:
        answer = self._http.call("POST", f"{ORDERS}/{what}", json=body, writes=False)
        return readable(read(answer.json()), "the estimate", answer)
