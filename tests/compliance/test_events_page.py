"""All verdicts: searched, filtered, taken along as a file, and altered by nobody."""

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse

from compliance.models import ComplianceEvent
from crushsync.accounts.models import Winery
from tests.factories import ComplianceEventFactory

pytestmark = pytest.mark.django_db
LIST = "admin:compliance_complianceevent_changelist"
FILE = "admin:compliance_complianceevent_export"


@pytest.fixture
def events(winery: Winery) -> list[ComplianceEvent]:
    barred = {"code": "NOT_AVAILABLE", "description": "ROSE-24 is not available in MN.", "line": "ROSE-24"}
    tiny = {"code": "phone_odd", "description": "=no number", "level": "warns"}
    return [
        ComplianceEventFactory.create(order__store__winery=winery, order__name="#7001", trace_id="t-1"),
        ComplianceEventFactory.create(
            order__store__winery=winery, order__name="#7002", is_compliant=False, problems=[barred, tiny]
        ),
        ComplianceEventFactory.create(order__name="#9999", problems=[barred]),
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", {"#7001", "#7002"}),
        ("?q=ROSE-24", {"#7002"}),
        ("?q=not_available", {"#7002"}),
        ("?q=t-1", {"#7001"}),
        ("?q=%237001", {"#7001"}),
        ("?is_compliant__exact=0", {"#7002"}),
        ("?asked__exact=age", set()),
    ],
)
def test_search_and_filter(
    viewer: Client, events: list[ComplianceEvent], asked: str, found: set[str]
) -> None:
    text = viewer.get(reverse(LIST) + asked).content.decode()
    assert {name for name in ("#7001", "#7002", "#9999") if name in text} == found
    assert "Save as CSV" in text
    body = b"".join(viewer.get(reverse(FILE) + asked)).decode("utf-8-sig")
    assert {row["order"] for row in csv.DictReader(io.StringIO(body))} == found


def test_the_file_has_a_line_for_each_problem_and_runs_nothing(
    viewer: Client, events: list[ComplianceEvent]
) -> None:
    body = b"".join(viewer.get(f"{reverse(FILE)}?is_compliant__exact=0")).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert [(row["code"], row["line"], row["compliant"]) for row in rows] == [
        ("NOT_AVAILABLE", "ROSE-24", "no"),
        ("phone_odd", "", "no"),
    ]
    assert rows[1]["problem"] == "'=no number"


def test_nobody_adds_edits_or_deletes(owner: Client, operator: Client, events: list[ComplianceEvent]) -> None:
    row = events[0].pk
    for client in (owner, operator):
        for url in (
            reverse("admin:compliance_complianceevent_change", args=[row]),
            reverse("admin:compliance_complianceevent_delete", args=[row]),
            reverse("admin:compliance_complianceevent_add"),
        ):
            assert client.post(url, {"post": "yes", "is_compliant": ""}).status_code in (403, 404)
        assert client.post(
            reverse(LIST), {"action": "delete_selected", "_selected_action": row}
        ).status_code in (200, 302, 403)
    assert ComplianceEvent.objects.count() == 3
    assert ComplianceEvent.objects.get(pk=row).is_compliant
