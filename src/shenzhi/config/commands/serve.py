"""`shenzhi run` does the main job from the files that come with the box to the portal; `shenzhi serve` only serves."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from shenzhi.config.commands.report import keep_page
from shenzhi.config.start import start
from shenzhi.kernel.words import Words

console = Console(highlight=False, stderr=False)


def _stage(title: str, verb: Callable[..., Any], *things: Any) -> Any:
    """Run `verb(*things, progress=...)` while its progress is shown, then leave a line that says how long it took."""
    began = time.perf_counter()
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(24), TimeElapsedColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    ) as bar:  # fmt: skip
        task = bar.add_task(title, total=None)

        def progress(stage: Words, done: int, total: int) -> None:
            bar.update(
                task, description=f"{title} · {stage.zh} {stage.en}", completed=done, total=total or None
            )

        result = verb(*things, progress=progress)
    console.print(f"[green]✓[/] {title}  [dim]{time.perf_counter() - began:.1f} s[/]")
    return result


def prepare() -> None:
    """Load every city, compute and publish its index, write its reports; what is done already is not done again."""
    from shenzhi.pipeline.index.publish import publish
    from shenzhi.pipeline.lake.city import all_cities
    from shenzhi.pipeline.lake.lake import Lake
    from shenzhi.pipeline.lake.reasons import Refused
    from shenzhi.pipeline.lake.registers import take_in_all
    from shenzhi.pipeline.reports.report import write_report
    from shenzhi.pipeline.statistics.returns import load_returns

    try:
        _stage("登记簿入湖 · registers into the lake", take_in_all)
    except Refused as refused:  # the portal opens all the same, with this register as it was taken in before
        console.print(f"[yellow]{escape(str(refused))}[/]")
    for city in all_cities():
        name = f"{city.title.zh} {city.title.en}"
        lake = Lake(city)
        _stage(f"{name}：入湖 · files into the lake", load_returns, city, lake)
        publication = _stage(f"{name}：计算并发布指数 · compute and publish", publish, city)
        _stage(f"{name}：统计报告 · statistical report", write_report, city, publication)
        keep_page(city.slug)


def open_office() -> None:
    """Bring the database up to date and enter what a new office lacks; what is there stays as it is."""
    from shenzhi.config.opening import fill, migrate
    from shenzhi.kernel.office import OfficeError, office

    start()
    try:
        here = office()
        _stage("数据库 · database", migrate)
        _stage(f"{here.title.zh} {here.title.en}：办公室 · office", fill, here)
    except OfficeError as error:
        raise click.ClickException(str(error)) from error
    if here.fictional:
        console.print("[dim]演示账号 Demo accounts: shenzhi office demo[/]")


def _held(port: int) -> socket.socket:
    """The port of this machine, held from now on, so that nobody takes it while the box is being prepared.

    0 takes any free port. It does not listen yet: a reader who comes early is told at once that nobody is there."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        held.bind(("127.0.0.1", port))
    except OSError as error:
        held.close()
        raise click.ClickException(
            f"端口 {port} 已被占用 port {port} is in use: 换一个端口 choose another with --port {port + 1} "
            f"(make run PORT={port + 1})"
        ) from error
    held.set_inheritable(True)
    return held


def _warm(worker: Any) -> None:
    """Before a server process answers anybody, open a page of each costly kind in it: no reader pays for the first one,
    and `/alive` means that pages come at once. What breaks here is logged, and is answered when somebody asks for it."""
    from django.conf import settings
    from django.test import Client

    from shenzhi.pipeline.lake.city import all_cities
    from shenzhi.pipeline.reports import engine
    from shenzhi.web.portal import drawer
    from shenzhi.web.portal.editions import edition_or_none
    from shenzhi.web.portal.serve import settle

    host = next((name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"), "localhost")
    client = Client(raise_request_exception=False, headers={"host": host})
    try:
        engine.start()
        with drawer.held():  # drawing waits for the first reader, or it would slow the start of all processes
            for city in all_cities():
                pages = ["", "data/"]
                if (edition := edition_or_none(city)) is not None:
                    drawer.load(edition)
                    pages += drawer.samples(edition)
                for page in pages:
                    client.get(f"/{city.slug}/{page}")
                    if page in ("", "report/"):  # the two that keep something for each language
                        client.get(f"/en/{city.slug}/{page}")
            for page in ("/search/?q=a", "/law/", "/law/86/"):
                client.get(page)
    except Exception:  # one damaged city must not keep the process, and with it the whole box, from starting
        logging.getLogger(__name__).exception("warming up")
    settle()


def works_beside() -> subprocess.Popen[bytes]:
    """The platform's own work (letters, daily head, clearing up) in a process of its own, which ends with this one."""
    beside = ["work", "--beside", str(os.getpid())]
    return subprocess.Popen([sys.executable, "-m", "shenzhi.config", *beside], stdin=subprocess.DEVNULL)


def _serve(held: socket.socket, workers: int, *, works: bool = True) -> None:
    from django.core.management import call_command
    from gunicorn.app.base import BaseApplication

    start()
    call_command("collectstatic", interactive=False, verbosity=0)

    port, bound = held.getsockname()[1], f"fd://{held.detach()}"

    class Server(BaseApplication):
        def load_config(self) -> None:
            self.cfg.set("bind", bound)
            self.cfg.set("workers", workers)
            self.cfg.set("threads", 4)
            self.cfg.set("worker_class", "gthread")
            self.cfg.set("timeout", 120)
            self.cfg.set("loglevel", "warning")
            self.cfg.set("post_worker_init", _warm)
            self.cfg.set("control_socket_disable", True)  # everything the box keeps lies in its own folder

        def load(self) -> Any:
            from shenzhi.config.wsgi import application

            return application

    if works:
        works_beside()
    console.print(
        f"\n深质门户 The portal is at [bold]http://127.0.0.1:{port}/[/]   English: http://127.0.0.1:{port}/en/"
    )
    console.print(
        "[dim]停止按 Ctrl-C；再次运行会接着做，不会删除任何东西。 Ctrl-C stops it; run again to continue.[/]"
    )
    Server().run()


_port = click.option(
    "--port",
    default=8000,
    show_default=True,
    help="本机端口，0 为任一空闲端口 Port on this machine (127.0.0.1); 0 takes any free one.",
)
_workers = click.option("--workers", default=2, show_default=True, help="服务进程数 Server processes.")


@click.command()
@_port
@_workers
@click.option("--prepare-only", is_flag=True, help="只准备，不启动门户 Prepare only, do not serve.")
def run(port: int, workers: int, prepare_only: bool) -> None:
    """载入、计算、发布、出报告并启动门户。 From the files to the portal.

    再次运行会接着做，不会删除任何东西。 Run again to continue where it stopped; nothing is ever deleted.
    """
    held = None if prepare_only else _held(port)
    open_office()
    prepare()
    if held is not None:
        # a fresh process: the engines that prepared the box run threads of their own, which do not survive the
        # server's forking and would leave its processes waiting for ever
        serving = ["serve", "--held", str(held.detach()), "--workers", str(workers)]
        os.execv(sys.executable, [sys.executable, "-m", "shenzhi.config", *serving])


@click.command()
@_port
@_workers
@click.option("--held", type=int, default=None, hidden=True, help="已持有的端口 A port held by the caller.")
@click.option("--no-work", is_flag=True, help="后台工作另行运行 The chores run elsewhere (shenzhi work).")
def serve(port: int, workers: int, held: int | None, no_work: bool) -> None:
    """启动门户。 Serve the portal over what is published already."""
    if held is None:  # else `shenzhi run` has opened the office before it called
        open_office()
    _serve(_held(port) if held is None else socket.socket(fileno=held), workers, works=not no_work)


COMMANDS = [run, serve]
