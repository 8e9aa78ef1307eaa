"""The inbox of problems: by cause, one fix for all, and who may."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance.models import CatalogProduct
from crushsync.accounts.models import Winery
from fulfillment.models import FulfillmentOrder, Listing, Problem, SyncStatus
from fulfillment.problems.noting import note_problems
from tests.factories import (
    CatalogProductFactory,
    FulfillmentOrderFactory,
    OrderFactory,
    StoreFactory,
    VinoshipperAccountFactory,
)

pytestmark = pytest.mark.django_db
LIST = "admin:fulfillment_problem_changelist"


@pytest.fixture
def waiting(winery: Winery) -> list[Problem]:
    """Two orders that wait for one SKU, and one whose parcel came back."""
    store = StoreFactory.create(
        winery=winery, vinoshipper_account=VinoshipperAccountFactory.create(winery=winery)
    )
    CatalogProductFactory.create(account=store.vinoshipper_account, sku="PN-2022", inventory=50)
    works = []
    for number, code in enumerate(["unknown_sku", "unknown_sku", "returned"], 1):
        order = OrderFactory.create(store=store, name=f"#{number}", lines__sku="PN-22")
        works.append(
            FulfillmentOrderFactory.create(
                order=order,
                status=SyncStatus.SENT if code == "returned" else SyncStatus.FAILED,
                reason_code=code,
                attention_code=code,
                attention="<b>PN-22</b> was not found",
            )
        )
    note_problems(works, timezone.now(), {work.pk: work.attention for work in works})
    return list(Problem.objects.order_by("pk"))


def cause(name: str, winery: Winery, *more: str) -> str:
    return reverse(f"admin:fulfillment_problem_{name}", args=[winery.pk, "unknown_sku", *more])


def test_the_list_shows_causes_and_problems(manager: Client, waiting: list[Problem]) -> None:
    page = manager.get(reverse(LIST)).content.decode()
    chip, cause_link = '<span class="count">2</span>', ">Vinoshipper does not know the SKU PN-22.</a>"
    assert page.index(chip) < page.index(cause_link)
    assert page.count("Never reached Vinoshipper") >= 3
    assert "The parcel was returned." in page


def test_one_fix_for_all(manager: Client, winery: Winery, waiting: list[Problem]) -> None:
    page = manager.get(cause("cause", winery), {"about": "PN-22"}).content.decode()
    assert ">PN-2022</button>" in page
    assert "press Say which SKU it is:" in page
    assert "<h2>Say which SKU it is</h2>" in page
    assert page.count("</a> Elena Marquez") == 2
    answer = manager.post(cause("map", winery), {"about": "PN-22", "sku": "PN-2022"}, follow=True)
    assert "2 orders go again." in answer.content.decode()
    assert Listing.objects.get().destination_sku == "PN-2022"
    assert list(Problem.objects.filter(closed_at__isnull=True).values_list("code", flat=True)) == ["returned"]


@pytest.mark.parametrize(
    ("written", "refusal"),
    [
        ("  ", "Enter the SKU that the product has at Vinoshipper."),
        ("ZIN-2O", "Vinoshipper has no product with the SKU ZIN-2O."),
    ],
)
def test_a_sku_that_cannot_be_it(
    manager: Client, winery: Winery, waiting: list[Problem], written: str, refusal: str
) -> None:
    CatalogProductFactory.create(account=CatalogProduct.objects.get().account, sku="ZIN-20")
    answer = manager.post(cause("map", winery), {"about": "PN-22", "sku": written})
    page = answer.content.decode()
    assert f'value="{written.strip()}" required aria-invalid="true"' in page
    assert f'role="alert">{refusal}</p>' in page
    assert answer.context["suggestions"] == (["ZIN-20", "PN-2022"] if written.strip() else ["PN-2022"])
    assert not Listing.objects.exists()


def test_an_act_that_a_step_names_is_offered(manager: Client, viewer: Client, winery: Winery) -> None:
    work = FulfillmentOrderFactory.create(
        order__store__winery=winery, status=SyncStatus.SENT, attention_code="changed_after_sending"
    )
    note_problems([work], timezone.now())
    page = reverse("admin:fulfillment_problem_change", args=[Problem.objects.get().pk])
    way = reverse("admin:orders_order_confirm", args=[work.order_id, work.pk, "void-sync"])
    assert f'<a class="button dangerous" href="{way}"' in manager.get(page).text
    assert way not in viewer.get(page).text
    FulfillmentOrder.objects.update(partner_order_status="SHIPPED")  # too late
    assert way not in manager.get(page).text


def test_the_page_of_one_problem(manager: Client, waiting: list[Problem]) -> None:
    page = manager.get(reverse("admin:fulfillment_problem_change", args=[waiting[0].pk])).content.decode()
    assert "&lt;b&gt;PN-22&lt;/b&gt; was not found" in page
    assert "It is settled" not in page


@pytest.mark.parametrize(
    ("act", "data", "field"),
    [
        ("note", {"note": "Asked them."}, "note"),
        ("snooze", {"days": "3"}, "snoozed_until"),
        ("settle", {}, "closed_at"),
    ],
)
def test_a_click_does_it(
    manager: Client, waiting: list[Problem], act: str, data: dict[str, str], field: str
) -> None:
    row = waiting[2]
    url = reverse("admin:fulfillment_problem_act", args=[row.pk, act])
    assert manager.get(url).status_code == 403
    assert not getattr(Problem.objects.get(pk=row.pk), field)
    assert manager.post(url, data).status_code == 302
    assert getattr(Problem.objects.get(pk=row.pk), field)


def test_viewers_look_and_others_do_not(viewer: Client, winery: Winery, waiting: list[Problem]) -> None:
    url = reverse("admin:fulfillment_problem_act", args=[waiting[2].pk, "settle"])
    assert viewer.post(url).status_code == 403
    assert viewer.post(cause("map", winery), {"about": "PN-22", "sku": "PN-2022"}).status_code == 403
    assert not Listing.objects.exists()
    assert Problem.objects.filter(closed_at__isnull=True).count() == 3
    elsewhere = StoreFactory.create().winery
    assert viewer.get(cause("cause", elsewhere), {"about": "PN-22"}).status_code == 404
