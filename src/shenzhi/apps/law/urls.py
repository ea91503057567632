"""Addresses of the register of the regulation, below /law/."""

from __future__ import annotations

from django.urls import path

from shenzhi.apps.law import pages

app_name = "law"
urlpatterns = [
    path("", pages.home, name="home"),
    path("articles.json", pages.data, name="data"),
    path("<int:number>/", pages.article, name="article"),
]
