"""Addresses of history, below /history/: open to everybody, since they tell of no record."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from shenzhi.web.history import pages


class Day(StringConverter):
    regex = r"\d{4}-\d{2}-\d{2}"


register_converter(Day, "history_day")

app_name = "history"
urlpatterns = [
    path("", pages.home, name="home"),
    path("heads.json", pages.heads_data, name="heads"),
    path("heads/<history_day:day>.json", pages.head_data, name="head"),
    path("chain.csv", pages.chain, name="chain"),
]
