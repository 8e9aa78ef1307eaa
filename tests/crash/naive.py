"""What most integrations do: send a new order each time. It shows that these tests can fail."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from secrets import token_hex

from compliance.catalog import client
from crushsync.accounts.models import VinoshipperAccount
from crushsync.lib.queue import Job
from crushsync.vinoshipper.payloads import order_answer, order_body
from crushsync.vinoshipper.types import Delivery, OrderInput
from fulfillment.models import FulfillmentOrder
from fulfillment.outgoing import order_input
from fulfillment.sync import SyncLane


class NaiveLane(SyncLane):
    """Sends by POST under a number of the moment, and never looks first."""

    def prepare(self, rows: Sequence[FulfillmentOrder]) -> list[Job]:
        jobs = super().prepare(rows)
        return [replace(job, call=_call(job.rows[0])) for job in jobs]


def _call(work: FulfillmentOrder) -> partial[Delivery]:
    order = order_input(work, {})
    return partial(_post, work.partner, replace(order, number=f"{order.number}-{token_hex(4)}"))


def _post(account: VinoshipperAccount, order: OrderInput) -> Delivery:
    answer = client(account)._http.call("POST", "/api/v3/p/orders", json=order_body(order), writes=True)
    told = order_answer(answer.json(), http_status=answer.status, trace_id="", number=order.number)
    return Delivery(told, adopted=False, differences=(), calls=())
