"""`shenzhi index`: compute an index from a table, publish a city's index, recompute what was published (article 86)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from shenzhi.config.commands.index_audit import audit, export
from shenzhi.kernel.words import Words

if TYPE_CHECKING:
    from shenzhi.pipeline.index.method import Node
    from shenzhi.pipeline.index.published import Publication, Score
    from shenzhi.pipeline.index.whatif import Standing, Tried

SHOWN = 10  # areas in the printed table; all are in the files
console = Console(highlight=False)


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
    _show(publication, {code: _both(area.title) for code, area in areas_of(Lake(city)).items()})


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
                raise click.ClickException(_unpublished(slug))
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


@index.command("what-if")
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option("--city", "slug", default=None, help="城市的当前版本 / a city's current edition")
@click.option("--period", default=None, help="时期（默认为最近一期） / period; the latest unless given")
@click.option(
    "--weight",
    "weights",
    multiple=True,
    metavar="NODE=W",
    help="改一个权重 / another weight, e.g. economy=30",
)
@click.option(
    "--value",
    "values",
    multiple=True,
    metavar="AREA/INDICATOR=V",
    help="改一个数 / another figure, e.g. 440305/pm25=20",
)
def what_if(
    path: Path | None, slug: str | None, period: str | None, weights: tuple[str, ...], values: tuple[str, ...]
) -> None:
    """换一组权重或一个数，结果会怎样 / What if weights or figures were others.

    \b
    PATH 是已发布的文件夹；只是试算，不改动已发布的指数。
    权重按方法文件的写法，没有写的照旧；0 表示去掉这一项。

    PATH is a publication. This is a trial: nothing published is changed. Weights count as in the method file; those
    that are not named stay, and 0 leaves a part out."""
    from shenzhi.pipeline.index.published import Publication, PublicationError
    from shenzhi.pipeline.index.scope import IndexFault
    from shenzhi.pipeline.index.whatif import Figure, Trial, TrialError, tried
    from shenzhi.pipeline.lake.city import CityError, load_city

    if (path is None) == (slug is None):
        raise click.UsageError(
            "请写一个文件夹，或用 --city 指定城市，二者取一 / name a folder, or a city with --city"
        )
    names, whole = {}, ""
    try:
        if slug is not None:
            city = load_city(slug)
            found = Publication.current(city)
            if found is None:
                raise click.ClickException(_unpublished(slug))
            names, whole = {code: _both(area.title) for code, area in city.areas.items()}, city.root_area
        else:
            assert path is not None
            found = Publication.open(path)
        trial = Trial(
            period or found.latest(),
            dict(_named(one, "NODE=W") for one in weights),
            tuple(
                Figure(*_cell(place), value)
                for place, value in (_named(one, "AREA/INDICATOR=V") for one in values)
            ),
        )
        areas = [area for area in found.manifest["scope"]["areas"] if area != whole]
        answer = tried(found, trial, areas or [whole])
    except (CityError, PublicationError, IndexFault, TrialError) as error:
        raise click.ClickException(str(error)) from error
    _show_trial(found, answer, names)


@index.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--period",
    default=None,
    help="时期（默认为两版共有的最近一期） / the latest that both have, unless named",
)
def compare(old: Path, new: Path, period: str | None) -> None:
    """比较两版指数，说明得分为什么变 / Two editions: what moved each score.

    \b
    OLD、NEW 是两个已发布的文件夹。各项原因相加等于得分的变化。

    OLD and NEW are two publications. The causes add up to the change of the score."""
    from shenzhi.pipeline.index import names
    from shenzhi.pipeline.index.changes import compared, to_the_digit

    one, other = (_opened(path) for path in (old, new))
    periods = [each for each in other.periods() if each in one.periods()]
    chosen = period or next((each for each in reversed(periods) if each <= other.latest()), "")
    if chosen not in periods:
        raise click.ClickException(
            f"两版没有共同的时期 {chosen}；共有的是 {', '.join(periods) or '无'}\n"
            f"the two editions do not both have {chosen or 'a period'}; both have {', '.join(periods) or 'none'}"
        )
    found = compared(one, other, chosen)
    titles = [names.INGREDIENTS[each] for each in found.ingredients]
    table = Table(title=f"{one.edition} -> {other.edition} · {chosen}", title_justify="left")
    for heading in (
        "地区 Area",
        "旧 Old",
        "新 New",
        "位次 Rank",
        "变化 Change",
        *(f"{t.zh} {t.en}" for t in titles),
    ):
        table.add_column(heading, justify="left" if heading.startswith("地区") else "right", overflow="fold")
    for row in found.rows:
        change = row.printed(2)
        moved = [row.bill.amount(each) for each in found.ingredients] if row.bill else [None] * len(titles)
        shares = iter(to_the_digit([each for each in moved if each], change, 2) if change is not None else ())
        ranks = [str(each or "—") for each in (row.old_rank, row.new_rank)]
        table.add_row(
            row.area,
            _figure(row.old),
            _figure(row.new),
            ranks[0] if ranks[0] == ranks[1] else " → ".join(ranks),
            _figure(change),
            *(_figure(next(shares)) if each else ("—" if each is None else "0") for each in moved),
        )
    console.print(table)
    for fault in found.faults:
        click.echo(f"原因算不出来 the causes cannot be worked out: {fault}", err=True)


@index.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.argument("area")
@click.argument("before")
@click.argument("now")
@click.option(
    "--node", default="", help="树上的节点（默认为指数） / a node of the tree; the index unless named"
)
def explain(path: Path, area: str, before: str, now: str, node: str) -> None:
    """一个地区的得分在两期之间为什么变 / Why an area's score moved between two periods.

    \b
    PATH 是已发布的文件夹，或放各版的文件夹。各行相加等于变化。

    PATH is a publication, or a folder of publications whose current one is meant. The lines add up to the change."""
    from shenzhi.pipeline.index import names
    from shenzhi.pipeline.index.changes import explain_periods, to_the_digit
    from shenzhi.pipeline.index.scope import IndexFault

    try:
        explained = explain_periods(_opened(path), before, now, node)
    except IndexFault as error:
        raise click.ClickException(str(error)) from error
    bill = explained.bill(area)
    if bill is None:
        raise click.ClickException(
            f"{area} 在 {before} 和 {now} 没有都得分\n{area} has no score in both {before} and {now}"
        )
    total = round(bill.now, 4) - round(bill.before, 4)
    console.print(f"{before}  {bill.before:.4f}")
    amounts = to_the_digit([line.amount for line in bill.lines], total, 4)
    for line, amount in zip(bill.lines, amounts, strict=True):
        console.print(f"[bold]{_both(names.INGREDIENTS[line.ingredient])}  {amount:+.4f}[/]")
        inside = to_the_digit([each for _, each in line.nodes], amount, 4)
        for (code, _), each in zip(line.nodes[:SHOWN], inside, strict=False):
            console.print(f"    {_both(explained.title(code))}  {each:+.4f}")
        if len(line.nodes) > SHOWN:
            rest = sum(inside[SHOWN:])
            console.print(
                f"    其余 {len(line.nodes) - SHOWN} 项 {len(line.nodes) - SHOWN} others  {rest:+.4f}"
            )
    console.print(f"{now}  {bill.now:.4f}")
    for fault in () if bill.mixed else explained.faults:
        click.echo(fault, err=True)


def _opened(path: Path) -> Publication:
    """The publication in a folder, or the current one of a folder of publications."""
    from shenzhi.pipeline.index.folder import current_edition
    from shenzhi.pipeline.index.published import Publication, PublicationError

    try:
        return Publication.open(path / current_edition(path) if (path / "current").is_file() else path)
    except PublicationError as error:
        raise click.ClickException(str(error)) from error


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
            f"{_figure(one.score)} ({_figure(one.score_low)}–{_figure(one.score_high)})"
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
        figures = [_figure(score.score if score else None, decimals) for score in (one, *below)]
        table.add_row(
            str(one.rank),
            f"{name} {one.area}" if times[name] > 1 else name,
            figures[0],
            *([one.grade] if graded else []),
            f"{one.coverage:.0%}",
            *figures[1:],
        )
    return table


def _named(text: str, form: str) -> tuple[str, float]:
    """What stands before the last = and the number after it."""
    name, _, number = text.rpartition("=")
    try:
        if not name:
            raise ValueError
        return name.strip(), float(number)
    except ValueError:
        raise click.UsageError(f"{text}：应当写成 {form} / {text}: write {form}") from None


def _cell(place: str) -> tuple[str, str]:
    """Area and indicator of AREA/INDICATOR."""
    area, _, indicator = place.partition("/")
    return area.strip(), indicator.strip()


def _show_trial(publication: Publication, answer: Tried, names: dict[str, str]) -> None:
    """Weights as published and now, then every area before and after; of a single area, every period."""
    shares = _headed(
        f"权重 Weights · {answer.trial.period}", ("项目\nPart", "权重\nWeight", "份额\nShare"), left=0
    )
    for part in answer.weights:
        title = _both(publication.method.nodes[part.code].title)
        weight = (
            f"{part.published:g} → {part.weight:g}" if part.weight != part.published else f"{part.weight:g}"
        )
        moved = f"{part.published_share:.1%} → {part.share:.1%}"
        shares.add_row(title, weight, moved if part.share != part.published_share else f"{part.share:.1%}")
    console.print(shares)
    scores = ("试算\nTrial", "公布\nPublished", "差\nChange")
    if len(answer.standings) == 1:
        area = answer.standings[0].area
        table = _headed(
            f"{names.get(area, area)} · 试算与公布 Trial and published", ("时期\nPeriod", *scores), left=0
        )
        for period, one in answer.course(area, publication):
            table.add_row(period, *_before_and_after(one))
    else:
        title = f"试算与公布 Trial and published · {answer.trial.period}"
        table = _headed(title, ("位次\nRank", "地区\nArea", *scores, "位次变化\nMove"), left=1)
        for one in answer.standings:
            move = "" if not one.places else f"{'▲' if one.places > 0 else '▼'} {abs(one.places)}"
            rank = "—" if one.rank_after is None else str(one.rank_after)
            table.add_row(rank, names.get(one.area, one.area), *_before_and_after(one), move)
    console.print(table)
    console.print("试算，不是公布的指数 a trial, not the published index")


def _headed(title: str, headings: tuple[str, ...], *, left: int) -> Table:
    """A table whose columns stand to the right, but for one."""
    table = Table(title=title, title_justify="left")
    for at, heading in enumerate(headings):
        table.add_column(heading, justify="left" if at == left else "right", no_wrap=True)
    return table


def _before_and_after(one: Standing) -> tuple[str, str, str]:
    return _figure(one.after), _figure(one.before), "—" if one.change is None else f"{one.change:+.2f}"


def _unpublished(slug: str) -> str:
    return (
        f"{slug} 还没有已发布的指数，请先运行 shenzhi index publish --city {slug}\n"
        f"{slug} has no published index yet: run shenzhi index publish --city {slug} first"
    )


def _both(title: Words) -> str:
    """A name in both languages, once where they are the same: a table's own names have one language."""
    return title.zh if title.zh == title.en else f"{title.zh} {title.en}"


def _not_computed(faults: list[str], told: str) -> click.ClickException:
    """Why no index was computed: that nothing was written, then every fault."""
    return click.ClickException(
        f"未计算，没有写入任何文件；方法文件或数据有 {len(faults)} 处须改正，然后重新运行：\n"
        f"Nothing was computed or written; {len(faults)} to mend in the method file or the data, then run again:\n{told}"
    )


def _figure(score: float | None, decimals: int = 2) -> str:
    return "—" if score is None else f"{score:.{decimals}f}"


index.add_command(audit)
index.add_command(export)

COMMANDS = [index]
