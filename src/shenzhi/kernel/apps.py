"""The kernel as Django knows it: checks every declaration at start-up and sets the guards after every migration."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class KernelConfig(AppConfig):
    name = "shenzhi.kernel"
    label = "kernel"
    verbose_name = "登记与程序"

    def ready(self) -> None:
        from shenzhi.kernel.registers.catalogue import check

        check()
        post_migrate.connect(_guard, sender=self, dispatch_uid="kernel.guard")


def _guard(**_: Any) -> None:
    from shenzhi.kernel.guards import install

    install()
