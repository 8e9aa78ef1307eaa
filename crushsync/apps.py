from django.apps import AppConfig


class CrushSyncConfig(AppConfig):
    name = "crushsync"
    verbose_name = "CrushSync"
