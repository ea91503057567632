"""The portal's addresses: everything of a city stands below its name."""

from __future__ import annotations

from django.urls import path, re_path

from shenzhi.web.portal.views import (
    areas,
    changes,
    charts,
    data,
    figures,
    home,
    index,
    indicators,
    method,
    report,
    search,
)

app_name = "portal"

urlpatterns = [
    path("", home.front, name="home"),
    path("search/", search.search, name="search"),
    re_path(r"^charts/(?P<key>[0-9a-f]{64})\.svg$", charts.drawing, name="drawing"),
    re_path(r"^charts/(?P<key>[0-9a-f]{64})\.(?P<form>file\.svg|png)$", charts.chart_file, name="chart_file"),
    path("<slug:slug>/", home.city, name="city"),
    path("<slug:slug>/index/", index.index, name="index"),
    path("<slug:slug>/index/<str:period>/", index.index, name="index"),
    path("<slug:slug>/areas/", areas.areas, name="areas"),
    path("<slug:slug>/areas/<str:code>/", areas.area, name="area"),
    path("<slug:slug>/domains/<str:code>/", indicators.domain, name="domain"),
    path("<slug:slug>/indicators/", indicators.indicators, name="indicators"),
    re_path(
        r"^(?P<slug>[-\w]+)/indicators/(?P<code>[^/]+)\.(?P<form>csv|parquet)$", method.series, name="series"
    ),
    path("<slug:slug>/indicators/<str:code>/", indicators.indicator, name="indicator"),
    path("<slug:slug>/derivation/<str:area>/<str:period>/<str:node>/", index.derivation, name="derivation"),
    path("<slug:slug>/changes/<str:area>/<str:node>/<str:before>/<str:now>/", changes.change, name="change"),
    path("<slug:slug>/figures/<str:indicator>/<str:area>/<str:period>/", figures.figure, name="figure"),
    path("<slug:slug>/files/<str:sha>/", figures.file, name="file"),
    path("<slug:slug>/files/<str:sha>/bytes/", figures.file_bytes, name="bytes"),
    path("<slug:slug>/method/", method.method, name="method"),
    path("<slug:slug>/method/method.yml", method.method_file, name="method_file"),
    re_path(r"^(?P<slug>[-\w]+)/method/(?P<name>\w+)\.(?P<form>\w+)$", method.table, name="table"),
    path("<slug:slug>/report/", report.report, name="report"),
    path("<slug:slug>/report/report.<slug:language>.pdf", report.document, name="document"),
    path("<slug:slug>/data/", data.sources, name="sources"),
    path("<slug:slug>/data/<str:name>/", data.source, name="source"),
]
