from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "crushsync.lib"
    label = "lib"
    verbose_name = "Machinery"
