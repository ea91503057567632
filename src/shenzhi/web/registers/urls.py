"""The addresses of the registers: one shape for all of them, and `/id/org/` for organisations (articles 3, 84)."""

from __future__ import annotations

from django.urls import path
from django.views.decorators.cache import never_cache

from shenzhi.web.registers import (
    about,
    diagrams,
    dossier,
    entries,
    erasures,
    exports,
    files,
    handing_in,
    imports,
    lists,
    tracking,
)

app_name = "registers"

# what is seen depends on who asks, so no page may be kept by a browser or a proxy for the next reader
urlpatterns = [
    path("track/", never_cache(tracking.track), name="track"),
    path("registers/", never_cache(lists.every), name="all"),
    path("registers/<slug:slug>/", never_cache(lists.listing), name="list"),
    path("registers/<slug:slug>/about/", never_cache(about.about), name="about"),
    path("registers/<slug:slug>/procedure.svg", diagrams.drawing, name="procedure_svg"),
    path("registers/<slug:slug>/procedure.bpmn", diagrams.model, name="procedure_bpmn"),
    path("registers/<slug:slug>/add/", never_cache(handing_in.add), name="add"),
    path("registers/<slug:slug>/done/<str:key>/", never_cache(handing_in.done), name="done"),
    path("registers/<slug:slug>/export.<slug:form>", never_cache(exports.download), name="export"),
    path("registers/<slug:slug>/import/", never_cache(imports.start), name="import"),
    path("registers/<slug:slug>/import/template.xlsx", never_cache(imports.empty), name="import_template"),
    path("registers/<slug:slug>/import/<slug:digest>/", never_cache(imports.check), name="import_check"),
    path("registers/<slug:slug>/import/<slug:digest>/done/", never_cache(imports.done), name="import_done"),
    path(
        "registers/<slug:slug>/import/<slug:digest>/faults.csv",
        never_cache(imports.faults),
        name="import_faults",
    ),
    path("registers/<slug:slug>/<str:number>/", never_cache(entries.entry), name="entry"),
    path("registers/<slug:slug>/<str:number>/files/", never_cache(files.files), name="files"),
    path(
        "registers/<slug:slug>/<str:number>/files/<str:sha256>/<str:name>",
        never_cache(files.file),
        name="file",
    ),
    path("registers/<slug:slug>/<str:number>/erase/", never_cache(erasures.page), name="erase"),
    path("registers/<slug:slug>/<str:number>/change/", never_cache(handing_in.edit), name="change"),
    path("registers/<slug:slug>/<str:number>/do/<slug:move>/", never_cache(handing_in.step), name="move"),
    path("id/org/<str:code>.json", never_cache(dossier.data), name="organisation_data"),
    path("id/org/<str:code>/", never_cache(dossier.page), name="organisation"),
]
