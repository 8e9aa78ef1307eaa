"""How long the admin's pages take among a million orders: `make bench-admin`; ORDERS=20000 is quick."""

import statistics
import sys
import time

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client

import bench.ready  # noqa: F401
import crushsync.urls  # noqa: F401 - every page is loaded before the first is asked for
from bench.million import build
from crushsync.accounts.models import Membership, Role
from crushsync.lib import garbage
from fulfillment.admin.views import SAVED_VIEWS
from orders.models import Order

CALLS, BAR = 5, 1.0  # seconds, median
LIST = "orders/order/"
PAGES = {
    "today": "",
    "orders": LIST,
    **{f"orders, {name}": f"{LIST}?view={name}" for name in SAVED_VIEWS},
    "failed": f"{LIST}?sync=failed",
    "shipped": f"{LIST}?fulfillment=shipped",
    "page 50": f"{LIST}?p=50",
    "by order": f"{LIST}?q=%23500000",
    "by customer": f"{LIST}?q=Nobody",
    "by e-mail": f"{LIST}?q=nobody@example.com",
    "by tracking number": f"{LIST}?q=1Z500000",
    "problems": "fulfillment/problem/",
    "fulfillments": "fulfillment/fulfillment/",
    "what came in": "orders/inboundhint/",
    "verdicts": "compliance/complianceevent/",
}


def main() -> int:
    if settings.IS_SQLITE:
        sys.exit("The bar is for PostgreSQL: `make bench-admin`.")
    call_command("migrate", verbosity=0)
    big, _small = build()
    garbage.settle()
    user = get_user_model().objects.create_user("bench", is_staff=True)
    Membership.objects.create(user=user, winery=big, role=Role.OWNER)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    pages = {
        **PAGES,
        "an order": f"orders/order/{Order.objects.filter(winery=big).order_by('-pk')[0].pk}/change/",
    }
    worst = max(_measure(client, name, path) for name, path in pages.items())
    print(f"{Order.objects.count():,} orders: the slowest page takes {worst * 1_000:.0f} ms")
    return 0 if worst < BAR else 1


def _measure(client: Client, name: str, path: str) -> float:
    times = []
    for _ in range(CALLS):
        started = time.perf_counter()
        answer = client.get(f"/admin/{path}")
        times.append(time.perf_counter() - started)
        garbage.collect()  # as the web server does, when the answer is out
        assert answer.status_code == 200, (path, answer.status_code)
    median = statistics.median(times)
    print(f"{name:22} median {median * 1_000:8.1f} ms  slowest {max(times) * 1_000:8.1f} ms", flush=True)
    return median


if __name__ == "__main__":
    sys.exit(main())
