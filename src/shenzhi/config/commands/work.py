"""`shenzhi work`: letters, the daily head of history and clearing up, beside the server or on a machine of its own."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import click
from django.utils.timezone import localtime

from shenzhi.config.start import start

if TYPE_CHECKING:  # it can be loaded only once Django is set up
    from shenzhi.kernel.work.runner import Standing


@click.command()
@click.option("--once", is_flag=True, help="只做一轮到期的工作 Do what is due once and stop.")
@click.option(
    "--list", "listed", is_flag=True, help="列出各项工作及上次结果 List the chores and how they last went."
)
@click.option(
    "--beside", type=int, default=None, hidden=True, help="随该进程结束 Stop when this process has gone."
)
def work(once: bool, listed: bool, beside: int | None) -> None:
    """做平台自己的工作：发通知、公布摘要、清理。 Do the platform's own work.

    可以同时运行几个，同一项工作不会同时做两次。 Several may run; no chore is done twice at once.
    """
    start()
    from shenzhi.kernel.work import runner  # needs Django to be set up

    if listed:
        for standing in runner.standings():
            _tell(standing)
        return
    if once:
        done = runner.work_off()
        click.echo(f"完成 done: {', '.join(done) or '-'}")
        return
    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    runner.run(stop, gone=lambda: beside is not None and os.getppid() != beside)


def _tell(standing: Standing) -> None:
    run = standing.run
    last = (
        "-"
        if run is None or run.ended_at is None
        else f"{localtime(run.ended_at):%Y-%m-%d %H:%M:%S} {run.result}"
    )
    click.echo(f"{standing.chore.code:<10}{standing.chore.title.zh} {standing.chore.title.en}: {last}")
    if run is not None and run.error:
        click.echo(f"{'':<10}{run.error}")


COMMANDS = [work]
