"""`shenzhi history`: prove that nothing was rewritten, publish where history stands, hand the chain to a stranger (article 71)."""

from __future__ import annotations

import csv
import datetime as dt
import json
import sys
import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from shenzhi.kernel.words import Words

console = Console(highlight=False)
NAMED = 20
"""Faults that are named; of more the number is told."""


@click.group()
def history() -> None:
    """历史 / History: verify it, publish its head, export its chain."""


@history.command()
@click.option("--quick", is_flag=True, help="只核对链，不核对记录 / the chains only, not every record")
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="此前保存的链头文件，可多次 / a head kept elsewhere; may be given again",
)
def verify(quick: bool, against: tuple[Path, ...]) -> None:
    """核对历史未被改写 / Prove that history was not rewritten.

    \b
    重算每条链，逐条核对登记簿记录与其历史、数据库触发器和已公布的链头；
    发现问题即逐项列出并以 1 退出。

    Recomputes every chain; compares every record with its history, the triggers of the database and the published heads.
    Names what is altered, missing or inserted, and then exits with 1.
    """
    from shenzhi.config.start import start

    start()
    from shenzhi.kernel.history.verify import KINDS
    from shenzhi.kernel.verifying import verify as check

    known = [head for path in against for head in _heads_in(path)]
    began = time.perf_counter()
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    ) as bar:  # fmt: skip
        task = bar.add_task("核对 checking", total=None)

        def progress(stage: Words, done: int, total: int) -> None:
            bar.update(task, description=f"{stage.zh} {stage.en}", completed=done, total=total)

        verdict = check(quick=quick, known=known, progress=progress)
    seconds = time.perf_counter() - began
    if not verdict.faults:
        console.print(
            f"历史完整：{verdict.events:,} 个事件，用时 {seconds:.1f} 秒 / "
            f"history is whole: {verdict.events:,} events, {seconds:.1f} s"
        )
        return
    for fault in verdict.faults[:NAMED]:
        kind = KINDS[fault.kind]
        console.print(
            f"{kind.zh} {kind.en}: {fault.place}: {fault.what.zh} / {fault.what.en}",
            markup=False,
            soft_wrap=True,
        )
    if (more := len(verdict.faults) - NAMED) > 0:
        console.print(f"……另有 {more} 项 / and {more} more")
    console.print(
        "请保留数据库原样，不要修复；用备份核对后报告。\n"
        "Keep the database as it is, mend nothing; compare with a backup, and report."
    )
    sys.exit(1)


def _heads_in(path: Path) -> list[dict[str, Any]]:
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        heads = given.get("heads", [given])
        return [
            {"day": str(one["day"]), "hash": str(one["hash"]), "lanes": list(one["lanes"])} for one in heads
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise click.ClickException(
            f"{path} 不是链头文件：应为 /history/heads.json 或者 /history/heads/<日期>.json 的内容\n"
            f"{path} is no head: it should be what /history/heads.json or /history/heads/<day>.json gives"
        ) from error


@history.command()
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="日期（默认今天） / the day (default: today)")
def publish(day: dt.datetime | None) -> None:
    """公布当日链头 / Publish the head of the day.

    每日一次；再次执行得到同一链头。Once a day; repeated, it gives the same head."""
    from shenzhi.config.start import start

    start()
    from django.utils import timezone

    from shenzhi.kernel.history import heads

    try:
        head = heads.publish(day.date() if day else timezone.localdate())
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    console.print(f"{head.day}  {head.events:,} 个事件 events  {head.hash}", soft_wrap=True)


@history.command()
@click.argument("file", type=click.File("w", encoding="utf-8"), default="-")
@click.option("--lane", type=int, help="只导出一条链道 / one lane only")
def export(file: Any, lane: int | None) -> None:
    """导出链供他人核对 / Export the chain for others to check.

    \b
    每个事件一行：链道、序号、内容散列值、散列值；不含任何登记内容。
    核对方法见 docs/how-to/check-the-history.md。

    One line for each event: lane, place, content hash, hash; nothing of what was registered.
    docs/how-to/check-the-history.md says how it is checked.
    """
    from shenzhi.config.start import start

    start()
    from shenzhi.kernel.history import heads
    from shenzhi.kernel.history.events import Lane

    out = csv.writer(file, lineterminator="\n")
    out.writerow(heads.COLUMNS)
    lanes = Lane.objects.order_by("number")
    for number, seq in (lanes if lane is None else lanes.filter(number=lane)).values_list("number", "seq"):
        out.writerows(heads.chain(number, 1, seq))


COMMANDS = [history]
