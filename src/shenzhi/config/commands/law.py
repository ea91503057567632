"""`shenzhi law`: which article of the regulation is carried out by what, and the import of its official text."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from shenzhi.kernel.words import LANGUAGES, Words

HEADINGS = (
    Words("条", "Article"),
    Words("内容", "What it is about"),
    Words("进展", "Progress"),
    Words("执行", "Carried out by"),
    Words("指标", "Indicators"),
)


@click.group()
def law() -> None:
    """条例 / The regulation: its coverage, its official text."""


@law.command()
@click.option("--json", "as_json", is_flag=True, help="输出数据 / print data instead of a table")
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default="zh",
    show_default=True,
    help="表格语言 / language of the table",
)
def coverage(as_json: bool, language: str) -> None:
    """各条的执行与衡量情况 / What carries out each article.

    由代码中的声明算出。Which articles are carried out or measured, and by what; computed from what the code declares."""
    from shenzhi.config.start import start

    start()
    from shenzhi.apps.law.coverage import MEANINGS, STATES, as_data, coverage, tally

    standings = coverage()
    if as_json:
        click.echo(json.dumps([as_data(one) for one in standings.values()], ensure_ascii=False, indent=2))
        return
    table = Table(*(heading.say(language) for heading in HEADINGS))
    table.columns[1].overflow = "fold"
    for one in standings.values():
        table.add_row(
            str(one.article.number),
            one.article.title.say(language),
            STATES[one.state].say(language),
            "\n".join(piece.title.say(language) for piece in one.of("carries")),
            str(sum(piece.real for piece in one.of("measures")) or ""),
            end_section=one.article.number + 1 in standings
            and standings[one.article.number + 1].article.chapter != one.article.chapter,
        )
    console = Console()
    console.print(table)
    for state, count in tally(standings.values()).items():
        console.print(
            f"{count:>4}  {STATES[state].say(language)}：{MEANINGS[state].say(language)}", highlight=False
        )


@law.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
def import_text(file: Path) -> None:
    """导入条例正式文本 / Import the official text.

    从 FILE 读入后，各条页面显示正文。Read from FILE, so that the article pages show it."""
    from shenzhi.apps.law.importer import TextError, keep, kept_in

    try:
        text = keep(file)
    except TextError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"已导入 {len(text.articles)} 条。{len(text.articles)} articles imported into {kept_in()}")
    click.echo(f"SHA-256 {text.sha256}")


COMMANDS = [law]
