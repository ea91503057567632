"""The pages of accounts as Django knows them; makes the table for what processes share when tables are made."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "shenzhi.web.accounts"
    label = "accounts"
    verbose_name = "账号"

    def ready(self) -> None:
        from shenzhi.kernel.access import requests
        from shenzhi.web.accounts.second_factor import narrowed

        if narrowed not in requests.NARROWS:
            requests.NARROWS.append(narrowed)
        # Django tells only apps with tables that these are made, and this one has none
        post_migrate.connect(
            _cache_table, sender=apps.get_app_config("kernel"), dispatch_uid="accounts.cache"
        )


def _cache_table(using: str, **_: Any) -> None:
    from django.core.management import call_command

    call_command("createcachetable", database=using, verbosity=0)
