"""`shenzhi city` writes and loads a city's files; `shenzhi indicators` lists what is measured and opens a value."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from shenzhi.kernel.words import Words

console = Console(highlight=False)
CITY = click.option(
    "--city",
    "slug",
    default="shenzhen",
    show_default=True,
    help="城市 / a city of the box, or a folder with city.yml",
)


@click.group()
def city() -> None:
    """城市文件 / Write or load the files of a city."""


def _years(context: click.Context, option: click.Parameter, given: str) -> range:
    first, _, last = given.partition("-")
    if not (first.isdigit() and (last or first).isdigit() and int(first) <= int(last or first)):
        raise click.BadParameter(
            f"{given!r}：请写首末两年，如 2015-2024 / write the first and the last year, as in 2015-2024"
        )
    return range(int(first), int(last or first) + 1)


@city.command()
@click.argument("name", type=click.Choice(["model"]))
@click.option(
    "--seed",
    default=2026,
    show_default=True,
    help="随机种子 / the same seed gives the same files, byte for byte",
)
@click.option(
    "--years", default="2015-2024", show_default=True, callback=_years, help="首末年份 / first and last year"
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="输出文件夹 / folder for the files",
)
def generate(name: str, seed: int, years: range, out: Path) -> None:
    """写出虚构城市的文件 / Write a fictional city's files.

    每一行都注明虚构。Every row says that it is fictional."""
    from shenzhi.pipeline.statistics import model_city

    for path in model_city.generate(out, seed=seed, years=years):
        console.print(f"虚构 fictional  {path}  {path.stat().st_size:,} B")


@city.command()
@click.argument("slug")
def load(slug: str) -> None:
    """载入随城市附带的文件 / Hand in a city's own files.

    已在湖中的文件不再读取。What is in the lake already is not read again."""
    from shenzhi.config.commands.lake import refusals_told
    from shenzhi.pipeline.lake.city import CityError, load_city
    from shenzhi.pipeline.lake.lake import Lake
    from shenzhi.pipeline.statistics.returns import BY, load_returns

    def progress(step: Words, done: int, total: int) -> None:
        console.print(f"[dim]{done + 1}/{total}[/] {step.zh} {step.en}")

    try:
        loaded = load_city(slug)
        lake = Lake(loaded)
        with refusals_told():
            new = load_returns(loaded, lake, progress=progress)
    except CityError as error:
        raise click.ClickException(str(error)) from error
    console.print(f"{len(loaded.returns)} 个文件 files, {len(new)} 个新入湖 new in the lake")
    for one in loaded.returns:
        if lake.versions(one.source)[-1].by != BY:
            console.print(
                f"{one.source}：已有人提交过文件，予以保留 / someone has handed in a file, which stays",
                soft_wrap=True,
            )
    if not loaded.returns:
        console.print("该城市没有附带文件，请用 shenzhi ingest 提交 / none comes with it: use shenzhi ingest")


@click.group(invoke_without_command=True)
@CITY
@click.option(
    "--all", "everything", is_flag=True, help="含本市没有数值的 / also those without a value in this city"
)
@click.pass_context
def indicators(context: click.Context, slug: str, everything: bool) -> None:
    """指标 / The indicators of a city, and their values.

    \b
    不加子命令时列出指标：代码、条例条号、方向（+ 越多越好，- 越少越好）、
    数值个数、名称和单位。

    Alone it lists them: code, article, direction (+ more is better, - less is better), number of values, name, unit."""
    if context.invoked_subcommand:
        return
    from collections import Counter

    from shenzhi.pipeline.lake.city import CityError, load_city
    from shenzhi.pipeline.lake.lake import Lake
    from shenzhi.pipeline.statistics import DOMAINS, INDICATORS
    from shenzhi.pipeline.statistics.series import series

    try:
        values = Counter(series(Lake(load_city(slug)))["indicator"].to_pylist())
    except CityError as error:
        raise click.ClickException(str(error)) from error
    for domain, title in DOMAINS.items():
        shown = [
            one for one in INDICATORS.values() if one.domain == domain and (everything or values[one.code])
        ]
        if shown:
            click.echo(f"\n{title.zh} {title.en}")
        for one in shown:
            sign = {1: "+", -1: "-", 0: " "}[one.direction]
            name = f"{one.title.zh} {one.title.en} ({one.unit.zh})"
            click.echo(f"  {one.code:34}{one.article:>4} {sign}{values[one.code]:>7}  {name}")
    if not values:
        console.print(f"湖中还没有数据 nothing in the lake yet: shenzhi city load {slug}")


@indicators.command()
@click.argument("code")
@click.argument("area")
@click.argument("period")
@CITY
@click.option("--first", default=10, show_default=True, help="每个文件显示的行数 / rows to show of each file")
def open(code: str, area: str, period: str, slug: str, first: int) -> None:
    """打开一个数值的来源行 / Open a value to its source rows.

    指标 CODE、地区 AREA、时期 PERIOD。The indicator CODE for AREA and PERIOD."""
    from shenzhi.pipeline.lake.city import CityError, load_city
    from shenzhi.pipeline.lake.lake import Lake
    from shenzhi.pipeline.statistics.lineage import lineage
    from shenzhi.pipeline.statistics.series import found, series

    try:
        lake = Lake(load_city(slug))
        indicator = found(code)
    except (CityError, KeyError) as error:
        raise click.ClickException(str(error.args[0])) from error
    values = [
        row for row in series(lake, [code]).to_pylist() if (row["area"], row["period"]) == (area, period)
    ]
    if not values:
        raise click.ClickException(
            f"{slug} 没有指标 {code} 在地区 {area}、时期 {period} 的数值；`shenzhi indicators --city {slug}` 列出有数值的指标\n"
            f"{code} has no value for area {area}, period {period} in {slug}; "
            f"`shenzhi indicators --city {slug}` lists what has values"
        )
    console.print(f"[bold]{indicator.title.zh} {indicator.title.en}[/]  ({indicator.unit.zh})")
    for row in values:
        known = f"  公布于 known on {row['known_on']}" if row["known_on"] else ""
        console.print(
            f"  {row['value']}  {row['status']}  第 {row['revision']} 次 revision {row['revision']}{known}"
        )
    for one in lineage(lake, code, area, period, first=first):
        name = lake.snapshot(one.snapshot, one.source).file_name
        click.echo(f"\n{one.source}  {name}  sha256 {one.snapshot[:12]}…  {one.total} 行 rows")
        for line in one.rows:
            cells = [f"{key}={line[key]}" for key in one.columns if line[key] is not None and key[0] != "_"]
            click.echo(f"  {line['_row']:>8}  " + "  ".join(cells))


COMMANDS = [city, indicators]
