"""Announces the register of the regulation: its pages, its door in the navigation, and its articles for search."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import AppConfig

from shenzhi.kernel import registry
from shenzhi.kernel.words import Words


def _documents() -> Iterator[registry.Document]:
    # the pages take in every method and indicator of the cities: a process that shows none starts three times as quick
    from shenzhi.apps.law.pages import documents

    yield from documents()


class LawConfig(AppConfig):
    name = "shenzhi.apps.law"
    label = "law"
    verbose_name = "法规"

    def ready(self) -> None:
        registry.add(
            pages=registry.Pages("law/", "shenzhi.apps.law.urls", of_office=False),
            door=registry.Door(Words("法规", "Law"), "law:home"),
            documents=_documents,
        )
