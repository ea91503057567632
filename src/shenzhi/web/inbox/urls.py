"""Addresses of the inbox, and of the platform's own work for those who look after it."""

from __future__ import annotations

from django.urls import path
from django.views.decorators.cache import never_cache

from shenzhi.web.inbox import views

app_name = "inbox"
urlpatterns = [
    path("", never_cache(views.inbox), name="home"),
    path("<int:key>/", never_cache(views.open_notice), name="open"),
    path("chores/", never_cache(views.work), name="work"),
]
