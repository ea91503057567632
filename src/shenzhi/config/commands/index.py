"""`shenzhi index`: compute an index from a table, publish a city's index, recompute what was published (article 86)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from shenzhi.config.commands.index_audit import audit, export
from shenzhi.config.commands.index_change import compare, explain, what_if
from shenzhi.config.commands.index_large import large
from shenzhi.config.commands.index_said import SHOWN, both, console, figure, unpublished
from shenzhi.kernel.words import Words

if TYPE_CHECKING:
    from shenzhi.pipeline.index.method import Node
    from shenzhi.pipeline.index.published import Publication, Score


@click.group()
def index() -> None:
    """质量指数 / The quality index: run, publish, verify, compare."""


@index.command()
@click.argument("method", type=click.Path(path_type=Path))
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="结果文件夹 / folder for the result"
)
def run(method: Path, data: Path, out: Path) -> None:
    """用方法文件计算一张表的指数 / Index of any table.

    \b
    按方法文件 METHOD 计算表 DATA（CSV、XLSX、Parquet）的指数，
    不需要数据湖或数据库。

    Compute the index of the table DATA (CSV, XLSX, Parquet) under the file METHOD. Needs no lake or database."""
    from shenzhi.pipeline.index.local import run_table
    from shenzhi.pipeline.index.method import MethodError
    from shenzhi.pipeline.index.scope import IndexFault

    try:
        publication, given = run_table(method, data, out)
    except (MethodError, IndexFault) as error:
        raise _not_computed(error.faults, str(error)) from error
    _show(publication, given.names)
    for note in given.notes:
        console.print(f"[dim]{note}[/]")


@index.command()
@click.option(
    "--city",
    "slug",
    default="shenzhen",
    show_default=True,
    help="城市 / a city of the box, or a folder with city.yml",
)
@click.option(
    "--method", "method_id", default=None, help="方法编号（默认为城市指定的） / another of the city's methods"
)
def publish(slug: str, method_id: str | None) -> None:
    """计算并发布城市指数 / Publish a city's index.

    由数据湖计算，发布后成为当前版本。Computed from the lake; it becomes the current edition."""
    from shenzhi.pipeline.index.method import MethodError
    from shenzhi.pipeline.index.publish import publish as publish_city
    from shenzhi.pipeline.index.scope import IndexFault
    from shenzhi.pipeline.lake.city import CityError, load_city
    from shenzhi.pipeline.lake.lake import Lake
    from shenzhi.pipeline.statistics.areas import areas_of
    from shenzhi.pipeline.statistics.series import SeriesError

    def progress(step: Words, done: int, total: int) -> None:
        console.print(f"[dim]{done}/{total}[/] {step.zh} {step.en}", soft_wrap=True)

    try:
        city = load_city(slug)
        publication = publish_city(city, method_id, progress=progress)
    except (MethodError, IndexFault) as error:
        raise _not_computed(error.faults, str(error)) from error
    except (CityError, SeriesError) as error:
        raise click.ClickException(str(error)) from error
    _show(publication, {code: both(area.title) for code, area in areas_of(Lake(city)).items()})


@index.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option(
    "--city",
    "slug",
    default=None,
    help="对照数据湖核对城市的当前版本 / verify a city's current edition against its lake",
)
def verify(path: Path | None, slug: str | None) -> None:
    """重算核对已发布的指数 / Recompute what was published.

    \b
    一致时退出码为 0；不一致时为 1，并指出第一处不同。
    PATH 是已发布的文件夹；用 --city 时还从数据湖重新推算各项指标。

    Exit 0 when equal, 1 with the first difference.

    PATH is a publication, or a folder of publications whose current one is meant. With --city the series are derived
    again from the lake as well."""
    from shenzhi.pipeline.index.folder import current_edition
    from shenzhi.pipeline.index.published import PublicationError
    from shenzhi.pipeline.index.verify import verify as verify_folder
    from shenzhi.pipeline.lake.city import CityError, load_city

    if (path is None) == (slug is None):
        raise click.UsageError(
            "请写一个文件夹，或用 --city 指定城市，二者取一 / name a folder, or a city with --city"
        )
    try:
        if slug is not None:
            from shenzhi.pipeline.lake.lake import Lake

            city = load_city(slug)
            if not current_edition(city.published_dir):
                raise click.ClickException(unpublished(slug))
            verdict = verify_folder(city.published_dir, Lake(city))
        else:
            assert path is not None
            verdict = verify_folder(path)
    except (CityError, PublicationError) as error:
        raise click.ClickException(str(error)) from error
    for check in verdict.checks:
        sign = "[green]✓[/]" if check.ok else "[red]✗[/]"
        console.print(f"{sign} {check.name.zh} {check.name.en}: {check.detail}", soft_wrap=True)
    if not verdict.equal:
        click.echo(f"不一致 differs: {verdict.first_difference}", err=True)
        raise SystemExit(1)
    console.print("一致 equal")


def _show(publication: Publication, names: dict[str, str]) -> None:
    """The best areas of the latest period, with the groups right below the index where the screen is wide enough."""
    root = publication.method.root
    period = publication.latest()
    scores = publication.scores(root.code, period=period)
    scored = sorted(
        (one for one in scores if one.score is not None), key=lambda one: (one.rank or 0, one.area)
    )
    whole = _table(publication, scored[:SHOWN], names, root.children)
    fits = console.measure(whole, options=console.options.update(width=1000)).maximum <= console.width
    console.print(whole if fits else _table(publication, scored[:SHOWN], names, ()))
    rest = len(scored) - SHOWN
    without = len(scores) - len(scored)
    console.print(
        f"{len(scored)} 个地区有得分"
        + (f"，其余 {rest} 个见文件" if rest > 0 else "")
        + (f"；{without} 个无得分，原因见文件" if without else "")
    )
    console.print(
        f"{len(scored)} areas scored"
        + (f", {rest} more in the files" if rest > 0 else "")
        + (f"; {without} without a score, each with its reason in the files" if without else "")
    )
    _show_firmness(publication, names)
    console.print(f"{publication.edition} -> {publication.folder}", soft_wrap=True)


def _show_firmness(publication: Publication, names: dict[str, str]) -> None:
    """What became of the first areas when the alternatives of the method were tried; nothing where it names none."""
    from shenzhi.pipeline.index.steadiness import steadiness

    tested = steadiness(publication)
    if tested is None:
        return
    standings = tested.standings(tested.periods[-1]).values()
    ranked = sorted(
        (one for one in standings if one.rank is not None), key=lambda one: (one.rank or 0, one.area)
    )
    alone = len(ranked) == 1
    told = "，".join(
        f"{names.get(one.area, one.area)} "
        + (
            f"{figure(one.score)} ({figure(one.score_low)}–{figure(one.score_high)})"
            if alone
            else f"{one.rank} ({one.rank_low}–{one.rank_high})"
        )
        for one in ranked[:3]
    )
    console.print(f"试了{tested.possible}种做法，九成在括号内：{told}", soft_wrap=True)
    console.print(f"{tested.possible} ways tried, nine tenths of them within the brackets", soft_wrap=True)


def _table(
    publication: Publication, scores: list[Score], names: dict[str, str], groups: tuple[Node, ...]
) -> Table:
    period, title = publication.latest(), publication.method.title
    graded, rounding = bool(publication.method.practice.grades), publication.method.root.rounding
    decimals = max(0, rounding.decimals) if rounding else 2
    table = Table(title=f"{title.zh} {title.en} · {period}", title_justify="left")
    for heading in (
        "位次 Rank",
        "地区 Area",
        "指数 Index",
        *(["等级 Grade"] if graded else []),
        "覆盖 Coverage",
        *(one.title.zh for one in groups),
    ):
        table.add_column(heading, justify="left" if heading.startswith("地区") else "right", no_wrap=True)
    times = Counter(names.get(area, area) for area in publication.areas())
    for one in scores:
        name = names.get(one.area, one.area)
        below = [publication.score(one.area, period, group.code) for group in groups]
        figures = [figure(score.score if score else None, decimals) for score in (one, *below)]
        table.add_row(
            str(one.rank),
            f"{name} {one.area}" if times[name] > 1 else name,
            figures[0],
            *([one.grade] if graded else []),
            f"{one.coverage:.0%}",
            *figures[1:],
        )
    return table


def _not_computed(faults: list[str], told: str) -> click.ClickException:
    """Why no index was computed: that nothing was written, then every fault."""
    return click.ClickException(
        f"未计算，没有写入任何文件；方法文件或数据有 {len(faults)} 处须改正，然后重新运行：\n"
        f"Nothing was computed or written; {len(faults)} to mend in the method file or the data, then run again:\n{told}"
    )


for one in (audit, compare, explain, export, large, what_if):
    index.add_command(one)

COMMANDS = [index]
