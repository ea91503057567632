"""The audit of the indicators: what they can and cannot tell, and the edition as a workbook (article 86)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.audit import ENOUGH, under
from shenzhi.pipeline.index.export import as_csv, export
from shenzhi.pipeline.index.findings import Finding, Item
from shenzhi.pipeline.index.sheets import Table, audit_tables
from shenzhi.pipeline.lake.city import home
from shenzhi.web.portal import audits, downloads
from shenzhi.web.portal.editions import Edition, NotPublished, edition_of
from shenzhi.web.portal.frame import Link
from shenzhi.web.portal.serve import not_published, of_edition, page, unknown
from shenzhi.web.portal.views.method import METHOD

AUDIT = Words("指标体检", "Audit of the indicators")
LISTED = 5  # cases of a finding that are listed at once; the rest unfold
# Numbers of an edition up to which its workbook holds every period: more would take a reader's patience.
MOST_CELLS = 500_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Case:
    """One case of a finding: its name, where it leads to, and its figures in words."""

    title: Words
    href: str
    told: Words


@dataclass(frozen=True)
class Found:
    """A finding with its cases, the first ones and the others."""

    finding: Finding
    first: tuple[Case, ...]
    others: tuple[Case, ...]


@of_edition
def audit(request: HttpRequest, edition: Edition) -> HttpResponse:
    """`/<slug>/audit/`: findings first, then what they rest on."""
    done = audits.audit_of(edition)
    base, language = reverse("portal:city", args=[edition.city.slug]), get_language() or ""
    found = _found(edition, audits.findings_of(edition))
    context = {
        "audit": done,
        "enough": done.enough,
        "least": ENOUGH,
        "areas": len(done.areas),
        "indicators": len(done.leaves),
        "found": found,
        "cases": sum(len(one.finding.items) for one in found),
        "influence": audits.influence(edition, edition.root),
        "connections": audits.connections(edition, edition.root),
        "groups": audits.group_rows(edition, base, language),
        "without": audits.without_rows(edition, base, language),
        "statistics": audits.statistic_rows(edition, base, done.leaves, language) if not done.enough else "",
        "tables": [(table.name, table.title) for table in _tables(edition)],
    }
    crumbs = (Link(METHOD, reverse("portal:method", args=[edition.city.slug])),)
    return page(request, "audit", edition, context, crumbs)


@of_edition
def group(request: HttpRequest, edition: Edition, code: str) -> HttpResponse:
    """`/<slug>/audit/<group>/`: the parts of one group."""
    done = audits.audit_of(edition)
    known = next((one for one in done.groups if one.code == code), None)
    if known is None:
        raise unknown(
            Words(f"没有“{code}”这一组的体检", f"There is no audit of a group “{code}”"),
            edition,
            reverse("portal:audit", args=[edition.city.slug]),
            AUDIT,
        )
    base, language = reverse("portal:city", args=[edition.city.slug]), get_language() or ""
    mine = {code, *under(done.tree, code), *known.children}
    context = {
        "audit": done,
        "group": known,
        "node": edition.nodes[code],
        "areas": len(done.areas),
        "found": _found(edition, audits.findings_of(edition), mine),
        "influence": audits.influence(edition, code),
        "connections": audits.connections(edition, code),
        "counts": audits.count_rows(edition, base, code, language),
        "without": audits.without_rows(edition, base, language, code),
        "statistics": audits.statistic_rows(edition, base, under(done.tree, code), language),
        "many": len(under(done.tree, code)) > 20,
        "domain": edition.domain_of(code),
    }
    crumbs = (
        Link(METHOD, reverse("portal:method", args=[edition.city.slug])),
        Link(AUDIT, reverse("portal:audit", args=[edition.city.slug])),
    )
    return page(request, "audit_group", edition, context, crumbs)


def _found(edition: Edition, found: tuple[Finding, ...], within: set[str] | None = None) -> list[Found]:
    """Findings with their cases; `within` keeps the cases about these nodes and no others."""
    titles = {code: node.title for code, node in edition.nodes.items()}
    shown = []
    for finding in found:
        items = tuple(item for item in finding.items if within is None or set(item.codes) <= within)
        if items:
            kept = Finding(finding.kind, items)
            cases = tuple(
                Case(kept.named(item, titles), _href(edition, item), item.told) for item in kept.items
            )
            shown.append(Found(kept, cases[:LISTED], cases[LISTED:]))
    return shown


def _href(edition: Edition, item: Item) -> str:
    """Where a case leads to: an indicator's own page, or the audit of a group."""
    code = item.codes[0]
    name = "indicator" if code in edition.leaves else "audit_group"
    return reverse(f"portal:{name}", args=[edition.city.slug, code])


def _tables(edition: Edition) -> tuple[Table, ...]:
    return audit_tables(audits.audit_of(edition), audits.findings_of(edition), edition.nodes)


def table(request: HttpRequest, slug: str, name: str) -> HttpResponseBase:
    """`/<slug>/audit/<table>.csv`: one table of the audit, whole."""
    try:
        edition = edition_of(slug)
    except NotPublished as missing:
        return not_published(request, missing)
    found = next((one for one in _tables(edition) if one.name == name), None)
    if found is None:
        raise unknown(
            Words(f"没有文件“{name}.csv”", f"There is no file “{name}.csv”"),
            edition,
            reverse("portal:audit", args=[slug]),
            AUDIT,
        )
    content = as_csv(found, fictional=edition.city.fictional)
    response = HttpResponse(content, content_type=downloads.TYPES["csv"])
    response["Content-Disposition"] = (
        f'attachment; filename="{downloads.name(edition, f"audit-{name}", "csv")}"'
    )
    return response


def workbook(request: HttpRequest, slug: str) -> HttpResponseBase:
    """`/<slug>/method/workbook.xlsx`: the edition as one workbook, made when it is first asked for and kept."""
    try:
        edition = edition_of(slug)
    except NotPublished as missing:
        return not_published(request, missing)
    name = downloads.name(edition, "index", "xlsx")
    kept = home() / "cache" / "workbooks" / name
    if not kept.is_file():
        _make(edition, kept)
    return FileResponse(kept.open("rb"), as_attachment=True, filename=name, content_type=XLSX)


def _make(edition: Edition, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    scope = edition.publication.manifest["scope"]
    cells = len(scope["areas"]) * len(scope["periods"]) * len(edition.nodes)
    export(
        edition.publication,
        path,
        titles={area.code: area.title for area in edition.all_areas},
        city=edition.city.title,
        audited=audits.audit_of(edition),
        every_period=cells <= MOST_CELLS,
    )
