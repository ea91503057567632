"""The public pages of history as Django knows them."""

from __future__ import annotations

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    name = "shenzhi.web.history"
    label = "history"
    verbose_name = "历史"
