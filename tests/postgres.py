"""A PostgreSQL server of our own for tests and benchmarks: made in a temporary folder, stopped and removed at the end."""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote


class NoServer(RuntimeError):
    """PostgreSQL is not on this machine, or does not start; the message says what to do."""


def programs() -> Path:
    """The folder of PostgreSQL's programs, of the newest version that is here."""
    if here := [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]:
        return max(here, key=lambda path: float(path.parent.name))
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise NoServer("PostgreSQL is not on this machine. Way out (Debian): apt-get install postgresql")


def serve(*settings: str) -> str:
    """Start a server that only this machine's processes reach, by a socket in its own folder, and give its address.

    `settings` are added to the configuration ("shared_buffers=512MB"). What was committed stays committed: fsync is on.
    """
    folder = Path(tempfile.mkdtemp(prefix="shenzhi-pg-"))
    data, owner = folder / "data", _owner()
    if owner:
        os.chown(folder, pwd.getpwnam(owner).pw_uid, -1)
    _run(
        owner,
        "initdb",
        "-D",
        data,
        "-U",
        "shenzhi",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    )
    wanted = ("listen_addresses=''", f"unix_socket_directories='{folder}'", "fsync=on", *settings)
    with (data / "postgresql.conf").open("a") as file:
        file.writelines(f"{line.replace('=', ' = ', 1)}\n" for line in wanted)
    atexit.register(_stop, owner, folder)
    _run(owner, "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-t", "60", "start")
    _run(owner, "createdb", "-h", folder, "-U", "shenzhi", "shenzhi")
    return f"postgresql://shenzhi@{quote(str(folder), safe='')}/shenzhi"


def _owner() -> str:
    """The account that the server runs under: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return ""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


def _run(owner: str, program: str, *arguments: object) -> None:
    done = subprocess.run(
        [str(programs() / program), *map(str, arguments)],
        user=owner or None,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # a server started by pg_ctl would keep a pipe open
        stderr=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NoServer(f"{program}: {done.stderr or 'look into the log beside ' + str(arguments)}")


def _stop(owner: str, folder: Path) -> None:
    try:
        _run(owner, "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
