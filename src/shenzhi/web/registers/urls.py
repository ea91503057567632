"""The addresses of the registers: one shape for all of them, and `/id/org/` for organisations (articles 3, 84)."""

from __future__ import annotations

from django.urls import path
from django.views.decorators.cache import never_cache

from shenzhi.web.registers import about, dossier, entries, handing_in, lists

app_name = "registers"

# what is seen depends on who asks, so no page may be kept by a browser or a proxy for the next reader
urlpatterns = [
    path("registers/", never_cache(lists.every), name="all"),
    path("registers/<slug:slug>/", never_cache(lists.listing), name="list"),
    path("registers/<slug:slug>/about/", never_cache(about.about), name="about"),
    path("registers/<slug:slug>/add/", never_cache(handing_in.add), name="add"),
    path("registers/<slug:slug>/done/<str:key>/", never_cache(handing_in.done), name="done"),
    path("registers/<slug:slug>/<str:number>/", never_cache(entries.entry), name="entry"),
    path("registers/<slug:slug>/<str:number>/change/", never_cache(handing_in.edit), name="change"),
    path("registers/<slug:slug>/<str:number>/do/<slug:move>/", never_cache(handing_in.step), name="move"),
    path("id/org/<str:code>.json", never_cache(dossier.data), name="organisation_data"),
    path("id/org/<str:code>/", never_cache(dossier.page), name="organisation"),
]
