"""The pages of notices and of the platform's own work."""

from __future__ import annotations

from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "shenzhi.web.inbox"
    label = "inbox"
    verbose_name = "通知"
