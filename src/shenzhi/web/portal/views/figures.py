"""One figure, down to the rows and the file it came from (article 84)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language

from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake.source import Field
from shenzhi.pipeline.statistics.breaks import Break
from shenzhi.pipeline.statistics.lineage import lineage
from shenzhi.web.portal import cautions, lakes, numbers
from shenzhi.web.portal.cautions import Caution
from shenzhi.web.portal.editions import Edition, Unknown, city_or_404, edition_or_none
from shenzhi.web.portal.frame import Link, home_url
from shenzhi.web.portal.serve import of_edition, page, unknown
from shenzhi.web.portal.views.indicators import INDICATORS, facts

MOST_ROWS = 200


@dataclass(frozen=True)
class Cell:
    """A cell of a source row: its text, and a link when the cell is an address on the web."""

    text: str
    href: str = ""
    number: bool = False

    @property
    def chinese(self) -> bool:
        """Whether the text is Chinese as its source wrote it, to be read out as such on an English page."""
        return any("\u4e00" <= sign <= "\u9fff" for sign in self.text)


@dataclass(frozen=True)
class Origin:
    """The rows of one source file that a figure came from."""

    name: str
    title: Words
    publisher: Words
    licence: Words
    snapshot: str
    columns: tuple[Words, ...]
    rows: tuple[tuple[int, tuple[tuple[Words, Cell], ...]], ...]
    total: int
    cautions: tuple[Caution, ...] = ()

    @property
    def left(self) -> int:
        return self.total - len(self.rows)


@of_edition
def figure(request: HttpRequest, edition: Edition, indicator: str, area: str, period: str) -> HttpResponse:
    """`/<slug>/figures/<indicator>/<area>/<period>/`: the figure, its revisions, and the rows it came from."""
    given = facts(edition, indicator)
    slug = edition.city.slug
    values = edition.publication.observations(indicator=indicator, area=area, period=period, current=False)
    if not values:
        raise unknown(
            Words(
                f"“{given.title.zh}”没有{edition.area_title(area).zh}{numbers.period(period, 'zh')}的数字",
                f"There is no figure of “{given.title.en}” for {edition.area_title(area).en}, "
                f"{numbers.period(period, 'en')}",
            ),
            edition,
            reverse("portal:indicator", args=[slug, indicator]),
            given.title,
        )
    current = next((one for one in values if one.current), values[-1])
    score = edition.publication.score(area, period, indicator) if indicator in edition.leaves else None
    parts = []
    if score:
        parent = edition.leaves[indicator].parent
        parts = [one for one in edition.publication.parts(area, period, parent) if one.node == indicator]
    behind = origins(edition, indicator, area, period, current.revision)
    said = dict.fromkeys(caution for one in behind or () for caution in one.cautions)
    context = {
        "facts": given,
        "cautions": list(said),
        "mark": next((one.mark for one in said if one.mark), "") if len(behind or ()) == 1 else "",
        "breaks": touching(edition, indicator, period),
        "area": edition.area(area),
        "period": period,
        "value": current,
        "values": sorted(values, key=lambda one: -one.revision),
        "score": score,
        "part": parts[0] if parts else None,
        "parent": edition.nodes[edition.leaves[indicator].parent] if parts else None,
        "origins": behind,
    }
    crumbs = (
        Link(INDICATORS, reverse("portal:indicators", args=[slug])),
        Link(given.title, reverse("portal:indicator", args=[slug, indicator])),
    )
    return page(request, "figure", edition, context, crumbs)


def touching(edition: Edition, indicator: str, period: str) -> list[Break]:
    """The breaks on either side of a period: the last one up to it, and the first one after it."""
    every = edition.breaks(indicator)
    return [one for one in every if one.since <= period][-1:] + [one for one in every if one.since > period][
        :1
    ]


def origins(edition: Edition, indicator: str, area: str, period: str, revision: int) -> list[Origin] | None:
    """The source rows of a figure as of the edition's data vintage, with what they call for to be said of its
    `revision`; None when the lake is not in this box."""
    lake = lakes.lake_of(edition.city)
    if lake is None or edition.indicator(indicator) is None:
        return None
    language = get_language() or ""
    with lakes.READING:
        found = lineage(lake, indicator, area, period, versions=edition.versions)
    made = []
    for one in found:
        source = lake.sources[one.source]
        fields = [source.fields[name] for name in one.columns if name in source.fields]
        titles = [field.title for field in fields]
        made.append(
            Origin(
                name=one.source,
                title=source.title,
                publisher=source.publisher,
                licence=source.licence,
                snapshot=one.snapshot,
                columns=tuple(titles),
                rows=tuple(
                    (
                        int(row["_row"]),
                        tuple((field.title, cell(row.get(field.name), language, field)) for field in fields),
                    )
                    for row in one.rows[:MOST_ROWS]
                ),
                total=one.total,
                cautions=tuple(cautions.of_rows(source, one.rows, revision)),
            )
        )
    return made


def cell(value: Any, language: str, field: Field | None = None) -> Cell:
    """A value of a source row as a reader sees it: exactly as it stands in the row, with its meaning in words before it
    where the source declares one."""
    if value is None:
        return Cell("")
    if field is not None and (meaning := field.meanings.get(str(value))):
        return Cell(Words(f"{meaning.zh}（{value}）", f"{meaning.en} ({value})").say(language))
    if isinstance(value, bool):
        return Cell(Words("是", "yes").say(language) if value else Words("否", "no").say(language))
    if isinstance(value, float):
        return Cell(numbers.plain(value), number=True)
    if isinstance(value, int):
        return Cell(str(value), number=True)
    text = str(value)
    return Cell(text, href=text if text.startswith(("https://", "http://")) else "")


def snapshot_or_404(slug: str, sha: str) -> tuple[Any, Any, Any]:
    city = city_or_404(slug)
    lake = lakes.lake_of(city)
    listed = {one.sha256: one for one in lake.snapshots()} if lake else {}
    if lake is None or sha not in listed:
        raise Unknown(
            Words("没有这个文件", "There is no such file"),
            reverse("portal:sources", args=[slug]),
            Words("全部数据来源", "All sources of data"),
            city,
        )
    return city, lake, listed[sha]


def file(request: HttpRequest, slug: str, sha: str) -> HttpResponse:
    """`/<slug>/files/<sha>/`: one file as it was handed in: who, when, licence, how its cells were read."""
    from django.shortcuts import render

    city, lake, snapshot = snapshot_or_404(slug, sha)
    source = lake.sources.get(snapshot.source)
    columns, rows = preview(lake, snapshot)
    context = {
        "city": city,
        "edition": edition_or_none(city),
        "crumbs": [
            Link(city.title, home_url(city)),
            Link(Words("数据", "Data"), reverse("portal:sources", args=[slug])),
            *([Link(source.title, reverse("portal:source", args=[slug, source.name]))] if source else []),
        ],
        "snapshot": snapshot,
        "source": source,
        # the licence as it was when the file came, in the source's words while they still say the same
        "licence": source.licence
        if source and source.licence.en == snapshot.licence
        else Words(snapshot.licence, snapshot.licence),
        "open": lakes.is_open(snapshot.licence),
        "columns": columns,
        "rows": rows,
    }
    return render(request, "portal/file.html", context)


def preview(lake: Any, snapshot: Any) -> tuple[list[Words], list[tuple[int, list[Cell]]]]:
    """The first rows of a file as they stand in its table now; none when the file was refused or replaced."""
    language = get_language() or ""
    if snapshot.source not in lake.sources or snapshot.source not in lake.tables() or not snapshot.accepted:
        return [], []
    source = lake.sources[snapshot.source]
    names = [name for name in source.fields if source.fields[name].open]
    with lakes.READING:
        version = next(
            (one.version for one in lake.versions(snapshot.source) if one.snapshot == snapshot.sha256), None
        )
        if version is None:
            return [], []
        table = lake.table(snapshot.source, version)
        found = (
            table.filter(table._snapshot == snapshot.sha256)
            .order_by("_row")
            .limit(20)
            .to_pyarrow()
            .to_pylist()
        )
    rows = [
        (int(row["_row"]), [cell(row.get(name), language, source.fields[name]) for name in names])
        for row in found
    ]
    return [source.fields[name].title for name in names], rows


def file_bytes(request: HttpRequest, slug: str, sha: str) -> FileResponse:
    """`/<slug>/files/<sha>/bytes/`: the file itself, byte for byte, where its licence lets us hand it out."""
    city, lake, snapshot = snapshot_or_404(slug, sha)
    if not lakes.is_open(snapshot.licence):
        raise Unknown(
            Words(
                "这个文件的许可不允许我们转发；请向发布单位索取",
                "The licence of this file does not let us hand it out; ask its publisher",
            ),
            reverse("portal:file", args=[slug, sha]),
            Words("关于这个文件", "About this file"),
            city,
        )
    name = f"fictional-{snapshot.file_name}" if city.fictional else snapshot.file_name
    return FileResponse(
        lake.snapshot_path(sha).open("rb"),
        as_attachment=True,
        filename=name,
        content_type="application/octet-stream",
    )
