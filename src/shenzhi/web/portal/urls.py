"""The portal's addresses: everything of a city stands below its name."""

from __future__ import annotations

from django.urls import path, re_path

from shenzhi.web.portal.views import (
    areas,
    audit,
    changes,
    charts,
    data,
    figures,
    home,
    index,
    indicators,
    method,
    report,
    robustness,
    search,
    versions,
    what_if,
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
    path("<slug:slug>/robustness/", robustness.robustness, name="robustness"),
    re_path(
        r"^(?P<slug>[-\w]+)/robustness/(?P<name>\w+)\.(?P<form>csv|parquet)$",
        robustness.table,
        name="robustness_table",
    ),
    path("<slug:slug>/robustness/<str:period>/", robustness.robustness, name="robustness"),
    path("<slug:slug>/what-if/", what_if.what_if, name="what_if"),
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
    path("<slug:slug>/versions/", versions.versions, name="versions"),
    re_path(
        r"^(?P<slug>[-\w]+)/versions/(?P<old>[^/]+)/(?P<new>[^/]+)/(?P<period>[^/]+)\.csv$",
        versions.version_file,
        name="version_file",
    ),
    path("<slug:slug>/versions/<str:old>/<str:new>/", versions.version, name="version"),
    path("<slug:slug>/versions/<str:old>/<str:new>/<str:period>/", versions.version, name="version"),
    path(
        "<slug:slug>/versions/<str:old>/<str:new>/<str:period>/<str:area>/<str:node>/",
        versions.version_change,
        name="version_change",
    ),
    path("<slug:slug>/figures/<str:indicator>/<str:area>/<str:period>/", figures.figure, name="figure"),
    path("<slug:slug>/files/<str:sha>/", figures.file, name="file"),
    path("<slug:slug>/files/<str:sha>/bytes/", figures.file_bytes, name="bytes"),
    path("<slug:slug>/method/", method.method, name="method"),
    path("<slug:slug>/method/method.yml", method.method_file, name="method_file"),
    path("<slug:slug>/method/workbook.xlsx", audit.workbook, name="workbook"),
    re_path(r"^(?P<slug>[-\w]+)/method/(?P<name>\w+)\.(?P<form>\w+)$", method.table, name="table"),
    path("<slug:slug>/audit/", audit.audit, name="audit"),
    re_path(r"^(?P<slug>[-\w]+)/audit/(?P<name>\w+)\.csv$", audit.table, name="audit_table"),
    path("<slug:slug>/audit/<str:code>/", audit.group, name="audit_group"),
    path("<slug:slug>/report/", report.report, name="report"),
    path("<slug:slug>/report/report.<slug:language>.pdf", report.document, name="document"),
    path("<slug:slug>/data/", data.sources, name="sources"),
    path("<slug:slug>/data/<str:name>/", data.source, name="source"),
]
