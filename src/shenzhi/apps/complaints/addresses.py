"""Addresses of the public pages of complaints, below /complaints/."""

from __future__ import annotations

from django.urls import path

from shenzhi.apps.complaints import pages

app_name = "complaints"
urlpatterns = [
    path("", pages.home, name="home"),
    path("statistics/", pages.figures, name="statistics"),
    path("statistics.<slug:form>", pages.data, name="data"),
]
