"""What every connector promises. A platform's test class inherits these cases and says only how it speaks."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from crushsync.lib.errors import (
    ConnectionProblem,
    OutcomeUnknown,
    PermanentError,
    SyncError,
    TemporaryError,
    WebhookRejected,
)
from orders.storefronts.base import Storefront
from orders.storefronts.types import (
    HintKind,
    MarkState,
    OrderData,
    ReportAction,
    ShipmentData,
    ShopMark,
    ShownMark,
    StoreConnection,
)

EVERYTHING = re.compile(".*")
SECRET, OLD_SECRET = "the secret in use", "the secret before"
GARBAGE = (b"", b"\x00", b"\xff\xfe{", b"{", b"[]", b"null", b'"x"', b"{}", b"[" * 20_000, b'{"id":NaN}')


class StorefrontContract(ABC):
    """Inherit as `TestSomething(StorefrontContract)`; each case then runs against that platform."""

    storefront: ClassVar[type[Storefront]]
    order_topic: ClassVar[str]
    order_body: ClassVar[bytes]
    order_id: ClassVar[str]
    shipment: ClassVar[ShipmentData]  # of that order

    @abstractmethod
    def signed(self, body: bytes, topic: str, secret: str) -> dict[str, str]:
        """The headers of an authentic webhook."""

    @abstractmethod
    def connection(self, base_url: str) -> StoreConnection:
        """A connection that has all credentials; its deadline is short."""

    @abstractmethod
    def order_answer(self) -> bytes:
        """The platform's answer to reading the order."""

    @abstractmethod
    def no_order_answer(self) -> Response:
        """The platform's answer to reading an order that it does not have."""

    @abstractmethod
    def is_write(self, request: Request) -> bool:
        """Would this call change something in the shop?"""

    @abstractmethod
    def read_answer(self, request: Request) -> bytes:
        """The platform's answer to what reporting the shipment reads first."""

    @abstractmethod
    def expected(self, server: HTTPServer) -> OrderData:
        """What `order_answer` means, with this server's address."""

    def answering(self, server: HTTPServer, response: Response) -> Storefront:
        server.expect_request(EVERYTHING).respond_with_handler(lambda _request: response)
        return self.storefront(self.connection(server.url_for("")))

    def answering_writes(self, server: HTTPServer, response: Response) -> Storefront:
        """Reads are answered well, writes with `response`."""

        def answer(request: Request) -> Response:
            if self.is_write(request):
                return response
            return Response(self.read_answer(request), content_type="application/json")

        server.expect_request(EVERYTHING).respond_with_handler(answer)
        return self.storefront(self.connection(server.url_for("")))

    # ------------------------------------------------------------ webhooks

    @pytest.mark.parametrize("secrets", [[SECRET], [OLD_SECRET, SECRET], [SECRET, OLD_SECRET], ["", SECRET]])
    def test_an_authentic_webhook_is_accepted_with_any_valid_secret(self, secrets: list[str]) -> None:
        headers = self.signed(self.order_body, self.order_topic, SECRET)
        assert self.storefront.verify(headers, self.order_body, secrets).topic == self.order_topic

    @pytest.mark.parametrize(
        "secrets", [[], [""], [OLD_SECRET], ["", OLD_SECRET], [SECRET + " "], [SECRET.upper()]]
    )
    def test_another_secret_proves_nothing(self, secrets: list[str]) -> None:
        headers = self.signed(self.order_body, self.order_topic, SECRET)
        with pytest.raises(WebhookRejected):
            self.storefront.verify(headers, self.order_body, secrets)

    @pytest.mark.parametrize("change", [lambda body: body + b" ", lambda body: body[:-1], lambda _: b""])
    def test_a_changed_body_is_rejected(self, change: Callable[[bytes], bytes]) -> None:
        headers = self.signed(self.order_body, self.order_topic, SECRET)
        with pytest.raises(WebhookRejected):
            self.storefront.verify(headers, change(self.order_body), [SECRET])

    @pytest.mark.parametrize("value", [None, "", " ", "é", "\udcff", "x" * 10_000, "{0},{0}", " {0}x"])
    def test_a_missing_or_odd_signature_is_rejected(self, value: str | None) -> None:
        headers = self.signed(self.order_body, self.order_topic, SECRET)
        for name in self.signature_headers(headers):
            odd = {key: text for key, text in headers.items() if key != name}
            if value is not None:
                odd[name] = value.format(headers[name])
            with pytest.raises(WebhookRejected):
                self.storefront.verify(odd, self.order_body, [SECRET])

    def signature_headers(self, headers: Mapping[str, str]) -> list[str]:
        other = self.signed(self.order_body, self.order_topic, OLD_SECRET)
        return [name for name in headers if headers[name] != other[name]]

    def test_a_retry_has_the_same_delivery_id(self) -> None:
        headers = self.signed(self.order_body, self.order_topic, SECRET)
        first, second = (self.storefront.verify(headers, self.order_body, [SECRET]) for _ in range(2))
        assert first.delivery_id == second.delivery_id != ""

    def test_the_hint_names_the_order(self) -> None:
        hint = self.storefront.read_hint(self.order_topic, self.order_body)
        assert (hint.kind, hint.order_id, hint.sentence) == (HintKind.ORDER, self.order_id, "")

    @pytest.mark.parametrize("body", GARBAGE)
    def test_garbage_is_a_hint_that_says_so(self, body: bytes) -> None:
        hint = self.storefront.read_hint(self.order_topic, body)
        assert (hint.kind, hint.order_id) == (HintKind.MALFORMED, "")
        assert hint.sentence

    @pytest.mark.parametrize("topic", ["", "no/such/topic", "x" * 5_000, "\x00"])
    def test_an_unknown_topic_is_said_to_be_unknown(self, topic: str) -> None:
        hint = self.storefront.read_hint(topic, self.order_body)
        assert (hint.kind, hint.order_id) == (HintKind.UNKNOWN, "")

    # ------------------------------------------------------------ reading

    def test_an_order_is_read_exactly(self, httpserver: HTTPServer) -> None:
        answer = Response(self.order_answer(), content_type="application/json")
        assert self.answering(httpserver, answer).read_order(self.order_id) == self.expected(httpserver)

    def test_an_order_that_is_gone_is_none(self, httpserver: HTTPServer) -> None:
        assert self.answering(httpserver, self.no_order_answer()).read_order("42") is None

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            *((401, ConnectionProblem), (403, ConnectionProblem), (302, ConnectionProblem)),
            *((429, TemporaryError), (500, TemporaryError), (502, TemporaryError), (503, TemporaryError)),
            (400, PermanentError),
        ],
    )
    def test_a_failed_read_has_its_class(
        self, httpserver: HTTPServer, status: int, kind: type[Exception]
    ) -> None:
        answer = Response(b"{}", status, {"Location": "http://127.0.0.1:9/"}, content_type="application/json")
        with pytest.raises(kind) as caught:
            self.answering(httpserver, answer).read_order(self.order_id)
        assert type(caught.value) is kind

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'{"data":{}}'])
    def test_a_garbled_answer_may_be_asked_for_again(self, httpserver: HTTPServer, body: bytes) -> None:
        answer = Response(body, content_type="application/json")
        with pytest.raises(TemporaryError):
            self.answering(httpserver, answer).read_order(self.order_id)

    def test_a_web_page_is_a_connection_problem(self, httpserver: HTTPServer) -> None:
        page = Response(b"<html>Log in</html>", content_type="text/html")
        with pytest.raises(ConnectionProblem):
            self.answering(httpserver, page).read_order(self.order_id)

    def test_nobody_listens(self) -> None:
        with pytest.raises(TemporaryError):
            self.storefront(self.connection("http://127.0.0.1:9")).read_order(self.order_id)

    def test_an_unprotected_address_is_refused(self) -> None:
        with pytest.raises(ConnectionProblem) as caught:
            self.storefront(self.connection("http://shop.example.com"))
        assert caught.value.code == "insecure_url"

    # ------------------------------------------------------------ writing

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            *((500, OutcomeUnknown), (502, OutcomeUnknown), (429, TemporaryError), (401, ConnectionProblem)),
            (400, PermanentError),
        ],
    )
    def test_a_failed_write_has_its_class(
        self, httpserver: HTTPServer, status: int, kind: type[Exception]
    ) -> None:
        answer = Response(b"{}", status, content_type="application/json")
        assert type(self.report_failing(httpserver, answer)) is kind

    @pytest.mark.parametrize("body", [b"", b"{", b"null", b"\xff"])
    def test_a_garbled_answer_to_a_write_is_unknown(self, httpserver: HTTPServer, body: bytes) -> None:
        answer = Response(body, content_type="application/json")
        assert type(self.report_failing(httpserver, answer)) is OutcomeUnknown

    def report_failing(self, server: HTTPServer, write: Response) -> SyncError:
        with pytest.raises(SyncError) as caught:
            self.answering_writes(server, write).report_shipment(self.shipment)
        return caught.value


class ReportingContract(ABC):
    """Showing shipments, against a shop that remembers: give `shop` in a subclass."""

    shipment: ClassVar[ShipmentData]

    @abstractmethod
    def report(self, shipment: ShipmentData) -> tuple[str, ReportAction]:
        """Report to the shop; (fulfillment id, action)."""

    @abstractmethod
    def shown(self) -> list[dict[str, object]]:
        """The order's live fulfillments as {id, numbers, pieces}."""

    def test_reporting_twice_makes_one_fulfillment(self) -> None:
        made, action = self.report(self.shipment)
        assert action is ReportAction.CREATED
        again, action = self.report(self.shipment)
        assert (again, action) == (made, ReportAction.ADOPTED)
        numbers = [entry.number for entry in self.shipment.tracking]
        pieces = sum(quantity for _, quantity in self.shipment.lines)
        assert self.shown() == [{"id": made, "numbers": numbers, "pieces": pieces}]


class MarkingContract(ABC):
    """Showing the shop's staff how an order stands, where a platform has a place for it."""

    @abstractmethod
    def show(self, mark: ShopMark) -> ShownMark:
        """Show it on the shop's one order."""

    @abstractmethod
    def show_on_nothing(self, mark: ShopMark) -> ShownMark:
        """Show it on an order that the shop does not have."""

    @pytest.mark.parametrize(
        "mark",
        [
            ShopMark(MarkState.SENT, number="HO-1", progress="Accepted as HO-1."),
            ShopMark(MarkState.FAILED, hold="Refused."),
            ShopMark(MarkState.VOIDED, number="HO-1 (voided)"),
        ],
        ids=lambda mark: mark.state,
    )
    def test_a_mark_is_written_once_and_taken_away_whole(self, mark: ShopMark) -> None:
        shown = self.show(mark)
        assert (bool(shown.written), shown.is_held) == (True, bool(mark.hold))
        assert self.show(mark).written == ()
        assert self.show(ShopMark()).is_held is False
        assert self.show(ShopMark()).written == ()

    def test_an_order_without_a_mark_is_left_alone(self) -> None:
        assert self.show(ShopMark()).written == ()

    def test_an_order_that_is_gone_shows_nothing(self) -> None:
        with pytest.raises(PermanentError) as caught:
            self.show_on_nothing(ShopMark(MarkState.SENT, number="HO-1"))
        assert caught.value.code == "gone"
