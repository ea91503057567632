"""Runs a piece of work again and again in a process that is killed at a random instant, and looks at what stands then.

A test file gives, by a common name, two functions: `filing()`, which works without end and yields what it may
acknowledge, each time after it was committed; and `filing_faults(acknowledged)`, which says what is wrong in the database
after a kill; and, where the work needs what takes long to load, `filing_ready()`, called once before.
`survive(__file__, "filing", kills=200, home=...)` lets this file run them as a program of its own, over a database of
its own that holds the office of the tests.
"""

from __future__ import annotations

import argparse
import os
import random
import runpy
import select
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from urllib.parse import unquote, urlsplit

TESTS = Path(__file__).resolve().parents[1]
_PATTERNS = count(1)  # several files of tests share a process, and none may get the other's pattern


def furnished(home: Path) -> Path:
    """A home whose database is migrated and holds the office, as a pattern for copies."""
    if url := created(f"pattern_{os.getpid()}_{next(_PATTERNS)}"):
        (home / "database").write_text(url)
    _program(home, "--furnish")
    return home


def survive(
    file: str, name: str, *, kills: int, pattern: Path, home: Path, seed: int = 1, latest: float = 0.12
) -> str:
    """What the program told at its end; AssertionError with all it said when anything was half done or lost. Each kill
    comes when up to two things were acknowledged, and then within `latest` seconds."""
    shutil.copytree(pattern, home, dirs_exist_ok=True)
    if (pattern / "database").exists():
        source = urlsplit((pattern / "database").read_text()).path.lstrip("/")
        (home / "database").write_text(created(f"{name}_{os.getpid()}_{seed}", template=source))
    return _program(home, file, name, str(kills), str(seed), str(latest))


def _program(home: Path, *arguments: str) -> str:
    url = (home / "database").read_text() if (home / "database").exists() else ""
    done = subprocess.run(
        [sys.executable, __file__, *arguments],
        env={**os.environ, "SHENZHI_HOME": str(home), "SHENZHI_DATABASE": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def created(name: str, template: str = "template1") -> str:
    """A new database on the server of the tests, where they run on one; "" for SQLite."""
    server = os.environ.get("SHENZHI_TEST_SERVER")
    if not server:
        return ""
    import psycopg

    with psycopg.connect(_dsn(server), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return server.rsplit("/", 1)[0] + f"/{name}"


def _dsn(url: str) -> str:
    at = urlsplit(url)
    return f"host={unquote(at.hostname or '')} user={at.username} dbname=postgres"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--furnish", action="store_true")
    parser.add_argument("rest", nargs="*")
    asked = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "shenzhi.config.settings"
    sys.path.insert(0, str(TESTS))
    import django

    django.setup()
    if asked.furnish:
        from django.core.management import call_command

        from office import furnish

        call_command("migrate", verbosity=0, skip_checks=True)
        furnish()
        return
    file, name, kills, seed, latest = asked.rest
    work = runpy.run_path(file)
    work.get(f"{name}_ready", lambda: None)()
    sys.exit(run(work[name], work[f"{name}_faults"], int(kills), random.Random(int(seed)), float(latest)))


def run(
    act: Callable[[], Iterator[str]],
    faults: Callable[[list[str]], list[str]],
    kills: int,
    chance: random.Random,
    latest: float,
) -> int:
    """The number of kills that left something wrong; each is told on a line."""
    from django.db import connections

    acknowledged: list[str] = []
    wrong = 0
    for turn in range(kills):
        connections.close_all()  # a child must not inherit a conversation with the server
        first, instant = chance.randrange(3), chance.uniform(0, latest)
        told = _killed(act, first, instant)
        acknowledged += told
        if found := faults(acknowledged):
            wrong += 1
            print(f"kill {turn}, {instant * 1000:.1f} ms after {first} were told: {'; '.join(found)}")
        if wrong == 5:
            break
    print(f"{kills} kills, {len(acknowledged)} acknowledged, {wrong} left something wrong")
    return wrong


def _killed(act: Callable[[], Iterator[str]], first: int, instant: float) -> list[str]:
    """What a child acknowledged before it was killed: some seconds (`instant`) after the `first` lines of it. So a slow
    machine is given the time it needs, and something is acknowledged in most turns."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            from django.db import connection

            connection.ensure_connection()
            os.write(writing, b"begun\n")
            for line in act():
                os.write(writing, f"{line}\n".encode())
        except BaseException:
            traceback.print_exc(file=sys.stdout)
            sys.stdout.flush()
        finally:
            os._exit(3)  # the work ends only by being killed
    os.close(writing)
    told = b""
    while told.count(b"\n") <= first:  # the first line of all says that the work has begun
        if not select.select([reading], [], [], 60)[0] or not (more := os.read(reading, 65536)):
            raise SystemExit("the work ended by itself, or came to nothing in a minute")
        told += more
    time.sleep(instant)
    ended, status = os.waitpid(child, os.WNOHANG)
    if ended:
        raise SystemExit(f"the work ended by itself with {status}")
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as file:
        lines = (told + file.read()).decode().split("\n")
    return lines[1:-1]  # the last line is empty, or was cut


if __name__ == "__main__":
    main()
