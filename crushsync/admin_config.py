"""Names our admin site. Apart from the site itself, which needs the models that are not loaded yet here."""

from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class AdminConfig(DjangoAdminConfig):
    default_site = "crushsync.site.CrushSyncAdminSite"
