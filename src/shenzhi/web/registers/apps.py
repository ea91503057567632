"""Announces the door to the registers in the main navigation."""

from __future__ import annotations

from django.apps import AppConfig

from shenzhi.kernel import registry
from shenzhi.kernel.words import Words


class RegistersConfig(AppConfig):
    name = "shenzhi.web.registers"
    label = "registers"
    verbose_name = "登记簿页面"

    def ready(self) -> None:
        registry.add(door=registry.Door(Words("登记簿", "Registers"), "registers:all"))
