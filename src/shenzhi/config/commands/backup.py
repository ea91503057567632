"""`shenzhi backup` puts everything that the box keeps into one file; `shenzhi restore` brings it back, or refuses.

A backup is a tar file: the database, everything in SHENZHI_HOME that cannot be made again, and a manifest with the size
and hash of each. The database is copied first: whatever a row of it names (attachments, snapshots) was on the disk
before the row. What is restored is checked whole before anything of it takes its place.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

MANIFEST = "manifest.json"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
MADE_AGAIN = ("cache", "static")
"""Folders of the home that the box fills again by itself."""

SQLITE = ("shenzhi.sqlite3", "shenzhi.sqlite3-wal", "shenzhi.sqlite3-shm", "shenzhi.sqlite3-journal")
HOME = "home"


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """备份到一个文件 / Put everything that the box keeps into FILE.

    \b
    数据库、附件、数据湖、发布和链头写入 FILE（tar；以 .gz 结尾则压缩），附每个文件的散列值。
    平台运行时也可以备份。FILE 含全部数据和密钥，请妥善保管。

    Database, attachments, lakes, publications and heads, each with its hash, as a tar file (compressed where FILE ends in .gz).
    The platform may run meanwhile. FILE holds all data and keys: keep it safe.
    """
    from shenzhi.config.start import start

    start()
    if file.exists():
        raise click.ClickException(f"{file} 已存在，请换一个文件名 / exists already: choose another name")
    began = time.perf_counter()
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        manifest = _write(part)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    size = file.stat().st_size / 1_000_000
    click.echo(
        f"已备份 {len(manifest['files'])} 个文件，{size:,.1f} MB，用时 {time.perf_counter() - began:.1f} 秒 / "
        f"{len(manifest['files'])} files, {size:,.1f} MB, {time.perf_counter() - began:.1f} s: {file}"
    )


def _write(path: Path) -> dict[str, Any]:
    """Write the tar file and give its manifest, which stands last in it."""
    from django.conf import settings
    from django.db import connection

    home, files = Path(settings.HOME), {}
    gz = path.name.split(".")[-2] == "gz"
    made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with (
        os.fdopen(made, "wb") as raw,
        tarfile.open(fileobj=raw, mode="w|gz" if gz else "w|") as tar,
        tempfile.TemporaryDirectory(prefix="shenzhi-backup-") as scratch,
    ):
        dump = Path(scratch) / DATABASES[connection.vendor]
        _dump(dump)
        files[dump.name] = _add(tar, dump, dump.name)
        for found in _kept(home, home):
            name = f"{HOME}/{found.relative_to(home).as_posix()}"
            try:
                files[name] = _add(tar, found, name)
            except FileNotFoundError:  # a file that was being written when the folder was read
                continue
        manifest = {
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "database": connection.vendor,
            "files": files,
        }
        text = Path(scratch) / MANIFEST
        text.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
        _add(tar, text, MANIFEST)
        tar.close()
        raw.flush()
        os.fsync(raw.fileno())
    return manifest


def _kept(folder: Path, home: Path) -> Iterator[Path]:
    """Every file that is backed up, while others go on writing: what names comes before what is named. The log of a
    table comes before its data, and a pointer before the folders beside it, which are listed after it was copied."""
    if (log := folder / "_delta_log").is_dir():
        yield from _kept(log, home)
    left_out = (*MADE_AGAIN, *SQLITE) if folder == home else ("_delta_log",)
    yield from (path for path in sorted(folder.iterdir()) if path.is_file() and path.name not in left_out)
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name not in left_out:
            yield from _kept(path, home)


def _add(tar: tarfile.TarFile, path: Path, name: str) -> list[Any]:
    """Add a file as it stands now, and give its size and hash."""
    with path.open("rb") as file:
        info = tar.gettarinfo(arcname=name, fileobj=file)
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        read = _Hashed(file, info.size)
        tar.addfile(info, read)
    return [info.size, read.hash.hexdigest()]


class _Hashed:
    """A file of which the first `size` bytes are read and hashed: what is appended meanwhile is left out."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file, self.left, self.hash = file, size, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self.file.read(self.left if size < 0 else min(size, self.left))
        self.left -= len(block)
        self.hash.update(block)
        return block


def _dump(path: Path) -> None:
    """A copy of the database as it stands at one instant, while others go on writing."""
    from django.db import connection

    if connection.vendor == "sqlite":
        with (
            closing(sqlite3.connect(connection.settings_dict["NAME"])) as source,
            closing(sqlite3.connect(path)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        return
    _postgres("pg_dump", "-Fc", "-n", "public", "-f", str(path))


def _postgres(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the database of the settings."""
    from django.db import connection

    here = shutil.which(program)
    if here is None:
        raise click.ClickException(
            f"没有找到 {program}；请安装 PostgreSQL 客户端（Debian：apt-get install postgresql-client）\n"
            f"{program} is not on this machine: install PostgreSQL's client (Debian: apt-get install postgresql-client)"
        )
    given = connection.settings_dict
    named = (("-h", "HOST"), ("-p", "PORT"), ("-U", "USER"), ("-d", "NAME"))
    where = [word for option, key in named if given[key] for word in (option, str(given[key]))]
    done = subprocess.run(
        [here, "--no-password", *where, *arguments],
        env={**os.environ, "PGPASSWORD": given["PASSWORD"] or ""},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise click.ClickException(f"{program}: {done.stderr.strip()}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--replace",
    is_flag=True,
    help="已有数据时移到一旁再恢复 / move what is here aside, then restore",
)
def restore(file: Path, replace: bool) -> None:
    """从备份恢复 / Bring back what FILE holds.

    \b
    先核对每个文件的散列值，全部相符才放入 SHENZHI_HOME（及 PostgreSQL 数据库），然后核对历史。
    已有数据时拒绝；加 --replace 则把现有数据改名保留，再恢复。请先停止平台。

    Every file is checked against its hash before anything takes its place in SHENZHI_HOME and the database; then history is
    verified. Where data are here already it refuses; with --replace they are kept aside. Stop the platform before.
    """
    from shenzhi.pipeline.lake.city import home as home_of_box

    home = home_of_box()
    if _holds(home) and not replace:
        raise click.ClickException(
            f"{home} 中已有数据，未作改动；加 --replace 则把它改名保留后恢复\n"
            f"{home} holds data already, nothing was changed; --replace keeps it aside and restores"
        )
    home.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{home.name}-restoring-", dir=home.parent))
    try:
        manifest = _unpacked(file, scratch)
        aside = _take_place(scratch, home, manifest, replace=replace)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    click.echo(
        f"已恢复 {manifest['made_at']} 的备份 / restored the backup of {manifest['made_at']}: {home}"
        + "".join(f"\n原有数据在 / what was here is now {one}" for one in aside)
    )
    _prove()


def _holds(home: Path) -> bool:
    """Whether the home holds anything that the box would not make again by itself."""
    return home.is_dir() and any(path.name not in (*MADE_AGAIN, "secret") for path in home.iterdir())


def _unpacked(file: Path, scratch: Path) -> dict[str, Any]:
    """Unpack the whole backup beside its place and check every file; a message names what is missing or altered."""
    try:
        with tarfile.open(file, "r:*") as tar:
            tar.extractall(scratch, filter="data")
        manifest = json.loads((scratch / MANIFEST).read_text(encoding="utf-8"))
        wrong = [
            name
            for name, (size, sha256) in manifest["files"].items()
            if not (scratch / name).is_file()
            or (scratch / name).stat().st_size != size
            or _hash(scratch / name) != sha256
        ]
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError) as error:
        raise click.ClickException(f"{file} 不是完整的备份 / is no whole backup: {error}") from error
    found = {path.relative_to(scratch).as_posix() for path in scratch.rglob("*") if path.is_file()}
    wrong += sorted(found - {MANIFEST, *manifest["files"]})
    if wrong:
        raise click.ClickException(
            f"备份已损坏，未作改动 / the backup is damaged, nothing was changed: {', '.join(wrong[:5])}"
        )
    return dict(manifest)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _take_place(scratch: Path, home: Path, manifest: dict[str, Any], *, replace: bool) -> list[str]:
    """Put the checked files where they belong; gives where the earlier ones went."""
    from shenzhi.config.settings import DATABASES as SET

    wanted = "postgresql" if SET["default"]["ENGINE"].endswith("postgresql") else "sqlite"
    if manifest["database"] != wanted:
        raise click.ClickException(
            f"备份来自 {manifest['database']}，当前设置为 {wanted}：请改 SHENZHI_DATABASE\n"
            f"the backup is of {manifest['database']}, the settings say {wanted}: change SHENZHI_DATABASE"
        )
    stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
    dump, kept = scratch / DATABASES[wanted], scratch / HOME
    kept.mkdir(exist_ok=True)
    aside = []
    if wanted == "postgresql":
        aside += _into_postgres(dump, f"before_{stamp}", replace=replace)
    else:
        dump.rename(kept / SQLITE[0])
    if home.exists():
        if _holds(home):
            aside.append(str(home.with_name(f"{home.name}.before-{stamp}")))
            home.rename(aside[-1])
        else:
            shutil.rmtree(home)
    kept.rename(home)
    return aside


def _into_postgres(dump: Path, aside: str, *, replace: bool) -> list[str]:
    """Restore into the database of the settings; a schema that holds tables is renamed before, or refused."""
    from shenzhi.config.start import start

    start()
    from django.db import connection

    moved = []
    with connection.cursor() as cursor:
        tables = bool(connection.introspection.table_names())
        if tables and not replace:
            raise click.ClickException(
                "数据库中已有数据表，未作改动；加 --replace 则改名保留后恢复\n"
                "the database holds tables already, nothing was changed; --replace keeps them aside and restores"
            )
        if tables:
            cursor.execute(f"ALTER SCHEMA public RENAME TO {aside}")
            cursor.execute("CREATE SCHEMA public")
            moved.append(f"schema {aside}")
    connection.close()
    try:
        _postgres(
            "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "-n", "public", str(dump)
        )
    except click.ClickException:
        if moved:
            with connection.cursor() as cursor:
                cursor.execute("DROP SCHEMA public CASCADE")
                cursor.execute(f"ALTER SCHEMA {aside} RENAME TO public")
        raise
    return moved


def _prove() -> None:
    """Verify the history that was restored; ClickException where it is not whole."""
    from shenzhi.config.start import start

    start()
    from shenzhi.kernel.verifying import verify

    verdict = verify()
    if verdict.faults:
        raise click.ClickException(
            f"历史有 {len(verdict.faults)} 处不符，请执行 shenzhi history verify 查看\n"
            f"history has {len(verdict.faults)} faults: see shenzhi history verify"
        )
    click.echo(f"历史完整：{verdict.events:,} 个事件 / history is whole: {verdict.events:,} events")


COMMANDS = [backup, restore]
