"""The addresses of the workbench and of electronic supervision (article 71)."""

from __future__ import annotations

from django.urls import path
from django.views.decorators.cache import never_cache

from shenzhi.web.workbench.views import case, department, desk, supervision, together, watch

app_name = "workbench"

# what is seen depends on who asks, so no page may be kept by a browser or a proxy for the next reader
urlpatterns = [
    path("desk/", never_cache(desk.mine), name="desk"),
    path("desk/views/", never_cache(desk.keep_view), name="keep_view"),
    path("desk/views/<int:pk>/forget/", never_cache(desk.forget_view), name="forget_view"),
    path("desk/keys/", desk.keys, name="keys"),
    path("desk/department/", never_cache(department.department), name="department"),
    path("desk/together/", never_cache(together.check), name="together"),
    path("desk/together/done/", never_cache(together.carry_out), name="carry_out"),
    path("desk/<slug:slug>/<str:number>/", never_cache(case.case), name="case"),
    path("desk/<slug:slug>/<str:number>/take/", never_cache(case.take), name="take"),
    path("desk/<slug:slug>/<str:number>/do/<slug:move>/", never_cache(case.do), name="do"),
    path(
        "desk/<slug:slug>/<str:number>/clock/<slug:clock>/<slug:act>/",
        never_cache(case.about_clock),
        name="clock",
    ),
    path("supervision/", never_cache(supervision.city), name="supervision"),
    path("supervision/wall/", never_cache(supervision.wall), name="wall"),
    path("supervision/lamps.json", supervision.lamps, name="lamps"),
    path("supervision/months.csv", supervision.months, name="months"),
    path("supervision/warnings/", never_cache(watch.warnings), name="warnings"),
    path("supervision/findings/", never_cache(watch.findings_page), name="findings"),
]
