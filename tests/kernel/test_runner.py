"""The platform's own work: done when due, by one at a time, and no chore stops another."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import pytest
from click.testing import CliRunner
from django.contrib.sessions.models import Session
from django.utils import timezone

from shenzhi.config.cli import main
from shenzhi.kernel.access.reads import ReadLog
from shenzhi.kernel.history.events import Head
from shenzhi.kernel.words import Words
from shenzhi.kernel.work.chores import CHORES, Chore
from shenzhi.kernel.work.models import ChoreRun
from shenzhi.kernel.work.runner import AGAIN, LEASE, run, standings, take, work_off

KERNEL = CHORES[:5]
"""The chores of the kernel; the floors above add theirs behind."""

HOUR = dt.timedelta(hours=1)


def a_chore(code: str, do, every: dt.timedelta = HOUR) -> Chore:
    return Chore(code, Words(code, code), every, do)


def fails() -> str:
    raise ZeroDivisionError("no letters today")


@pytest.mark.django_db
def test_a_chore_is_done_when_it_is_due_and_not_before():
    seen: list[str] = []
    chore = a_chore("count", lambda: seen.append("done") or "1 counted")
    assert [work_off([chore]), work_off([chore])] == [["count"], []]
    noted = ChoreRun.objects.get()
    assert (seen, noted.result, noted.error, noted.held_until) == (["done"], "1 counted", "", None)
    assert noted.due_at - noted.ended_at == HOUR
    ChoreRun.objects.update(due_at=timezone.now())
    assert work_off([chore]) == ["count"]


@pytest.mark.django_db
def test_a_chore_that_fails_is_noted_tried_again_soon_and_stops_no_other(caplog):
    chores = [a_chore("bad", fails), a_chore("good", lambda: "fine")]
    assert work_off(chores) == ["good"]
    bad = ChoreRun.objects.get(chore="bad")
    assert (bad.error, bad.ended_at, bad.held_until) == ("ZeroDivisionError: no letters today", None, None)
    assert bad.due_at - bad.failed_at == AGAIN
    assert [record.message for record in caplog.records] == ["chore bad"]
    ChoreRun.objects.update(due_at=timezone.now())
    work_off([a_chore("bad", lambda: "mended")])
    bad.refresh_from_db()
    assert (bad.error, bad.result) == ("", "mended")
    assert bad.failed_at is not None  # when it last went wrong stays known


@pytest.mark.django_db
def test_a_chore_that_is_held_is_left_alone_until_its_lease_has_run_out():
    chore = a_chore("slow", lambda: "")
    assert [take(chore), take(chore)] == [True, False]
    assert work_off([chore]) == []
    ChoreRun.objects.update(held_until=timezone.now() - dt.timedelta(seconds=1))
    assert work_off([chore]) == ["slow"]


@pytest.mark.django_db
def test_a_lease_is_longer_than_the_time_between_two_looks():
    take(a_chore("slow", lambda: ""))
    held = ChoreRun.objects.get()
    assert held.held_until - held.began_at == LEASE


@pytest.mark.django_db
def test_the_runner_stops_when_told_and_when_nobody_is_left_to_work_for():
    stop = threading.Event()
    stop.set()
    run(stop)
    run(threading.Event(), gone=lambda: True)
    assert ChoreRun.objects.count() == 0


@pytest.mark.django_db
def test_every_chore_of_the_platform_runs_on_an_empty_box(settings, tmp_path):
    settings.HOME = tmp_path
    assert work_off(KERNEL) == [chore.code for chore in KERNEL]
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    assert {one.chore.code: one.run.result for one in standings() if one.run} == {
        "letters": "0 sent",
        "head": f"head of {yesterday}",
        "reads": "0 forgotten",
        "sessions": "cleared",
        "uploads": "0 swept",
    }
    assert Head.objects.get().day == yesterday


@pytest.mark.django_db
def test_the_head_of_a_day_is_published_once():
    head = next(chore for chore in CHORES if chore.code == "head")
    assert [head.do(), head.do()] == [head.do()] * 2
    assert Head.objects.count() == 1


@pytest.mark.django_db
def test_what_must_not_be_kept_is_cleared_and_the_rest_is_not():
    now = timezone.now()
    for key, days in (("old", -1), ("new", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=now + dt.timedelta(days=days))
    for days in (-5 * 366 - 1, -1):
        ReadLog.objects.create(at=now + dt.timedelta(days=days), register="r", record=1, fields="name")
    for chore in CHORES:
        if chore.code in ("reads", "sessions"):
            chore.do()
    assert [one.session_key for one in Session.objects.all()] == ["new"]
    assert ReadLog.objects.count() == 1


@pytest.mark.django_db
def test_the_command_does_what_is_due_and_lists_how_it_went(settings, tmp_path):
    settings.HOME = tmp_path
    ChoreRun.objects.create(chore="head", error="ValueError: x")
    ChoreRun.objects.create(chore="lake", due_at=timezone.now() + HOUR)
    once = CliRunner().invoke(main, ["work", "--once"])
    # the parts of the web and the lake announce chores of their own after these
    assert once.output.strip().startswith("完成 done: letters, head, reads, sessions, uploads")
    listed = CliRunner().invoke(main, ["work", "--list"]).output.splitlines()
    assert [line.split()[0] for line in listed][:5] == ["letters", "head", "reads", "sessions", "uploads"]
    assert listed[3].startswith("sessions  清除过期的登录会话 Clear expired sessions: 20")


def wait_for(happened, seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happened():
            return True
        time.sleep(0.2)
    return False


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.slow
def test_the_runner_beside_a_server_ends_with_it(tmp_path):
    env = {**os.environ, "SHENZHI_HOME": str(tmp_path), "SHENZHI_DATABASE": ""}
    migrate = "import django; django.setup()\nfrom django.core.management import call_command; call_command('migrate', verbosity=0)"
    subprocess.run([sys.executable, "-c", migrate], env=env, check=True, timeout=120)
    begin = (
        "import time\nfrom shenzhi.config.start import start\nstart()\n"
        "from shenzhi.config.commands import serve\n"
        "print(serve.works_beside().pid, flush=True)\ntime.sleep(600)\n"
    )
    box = sqlite3.connect(tmp_path / "shenzhi.sqlite3", timeout=20)
    for round_, end in enumerate((signal.SIGTERM, signal.SIGKILL), start=1):
        server = subprocess.Popen([sys.executable, "-c", begin], env=env, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        try:
            runner = int(server.stdout.readline())
            assert wait_for(lambda: done(box) >= len(KERNEL)), "the runner did not do its chores"
            assert alive(runner)
            server.send_signal(end)
            server.wait(30)
            assert wait_for(lambda pid=runner: not alive(pid), 30), (
                f"the runner outlived its server, {round_}"
            )
        finally:
            server.kill()
        with box:
            box.execute("UPDATE kernel_chorerun SET ended_at = NULL, due_at = '2020-01-01'")


def done(box: sqlite3.Connection) -> int:
    (count,) = box.execute("SELECT count(*) FROM kernel_chorerun WHERE ended_at IS NOT NULL").fetchone()
    return count
