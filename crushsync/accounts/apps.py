from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "crushsync.accounts"
    verbose_name = "Wineries and people"
