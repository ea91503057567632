"""Addresses of Open311 GeoReport v2, below /open311/v2/; below /en/open311/v2/ the names are English."""

from __future__ import annotations

from django.urls import path, re_path

from shenzhi.apps.complaints import api

FORM = r"\.(?P<form>[a-z0-9]+)$"

app_name = "open311"
urlpatterns = [
    re_path(rf"^discovery{FORM}", api.discovery, name="discovery"),
    re_path(rf"^services{FORM}", api.services, name="services"),
    re_path(rf"^services/(?P<code>[-\w]+){FORM}", api.service, name="service"),
    re_path(rf"^requests{FORM}", api.requests, name="requests"),
    re_path(rf"^requests/(?P<number>[-\w]+){FORM}", api.request, name="request"),
    re_path(rf"^tokens/(?P<token>[-\w]+){FORM}", api.token, name="token"),
    re_path(rf"^servicerequestupdates{FORM}", api.updates, name="updates"),
    path("", api.front, name="front"),
    path("<path:path>", api.unknown),
]
