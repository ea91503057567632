"""`shenzhi index what-if`, `compare` and `explain`: other weights, other editions, and why a score moved (article 86)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from shenzhi.config.commands.index_said import SHOWN, both, console, figure, opened, unpublished

if TYPE_CHECKING:
    from shenzhi.pipeline.index.published import Publication
    from shenzhi.pipeline.index.whatif import Standing, Tried


@click.command("what-if")
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
                raise click.ClickException(unpublished(slug))
            names, whole = {code: both(area.title) for code, area in city.areas.items()}, city.root_area
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


@click.command()
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

    one, other = (opened(path) for path in (old, new))
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
            figure(row.old),
            figure(row.new),
            ranks[0] if ranks[0] == ranks[1] else " → ".join(ranks),
            figure(change),
            *(figure(next(shares)) if each else ("—" if each is None else "0") for each in moved),
        )
    console.print(table)
    for fault in found.faults:
        click.echo(f"原因算不出来 the causes cannot be worked out: {fault}", err=True)


@click.command()
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
        explained = explain_periods(opened(path), before, now, node)
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
        console.print(f"[bold]{both(names.INGREDIENTS[line.ingredient])}  {amount:+.4f}[/]")
        inside = to_the_digit([each for _, each in line.nodes], amount, 4)
        for (code, _), each in zip(line.nodes[:SHOWN], inside, strict=False):
            console.print(f"    {both(explained.title(code))}  {each:+.4f}")
        if len(line.nodes) > SHOWN:
            rest = sum(inside[SHOWN:])
            console.print(
                f"    其余 {len(line.nodes) - SHOWN} 项 {len(line.nodes) - SHOWN} others  {rest:+.4f}"
            )
    console.print(f"{now}  {bill.now:.4f}")
    for fault in () if bill.mixed else explained.faults:
        click.echo(fault, err=True)


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
        title = both(publication.method.nodes[part.code].title)
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
    return figure(one.after), figure(one.before), "—" if one.change is None else f"{one.change:+.2f}"
