"""Every address CrushSync answers at."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from crushsync import audit, health, today
from crushsync.api import explorer
from crushsync.checking import try_connection
from fulfillment.admin import money, ship_to
from fulfillment.admin.replay import replay_page
from notifications.mails.bounces import mail_events
from notifications.views import unsubscribe
from orders import installing
from orders.importing import import_page
from orders.webhooks import store_webhook, vinoshipper_webhook

urlpatterns = [
    # first, for nothing else begins so
    path("api/v1/", include("crushsync.api.urls")),
    path("api/docs", explorer.page, name="api-docs"),
    path("api/openapi.yaml", explorer.description, name="api-description"),
    path("health/", health.web, name="health"),
    path("health/worker/", health.worker, name="health-worker"),
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.admin_view(today.page), name="today"),
    path("admin/audit/", admin.site.admin_view(audit.page), name="audit"),
    path("admin/test/<slug:kind>/<int:pk>/", admin.site.admin_view(try_connection), name="try-connection"),
    path("admin/stores/<int:pk>/import/", admin.site.admin_view(import_page), name="orders_store_import"),
    path("admin/ship-to/", admin.site.admin_view(ship_to.choose), name="ship-to"),
    path(
        "admin/ship-to/<int:account_id>/",
        admin.site.admin_view(ship_to.settings_page),
        name="ship-to-settings",
    ),
    path("admin/money/", admin.site.admin_view(money.page), name="money"),
    path("admin/replay/<int:pk>/", admin.site.admin_view(replay_page), name="orders_inboundhint-replay"),
    path("admin/", admin.site.urls),
    path("connect/shopify/", admin.site.admin_view(installing.start), name="shopify-install"),
    path("connect/shopify/callback/", admin.site.admin_view(installing.finish), name="shopify-installed"),
    path("unsubscribe/<str:token>/", unsubscribe, name="unsubscribe"),
    path("webhooks/mail/", mail_events, name="mail-events"),
    # before the stores' address, which would take its name for a platform
    path("webhooks/vinoshipper/<str:key>/", vinoshipper_webhook, name="vinoshipper-webhook"),
    path("webhooks/<slug:platform>/<str:key>/", store_webhook, name="store-webhook"),
]
