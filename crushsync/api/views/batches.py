"""One act on many orders."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crushsync.accounts.roles import with_role
from crushsync.api.base import ListRows, OnRow, ShowRow
from crushsync.api.bodies import Nothing, OneOf, Saying
from crushsync.api.errors import Conflict
from crushsync.api.filters import LARGEST_ID
from crushsync.api.once import once, reference
from crushsync.api.shaping import Shown
from fulfillment.actions import FOR_MANY
from fulfillment.batches import TooMany, cancel, progress, start
from fulfillment.models import Batch, BatchRow
from orders.models import Order

MOST_NAMED = 1_000


class BatchShown(Shown[Batch]):
    """One act on many orders, done in the background."""

    class Meta:
        model = Batch
        ref_name = "Batch"
        words: ClassVar = {
            "id": "Its id here. Example: `9`",
            "winery": "Id of the winery. Example: `1`",
            "action": "What is done. Example: `retry`",
            "reason": "Why. Example: `SKU mapped`",
            "person": 'To whom problems were assigned; "" where none were. Example: `ana`',
            "until": "When a snooze ends, or noon of the ship date; or null. Example: `2026-11-20T16:00:00Z`",
            "actor": "By whom. Example: `ana`",
            "created_at": "When it began. Example: `2026-11-18T16:42:07Z`",
            "cancelled_at": "When somebody stopped it; null if nobody did. Example: `2026-11-18T16:43:07Z`",
        }


class ProgressRow(serializers.Serializer[Any]):
    """How far a batch is."""

    total = serializers.IntegerField(help_text="Orders in it. Example: `120`")
    waiting = serializers.IntegerField(help_text="Not done yet. Example: `20`")
    done = serializers.IntegerField(help_text="Done. Example: `97`")
    refused = serializers.IntegerField(help_text="For which the action made no sense. Example: `3`")
    failed = serializers.IntegerField(help_text="That stopped the worker. Example: `0`")
    cancelled = serializers.IntegerField(help_text="Left alone when it was stopped. Example: `0`")
    is_over = serializers.BooleanField(help_text="Whether nothing is left to be done.")


class BatchProgressShown(BatchShown):
    """A batch, and how far it is."""

    progress = serializers.SerializerMethodField()

    class Meta(BatchShown.Meta):
        ref_name = "BatchProgress"
        words: ClassVar = {**BatchShown.Meta.words, "progress": "How far it is, counted now."}

    @extend_schema_field(ProgressRow)
    def get_progress(self, batch: Batch) -> Any:
        return ProgressRow(progress(batch)).data


class BatchRowShown(Shown[BatchRow]):
    """One order of a batch, and what became of it."""

    order = serializers.IntegerField(source="fulfillment_order.order_id", read_only=True)

    class Meta:
        model = BatchRow
        ref_name = "BatchResult"
        words: ClassVar = {
            "id": "Its id here. Example: `900`",
            "order": "Id of the order. Example: `1042`",
            "fulfillment_order": "Id of its work. Example: `88`",
            "state": "What became of it. Example: `done`",
            "sentence": "In words. Example: `Tried again: Goes to Vinoshipper.`",
            "done_at": "When; null while it waits. Example: `2026-11-18T16:42:09Z`",
        }


class BatchBody(Saying):
    """An act on many orders."""

    action = OneOf(list(FOR_MANY), help_text="Which of the registered actions.")
    orders = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        allow_empty=False,
        max_length=MOST_NAMED,
        help_text=f"Ids of at most {MOST_NAMED} orders; one that is not yours is left out.",
    )


class BatchesMade(serializers.Serializer[Any]):
    """What was started: one batch for each winery whose orders were named."""

    batches = BatchShown(many=True, help_text="The batches.")


class Batches(ListRows[Batch]):
    """Batches, newest first."""

    resource, tag = "orders", "Batches"
    serializer_class = BatchShown
    queryset = Batch.objects.all()

    @extend_schema(request=BatchBody, responses={201: BatchesMade})
    @once
    def post(self, request: Request) -> Response:
        """Do something with many orders, in the background. What makes no sense for one is told with it."""
        body = BatchBody.read(request)
        mine = with_role(Order.objects.visible_to(request.user), request.user, self.write_role)
        chosen = mine.filter(pk__in=body["orders"])
        asked = BatchBody.asked(request, body)
        try:
            made = start(body["action"], chosen, asked, token=reference(request))
        except TooMany as error:
            raise Conflict("too_many", error.sentence) from None
        return Response({"batches": [self.shown(batch) for batch in made]}, 201)


class OneBatch(ShowRow[Batch]):
    """One batch, and how far it is."""

    resource, tag = "orders", "Batches"
    serializer_class = BatchProgressShown
    queryset = Batch.objects.all()


class BatchRows(ListRows[BatchRow]):
    """What became of each order of a batch, newest first."""

    resource, tag = "orders", "Batches"
    serializer_class = BatchRowShown
    queryset = BatchRow.objects.select_related("fulfillment_order")

    def rows(self) -> QuerySet[Any]:
        mine = Batch.objects.visible_to(self.request.user)
        return super().rows().filter(batch=get_object_or_404(mine, pk=self.kwargs["id"]))


class CancelBatch(OnRow[Batch]):
    """Stop a batch."""

    resource, tag = "orders", "Batches"
    serializer_class = BatchProgressShown
    queryset = Batch.objects.all()

    @extend_schema(request=None, responses={200: BatchProgressShown})
    @once
    def post(self, request: Request, id: int) -> Response:
        """Leave alone what has not been done yet. What is done stays done."""
        Nothing.read(request)
        batch = self.found()
        cancel(batch, actor=request.user.get_username())
        return Response(self.shown(Batch.objects.get(pk=batch.pk)))
