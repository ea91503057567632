"""Handing in files and looking into the lake: `shenzhi ingest`, `shenzhi lake ...` (article 84)."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from shenzhi.kernel.files.reasons import Note, Reason
from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake.city import CityError, load_city
from shenzhi.pipeline.lake.ingest import check, ingest
from shenzhi.pipeline.lake.lake import Lake, NotInLake, Snapshot
from shenzhi.pipeline.lake.reasons import Refused
from shenzhi.pipeline.lake.source import SourceError
from shenzhi.pipeline.lake.wording import reading_words

console = Console()
problems = Console(stderr=True)

in_city = click.option(
    "--city",
    default="shenzhen",
    show_default=True,
    help="城市 / a city of the box, or a folder with city.yml",
)


def _is_file(context: click.Context, argument: click.Parameter, given: Path) -> Path:
    if not given.exists():
        raise click.ClickException(
            f"没有这个文件；请核对路径：{given}\nno such file, check the path: {given}"
        )
    if not given.is_file():
        raise click.ClickException(
            f"这是文件夹，请写其中一个文件：{given}\nthis is a folder, name a file in it: {given}"
        )
    return given


a_file = click.argument("file", type=click.Path(path_type=Path), callback=_is_file)


def open_lake(city: str) -> Lake:
    """The lake of a city whose declarations are in order; else a message with every fault."""
    try:
        lake = Lake(load_city(city))
        lake.sources  # noqa: B018 so that a wrong declaration is told now, in words
    except (CityError, SourceError) as error:
        raise click.ClickException(str(error)) from error
    return lake


@contextmanager
def telling() -> Iterator[Callable[[Words, int, int], None]]:
    """A progress line for each stage of a long step, gone when the step is done."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[done]}"),
    )
    silent = not problems.is_terminal  # else a log or a pipe would get an empty line
    with Progress(*columns, TimeElapsedColumn(), console=problems, transient=True, disable=silent) as shown:
        tasks = {}

        def tell(stage: Words, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = shown.add_task(f"{stage.zh} {stage.en}", total=None, done="")
            counted = f"{done:,}" if done else ""
            shown.update(tasks[stage], completed=done, total=total or None, done=counted)

        yield tell


@contextmanager
def refusals_told() -> Iterator[None]:
    """A refused file as a table of its reasons, and an exit status that says so."""
    try:
        yield
    except Refused as refused:
        show_reasons(refused)
        raise SystemExit(2) from refused
    except (NotInLake, FileNotFoundError) as error:
        raise click.ClickException(str(error)) from error


@click.command("ingest")
@click.argument("source")
@a_file
@in_city
@click.option(
    "--by",
    default=None,
    help="谁提交（默认为本机用户） / who hands it in (default: the user of this machine)",
)
@click.option(
    "--note",
    default="",
    help="说明，如更正的原因 / a note for the history, such as why the file was corrected",
)
def ingest_command(source: str, file: Path, city: str, by: str | None, note: str) -> None:
    """提交数字文件 / Hand in FILE to SOURCE.

    \b
    把 FILE（CSV、XLSX、Parquet）提交到来源 SOURCE。
    文件逐字节保存，按来源的全部约定核对；合格则成为该表的新版本，
    不合格则一次列出全部原因，表保持原样。

    FILE is kept byte for byte, checked against everything the source promises, and then becomes the next version
    of its table; or it is refused with every reason at once, and the table stays as it was.
    """
    lake = open_lake(city)
    with refusals_told():
        before = lake.versions(source)
        with telling() as tell:
            snapshot = ingest(lake, source, file, by=by or getpass.getuser(), note=note, progress=tell)
        latest = lake.versions(source)[-1]
    show_readings(snapshot)
    if before and latest.version == before[-1].version:
        console.print(
            f"已在库中，未作改动 / already in the lake, nothing changed: {source} v{latest.version}"
        )
    else:
        console.print(f"已接收 / accepted: {source} v{latest.version}, {snapshot.rows:,} 行 rows")
        if before and latest.rows < before[-1].rows:
            console.print(
                f"此表现有 {latest.rows:,} 行，上一版 v{before[-1].version} 有 {before[-1].rows:,} 行；旧版仍可读\n"
                f"the table now has {latest.rows:,} rows, v{before[-1].version} had {before[-1].rows:,}; "
                "it can still be read"
            )
    console.print(f"文件 / file: {snapshot.sha256}", soft_wrap=True)


@click.group("lake")
def lake_group() -> None:
    """数据湖 / What was handed in, and the tables it became."""


@lake_group.command("status")
@in_city
def status(city: str) -> None:
    """各来源的最新版本 / The latest version of every source."""
    lake = open_lake(city)
    table = Table(title=f"{lake.city.title.zh} {lake.city.title.en}", title_justify="left")
    for heading in ("来源 source", "版本 version", "行 rows", "提交 handed in"):
        table.add_column(
            heading, justify="right" if heading.startswith(("版本", "行")) else "left", overflow="fold"
        )
    for name, source in lake.sources.items():
        versions = lake.versions(name)
        last = versions[-1] if versions else None
        cells = (
            (f"v{last.version}", f"{last.rows:,}", f"{_moment(last.at)}\n{last.by}")
            if last
            else ("—", "", "")
        )
        table.add_row(f"{source.title.zh}\n{source.title.en}\n{name}", *map(Text, cells), end_section=True)
    console.print(table)


@lake_group.command("history")
@click.argument("source")
@in_city
def history(source: str, city: str) -> None:
    """一个来源的全部版本 / Every version of SOURCE, latest first."""
    lake = open_lake(city)
    with refusals_told():
        versions = lake.versions(source)
        table = Table(title=f"{source} {lake.source(source).title.zh}", title_justify="left")
        for heading in ("版本 version", "行 rows", "提交 handed in", "文件与说明 file and note"):
            table.add_column(
                heading, justify="right" if heading.startswith(("版本", "行")) else "left", overflow="fold"
            )
        for one in reversed(versions):
            name = lake.snapshot(one.snapshot, source).file_name
            given = [name, f"SHA-256 {one.snapshot[:12]}…", *filter(None, [one.note])]
            cells = (f"v{one.version}", f"{one.rows:,}", f"{_moment(one.at)}\n{one.by}", "\n".join(given))
            table.add_row(*map(Text, cells), end_section=True)
    console.print(table)


@lake_group.command("check")
@click.argument("source")
@a_file
@in_city
def check_command(source: str, file: Path, city: str) -> None:
    """只核对，不入库 / Check FILE against SOURCE without keeping it."""
    lake = open_lake(city)
    with refusals_told(), telling() as tell:
        staged = check(lake, source, file, progress=tell)
    for note in staged.findings.notes.values():
        show_reading(note)
    console.print(f"符合来源的全部约定 / keeps every promise of the source: {staged.total:,} 行 rows")


def _moment(iso: str) -> str:
    """A moment to the minute, with its zone: the lake keeps UTC."""
    return f"{iso[:16].replace('T', ' ')} UTC"


def said(words: Words) -> Text:
    """Both languages, whatever signs they hold: what stood in a file is no markup."""
    return Text(f"{words.zh}\n{words.en}")


def show_readings(snapshot: Snapshot) -> None:
    """How cells were read that were not plain figures."""
    for given in snapshot.readings:
        show_reading(Note(**given))


def show_reading(note: Note) -> None:
    """One way in which cells were read, in both languages."""
    words = reading_words(note)
    console.print(Text.assemble(("· ", "dim"), f"{words.zh}\n  {words.en}"), soft_wrap=True)


def show_reasons(refused: Refused) -> None:
    """Every reason: what and where, what stood there, the way out."""
    problems.print(Text(f"未接收 / refused: {refused.file_name} → {refused.source}", style="bold red"))
    many = len(refused.reasons)
    problems.print(
        f"共 {many} 项原因，表保持原样 / {many} reason{'s' * (many > 1)}; the table stays as it was"
    )
    table = Table(show_lines=True)
    table.add_column("行 rows", justify="right")
    table.add_column("内容 values", ratio=1, overflow="fold")
    table.add_column("原因与办法 reason and way out", ratio=3, overflow="fold")
    for reason in refused.reasons:
        told = Text.assemble(said(reason.message), "\n", (said(reason.way_out).plain, "dim"))
        table.add_row(rows_of(reason), Text("\n".join(reason.values)), told)
    problems.print(table)
    if refused.listing:
        problems.print(f"逐项清单 / every cell: {refused.listing}", soft_wrap=True)


def rows_of(reason: Reason) -> str:
    """The first rows of a reason and, where there are more, how many in all."""
    more = [f"… {reason.count:,}×"] if reason.rows and reason.count > len(reason.rows) else []
    return "\n".join([*map(str, reason.rows), *more])


COMMANDS = [ingest_command, lake_group]
