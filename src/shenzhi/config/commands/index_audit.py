"""`shenzhi index audit` and `export`: what the indicators can tell, and a publication as one workbook (article 86)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from shenzhi.kernel.words import Words

if TYPE_CHECKING:
    from shenzhi.pipeline.index.published import Publication

SHOWN = 5  # cases of each finding; --all prints the rest
console = Console(highlight=False)


@dataclass(frozen=True)
class _Chosen:
    """A publication, the names of its areas, its city, and the area that is no peer of the others."""

    publication: Publication
    titles: Mapping[str, Words] = field(default_factory=dict)
    city: Words | None = None
    aside: tuple[str, ...] = ()


def _chosen(path: Path | None, slug: str | None) -> _Chosen:
    from shenzhi.pipeline.index.export import names_in
    from shenzhi.pipeline.index.published import Publication, PublicationError
    from shenzhi.pipeline.lake.city import CityError, load_city

    if (path is None) == (slug is None):
        raise click.UsageError(
            "请写一个文件夹，或用 --city 指定城市，二者取一 / name a folder, or a city with --city"
        )
    try:
        if path is not None:
            found = Publication.open(path)
            return _Chosen(found, names_in(found))
        assert slug is not None
        city = load_city(slug)
        current = Publication.current(city)
    except (CityError, PublicationError) as error:
        raise click.ClickException(str(error)) from error
    if current is None:
        raise click.ClickException(
            f"{slug} 还没有已发布的指数，请先运行 shenzhi index publish --city {slug}\n"
            f"{slug} has no published index yet: run shenzhi index publish --city {slug} first"
        )
    titles = {code: area.title for code, area in city.areas.items()}
    return _Chosen(current, titles, city.title, (city.root_area,))


@click.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option("--city", "slug", default=None, help="城市的当前版本 / a city's current edition")
@click.option("--period", default=None, help="时期（默认为最近一期） / period; the latest unless given")
@click.option("--all", "everything", is_flag=True, help="列出每一例 / print every case")
def audit(path: Path | None, slug: str | None, period: str | None, everything: bool) -> None:
    """指标体检 / What the indicators can and cannot tell.

    \b
    PATH 是已发布的文件夹。列出没有数的、反向的、重复的、
    影响与权重不符的指标，并说明为什么要紧、可以怎么办。

    PATH is a publication. Names indicators without figures, against their group, nearly the same, or with another
    influence than their weight; each with why it matters and what could be done."""
    from shenzhi.pipeline.index import audit as audits
    from shenzhi.pipeline.index.findings import findings

    chosen = _chosen(path, slug)
    publication = chosen.publication
    if period is not None and period not in publication.periods():
        known = ", ".join(publication.periods())
        raise click.ClickException(
            f"没有{period}这一期；有 {known}\nthere is no period {period}; there are {known}"
        )
    done = audits.audit(publication, aside=chosen.aside, period=period, thorough=True)
    titles = {code: node.title for code, node in publication.method.nodes.items()}
    method = publication.method.title
    console.print(f"{_both(method)} · {done.period} · {len(done.areas)} 个区域 areas", soft_wrap=True)
    if not done.enough:
        console.print(
            f"不到 {audits.ENOUGH} 个区域，指标之间无从比较，只看有没有数。\n"
            f"Fewer than {audits.ENOUGH} areas: indicators cannot be compared, only whether there are figures.",
            soft_wrap=True,
        )
    found = findings(done)
    for finding in found:
        console.print(f"\n[bold]{finding.what.zh}[/] {finding.what.en}", soft_wrap=True)
        for item in finding.items if everything else finding.items[:SHOWN]:
            named = finding.named(item, titles)
            console.print(f"  {_both(named)}：{item.told.zh} {item.told.en}", soft_wrap=True)
        rest = len(finding.items) - SHOWN
        if rest > 0 and not everything:
            console.print(f"  [dim]另有 {rest} 例，用 --all 列出 {rest} more with --all[/]", soft_wrap=True)
        for said in (finding.why, finding.could):
            console.print(f"  [dim]{said.zh} {said.en}[/]", soft_wrap=True)
    if not found:
        console.print("没有需要留意的。Nothing to look at again.")


@click.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option("--city", "slug", default=None, help="城市的当前版本 / a city's current edition")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="工作簿（.xlsx） / the workbook to write",
)
def export(path: Path | None, slug: str | None, out: Path) -> None:
    """导出为一个工作簿 / A publication as one workbook.

    \b
    框架、得分、名次、原始数、插补与处理、贡献、统计、相关，
    连同方法和文件的哈希值，写成一个 .xlsx。

    Framework, scores, ranks, figures, what was estimated or treated, contributions, statistics and correlations, with the
    hashes of method and files, in one .xlsx."""
    from shenzhi.kernel.files.workbook_writer import BookError
    from shenzhi.pipeline.index.export import export as write

    if out.suffix.lower() != ".xlsx":
        raise click.UsageError(f"文件名须以 .xlsx 结尾 / the name must end in .xlsx (got {out})")
    chosen = _chosen(path, slug)
    try:
        write(chosen.publication, out, titles=chosen.titles, city=chosen.city, aside=chosen.aside)
    except (BookError, OSError) as error:
        raise click.ClickException(str(error)) from error
    console.print(f"{chosen.publication.edition} -> {out}", soft_wrap=True)


def _both(title: Words) -> str:
    return title.zh if title.zh == title.en else f"{title.zh} {title.en}"
