"""Announces the register of the regulation: its pages, its door in the navigation, and its articles for search."""

from __future__ import annotations

from django.apps import AppConfig

from shenzhi.kernel import registry
from shenzhi.kernel.words import Words


class LawConfig(AppConfig):
    name = "shenzhi.apps.law"
    label = "law"
    verbose_name = "法规"

    def ready(self) -> None:
        from shenzhi.apps.law.pages import documents

        registry.add(
            pages=registry.Pages("law/", "shenzhi.apps.law.urls", of_office=False),
            door=registry.Door(Words("法规", "Law"), "law:home"),
            documents=documents,
        )
