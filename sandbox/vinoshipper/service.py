"""What Vinoshipper does with orders: accept, refuse, correct, cancel, ship, and tell about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from threading import RLock

from sandbox.clock import now_iso
from sandbox.outbox import Outbox
from sandbox.shapes import ControlError, Json
from sandbox.vinoshipper import rules, validation
from sandbox.vinoshipper.accounts import Account, Registration, Switches, sample_account
from sandbox.vinoshipper.answers import order_answer
from sandbox.vinoshipper.notices import notices
from sandbox.vinoshipper.orders import ACCEPTED, LIFE, Order
from sandbox.vinoshipper.refusals import Refusal, not_found, refusal
from sandbox.vinoshipper.tracking import TrackingNumbers

MAX_WEBHOOK_COPIES = 100


@dataclass
class Vinoshipper:
    """All accounts and orders. Public methods take the lock; order numbers are one space for all accounts."""

    outbox: Outbox
    base_url: str = ""
    lock: RLock = field(default_factory=RLock)
    accounts: dict[str, Account] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    switches: Switches = field(default_factory=Switches)
    tracking: TrackingNumbers = field(default_factory=TrackingNumbers)
    _numbers: Iterator[int] = field(default_factory=lambda: count(100_001))
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """The sample account and no orders."""
        with self.lock:
            self.orders.clear()
            self.accounts.clear()
            self.accounts["hollow-oak"] = sample_account()
            self.switches = Switches()

    # ---------------------------------------------------------------- the API's verbs

    def post(self, account: Account, body: Json) -> Json:
        """Creates an order; a number that is already accepted, or anybody else's, is a conflict."""
        with self.lock:
            self._validate(account, body, validation.REQUIRED_ON_POST)
            number = body.get("orderNumber") or f"VS{next(self._numbers)}"
            known = self.orders.get(number)
            if known and (known.is_accepted or known.account != account.name):
                known.posts += known.account == account.name
                raise self._in_use("ORDER_NUMBER_TAKEN", f"Order number {number} is already in use.")
            order = self._kept(number, account, body)
            order.posts += 1
            return self._judge(order, account, body, "CREATED")

    def put(self, account: Account, number: str, body: Json) -> Json:
        """Creates or corrects an order; what happens to an accepted one is a switch."""
        with self.lock:
            self._validate(account, body, validation.REQUIRED_ON_PUT)
            known = self.orders.get(number)
            if known and known.account != account.name:
                raise self._in_use("ORDER_NUMBER_TAKEN", f"Order number {number} is already in use.")
            order = self._kept(number, account, body)
            order.puts += 1
            if not order.is_accepted:
                return self._judge(order, account, body, "UPDATED" if known else "CREATED")
            return self._put_on_accepted(order, account, body)

    def get(self, account: Account, number: str) -> Json:
        """The order as a reader sees it, ``read_lag`` seconds behind."""
        with self.lock:
            order = self._own(account, number)
            answer = order.seen(self.switches.read_lag)
            if answer is None:
                raise not_found(number)
            return answer

    def cancel(self, account: Account, number: str, body: Json) -> Json:
        """Cancels an accepted order that is still OPEN."""
        with self.lock:
            order = self._own(account, number)
            if not isinstance(body.get("reason"), str) or not body["reason"].strip():
                raise refusal(400, "VALIDATION", "REQUIRED", "reason is required", "reason")
            if not order.is_accepted or order.order_status != "OPEN":
                kind = "CONFLICT" if self.switches.late_cancel == 409 else "VALIDATION"
                raise refusal(
                    self.switches.late_cancel,
                    kind,
                    "ORDER_NOT_CANCELLABLE",
                    f"Order {number} is {order.order_status} ({order.status}), too late to cancel.",
                )
            self._cancelled(order, body["reason"])
            if body.get("restoreInventory"):
                self._move_stock(order, account, +1)
            return self._changed(order, account, "CANCELLED")

    def shipped(self, account: Account, number: str) -> Json:
        """The producer ships by himself and says so."""
        with self.lock:
            self._own(account, number)
            return self.move(number, "SHIPPED", packages=0)

    # ---------------------------------------------------------------- moves by control

    def move(
        self, number: str, to: str, *, packages: int = 1, tracking: list[str] | None = None, reason: str = ""
    ) -> Json:
        """Takes an accepted order to ``to``, by the states between; labels bring packages with numbers."""
        with self.lock:
            order = self._any(number)
            account = self.accounts[order.account]
            if to in LIFE:
                for step in (
                    LIFE[LIFE.index(order.order_status) + 1 : LIFE.index(to) + 1] if _alive(order) else ()
                ):
                    self._step(order, account, step, packages, tracking)
            elif to == "CANCELLED":
                self._cancelled(order, reason or "Cancelled by the producer")
                self._changed(order, account, "CANCELLED")
            elif to in ("RETURNED", "PICKED_UP", "PROBLEM", "UNPAID"):
                order.order_status = to
                self._changed(order, account, "SHIPMENT_STATUS_UPDATED", "UPDATED")
            else:
                raise ControlError(f"an order cannot be moved to {to!r}")
            return order.summary()

    def add_packages(
        self, number: str, packages: int = 1, tracking: list[str] | None = None, instead_of: str = ""
    ) -> Json:
        """Another box of the same order, or another label for one, with its TRACKING_NUMBER_ADDED."""
        with self.lock:
            order = self._any(number)
            order.packages = [known for known in order.packages if known != instead_of]
            added = self._pack(order, packages, tracking)
            self._changed(order, self.accounts[order.account], *["TRACKING_NUMBER_ADDED"] * added)
            return order.summary()

    def say(self, number: str, status: str | None = None, order_status: str | None = None) -> Json:
        """Sets Vinoshipper's two words about an order to any text, and sends UPDATED."""
        with self.lock:
            order = self._any(number)
            order.status = order.status if status is None else status
            order.order_status = order.order_status if order_status is None else order_status
            self._changed(order, self.accounts[order.account], "UPDATED")
            return order.summary()

    def approve(self, number: str) -> Json:
        """The customer showed an ID: verified, APPROVED goes out; the order itself must be sent again."""
        with self.lock:
            order = self._any(number)
            email = str((order.request.get("customer") or {}).get("email", "")).lower()
            self.accounts[order.account].verified.add(email)
            self._changed(order, self.accounts[order.account], "APPROVED")
            return order.summary()

    def notify(self, number: str, event: str, copies: int = 1) -> None:
        """Sends one webhook about an order, whatever the truth is."""
        with self.lock:
            self._tell(self.accounts[self._any(number).account], number, event, copies)

    def register(self, account: Account, subject: str, url: str, description: str | None) -> Registration:
        with self.lock:
            record = Registration(next(self._ids), subject, url, description, now_iso())
            account.webhooks[record.id] = record
            return record

    def unregister(self, account: Account, webhook_id: str) -> bool:
        """False when the account has no such webhook."""
        with self.lock:
            return webhook_id.isdigit() and account.webhooks.pop(int(webhook_id), None) is not None

    # ---------------------------------------------------------------- inside

    def _validate(self, account: Account, body: Json, required: tuple[str, ...]) -> None:
        errors = validation.order_errors(account, body, required)
        born = (body.get("customer") or {}).get("dateOfBirth") if not errors else None
        if not errors and self.switches.birth_date_required and born is None:
            errors = [validation.FieldError("customer.dateOfBirth", "REQUIRED", "dateOfBirth is required")]
        if errors:
            raise Refusal(400, "VALIDATION", [error.row() for error in errors])
        if body.get("paid") and not account.cash_payment:
            raise refusal(
                400, "PAYMENT_FAILURE", "CASH_NOT_ENABLED", "Cash payment is not enabled for this account."
            )

    def _in_use(self, code: str, description: str) -> Refusal:
        return refusal(self.switches.duplicate_post, "CONFLICT", code, description, "orderNumber")

    def _kept(self, number: str, account: Account, body: Json) -> Order:
        return self.orders.setdefault(number, Order(number, account.name, body))

    def _judge(self, order: Order, account: Account, body: Json, event: str) -> Json:
        order.request, order.refused_with_400 = body, False
        order.problems = rules.problems(account, body, self._bottles_before(order, body))
        status = "PROBLEM" if order.problems else rules.status(account, body)
        if status == ACCEPTED:
            return self._accept(order, account, event)
        order.status = status
        answer = self._changed(order, account)
        if order.problems and self.switches.rejection == "400":
            order.refused_with_400 = True
            rows = [{**row, "field": None, "shortDescription": None} for row in order.problems]
            raise Refusal(400, "COMPLIANCE", rows)
        return answer

    def _accept(self, order: Order, account: Account, event: str) -> Json:
        order.status, order.purchased_at = ACCEPTED, now_iso()
        order.acceptances += 1
        self._move_stock(order, account, -1)
        return self._changed(order, account, event)

    def _put_on_accepted(self, order: Order, account: Account, body: Json) -> Json:
        if body == order.request or self.switches.put_on_accepted == "ignores":
            return order.history[-1].answer
        if self.switches.put_on_accepted == "refuses":
            raise self._in_use("ORDER_ALREADY_ACCEPTED", f"Order {order.number} was accepted already.")
        order.request = body
        return self._changed(order, account, "UPDATED")

    def _bottles_before(self, order: Order, body: Json) -> float:
        """The person's other accepted orders, over all accounts; not counted where nothing limits them."""
        if not self.accounts[order.account].volume_limits:
            return 0.0
        email = (body.get("customer") or {}).get("email")
        return sum(
            rules.bottles(rules.lines_of(self.accounts[other.account], other.request))
            for other in self.orders.values()
            if other is not order
            and other.is_accepted
            and other.order_status != "CANCELLED"
            and (other.request.get("customer") or {}).get("email") == email
        )

    def _move_stock(self, order: Order, account: Account, sign: int) -> None:
        for product, quantity in rules.lines_of(account, order.request):
            product.inventory += sign * quantity

    def _step(
        self, order: Order, account: Account, to: str, packages: int, tracking: list[str] | None
    ) -> None:
        order.order_status = to
        if to == "LABELS_GENERATED":
            added = self._pack(order, packages, tracking)
            self._changed(order, account, *["TRACKING_NUMBER_ADDED"] * added)
        elif to == "SHIPPED":
            order.shipped_at = now_iso()
            self._changed(order, account, "SHIPMENT_STATUS_UPDATED", "UPDATED")
        else:
            order.delivered_at = now_iso()
            self._changed(order, account, "SHIPMENT_STATUS_UPDATED")

    def _pack(self, order: Order, packages: int, tracking: list[str] | None) -> int:
        """Adds packages with the given or with fresh numbers; how many."""
        rate = order.request.get("shippingRate") or {}
        if tracking is None:
            tracking = [
                self.tracking.next(rate.get("carrier"), rate.get("rateCode")) for _ in range(packages)
            ]
        order.packages += tracking
        return len(tracking)

    def _cancelled(self, order: Order, reason: str) -> None:
        order.order_status, order.cancel_reason, order.canceled_at = "CANCELLED", reason, now_iso()

    def _changed(self, order: Order, account: Account, *events: str) -> Json:
        answer = order_answer(order, account)
        order.remember(answer, self.switches.read_lag)
        for event in events:
            self._tell(account, order.number, event, self.switches.webhook_copies)
        return answer

    def _tell(self, account: Account, number: str, event: str, copies: int) -> None:
        if self.switches.lose_webhooks:
            return
        for parcel in notices(account, self.base_url, number, event, self.switches.webhook_event):
            self.outbox.send(parcel, min(copies, MAX_WEBHOOK_COPIES))

    def _own(self, account: Account, number: str) -> Order:
        order = self.orders.get(number)
        if order is None or order.account != account.name or order.refused_with_400:
            raise not_found(number)
        return order

    def _any(self, number: str) -> Order:
        if number not in self.orders:
            raise ControlError(f"no order {number}", 404)
        return self.orders[number]


def _alive(order: Order) -> bool:
    return order.is_accepted and order.order_status in LIFE
