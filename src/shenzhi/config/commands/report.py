"""`shenzhi report`: set the statistical report of a city as PDF, or check one against its edition (article 86)."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from shenzhi.config.start import start
from shenzhi.kernel.words import LANGUAGES, Words

console = Console(highlight=False)


@click.command()
@click.option(
    "--city",
    "slug",
    default="shenzhen",
    show_default=True,
    help="城市 / a city of the box, or a folder with city.yml",
)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=None,
    help="只出一种语言 / one language instead of both",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=None,
    help="输出文件夹 / folder instead of the city's own",
)
@click.option(
    "--base",
    default=None,
    help="链接所指门户的地址 / address of the portal that links lead to  [default: http://127.0.0.1:8000]",
)
@click.option(
    "--check", is_flag=True, help="重新查询并比较 / ask the edition again what the report asked, and compare"
)
def report(slug: str, language: str | None, out: Path | None, base: str | None, check: bool) -> None:
    """统计报告 / Set the statistical report as PDF.

    由当前版本排出中文和英文的带标签 PDF。Of the current edition, as tagged PDF, in Chinese and English."""
    from shenzhi.pipeline.index.published import Publication
    from shenzhi.pipeline.lake.city import CityError, all_cities, load_city
    from shenzhi.pipeline.reports import report as reports

    try:
        city = load_city(slug)
    except CityError as error:
        raise click.ClickException(str(error)) from error
    publication = Publication.current(city)
    if publication is None:
        raise click.ClickException(
            f"{city.slug} 还没有已发布的指数，请先运行 shenzhi index publish --city {slug}\n"
            f"{city.slug} has no published index to report on: run shenzhi index publish --city {slug} first"
        )
    folder = out or reports.report_folder(city, publication)
    try:
        if check:
            _check(reports.check_report(publication, folder), folder)
            return
        with console.status("") as status:

            def tell(step: Words, done: int, total: int) -> None:
                status.update(f"{step.zh} · {step.en}")

            paths = reports.write_report(
                city, publication, language, tell, out=folder, base=base or reports.BASE
            )
            if out is None and any(one.slug == city.slug for one in all_cities()):
                keep_page(city.slug)
    except reports.ReportError as error:
        raise click.ClickException(str(error)) from error
    for path in paths:
        console.print(str(path))


def keep_page(slug: str) -> None:
    """Write the report of a city of the box as a page too, where it is so long that a reader would wait for it."""
    start()
    from shenzhi.web.portal.chapters import keep
    from shenzhi.web.portal.editions import edition_of

    keep(edition_of(slug))


def _check(wrong: list[str], folder: Path) -> None:
    if wrong:
        listed = "\n".join(f"  {one}" for one in wrong[:20])
        raise click.ClickException(
            f"{folder}：{len(wrong)} 处与报告所依据的不符，请重新生成报告，或打开报告所注明的版本\n"
            f"{folder}: {len(wrong)} answers are not those the report was written from:\n{listed}\n"
            "set the report again, or open the edition that it names"
        )
    console.print(f"{folder}: 一致 equal")


COMMANDS = [report]
