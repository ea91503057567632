"""Backup and restore, each one command: what comes back is what was there, whole, or nothing is touched."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from kernel.killing import created, furnished


def shenzhi(home: Path, *words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command as an office calls it, over a home and its database."""
    url = (home / "database").read_text() if (home / "database").exists() else ""
    return subprocess.run(
        [sys.executable, "-m", "shenzhi.config", *map(str, words)],
        env={**os.environ, "SHENZHI_HOME": str(home), "SHENZHI_DATABASE": url, "COLUMNS": "200"},
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def office_home(tmp_path_factory) -> Path:
    """A furnished box with one of everything that it keeps, and with what it makes again by itself."""
    home = furnished(tmp_path_factory.mktemp("home"))
    for name, text in (
        ("attachments/ab/abcd", "附件"),
        ("shenzhen/tables/air/_delta_log/0.json", "{}"),
        ("shenzhen/tables/air/part.parquet", "rows"),
        ("shenzhen/published/current", "edition-1"),
        ("shenzhen/published/edition-1/index.json", "{}"),
        ("cache/charts/x.svg", "made again"),
        ("static/x.css", "made again"),
    ):
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert shenzhi(home, "history", "publish", "--day", "2026-01-02").returncode == 0
    return home


@pytest.fixture(scope="module")
def saved(office_home, tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("saved") / "office.tar.gz"
    done = shenzhi(office_home, "backup", file)
    assert done.returncode == 0, done.stdout
    return file


def new_home(folder: Path, name: str) -> Path:
    """An empty home; on PostgreSQL with an empty database of its own, named beside the home."""
    home = folder / name
    if url := created(f"restored_{name}_{os.getpid()}"):
        home.mkdir()
        (home / "database").write_text(url)
    return home


def files(home: Path) -> dict[str, bytes]:
    """What is kept, by name; the database is compared by what it answers."""
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file()
        and path.parts[len(home.parts)] not in ("cache", "static", "database")
        and not path.name.startswith("shenzhi.sqlite3")
    }


ASKED = """
import django; django.setup()
from django.conf import settings
settings.ALLOWED_HOSTS = ["testserver"]
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
from django.test import Client
from shenzhi.kernel.history.events import Event
for address in ("/history/", "/history/heads/2026-01-02.json"):
    print(address, Client().get(address).status_code)
print(Event.objects.count(), "events;", *Event.objects.order_by("id").values_list("hash", flat=True))
"""


def asked(home: Path, url: str) -> str:
    """What pages and database answer over a home."""
    environment = {
        **os.environ,
        "SHENZHI_HOME": str(home),
        "SHENZHI_DATABASE": url,
        "DJANGO_SETTINGS_MODULE": "shenzhi.config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", ASKED], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def database(home: Path) -> str:
    return (home / "database").read_text() if (home / "database").exists() else ""


@pytest.mark.slow
def test_a_restored_box_is_the_box_that_was_saved(office_home, saved, tmp_path):
    home = new_home(tmp_path, "again")
    url = database(home)
    (home / "database").unlink(missing_ok=True)
    done = restored(home, url, saved)
    assert done.returncode == 0, done.stdout
    assert "history is whole: " in done.stdout
    assert files(home) == files(office_home)
    assert asked(home, url) == asked(office_home, database(office_home))
    assert "/history/ 200\n/history/heads/2026-01-02.json 200\n" in asked(home, url)
    (home / "probe").write_text("")
    refused = restored(home, url, saved)
    assert refused.returncode == 1
    assert "nothing was changed" in refused.stdout
    assert (home / "probe").exists()
    replaced = restored(home, url, saved, "--replace")
    assert replaced.returncode == 0, replaced.stdout
    assert not (home / "probe").exists()
    (aside,) = tmp_path.glob("again.before-*")
    assert (aside / "probe").exists()
    assert asked(home, url) == asked(office_home, database(office_home))


def restored(home: Path, url: str, file: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "shenzhi.config", "restore", str(file), *more],
        env={**os.environ, "SHENZHI_HOME": str(home), "SHENZHI_DATABASE": url, "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_manifest_names_every_file_and_nothing_that_is_made_again(saved):
    with tarfile.open(saved) as tar:
        names = tar.getnames()
        manifest = json.load(tar.extractfile("manifest.json"))
    assert names[-1] == "manifest.json"
    assert sorted(names[:-1]) == sorted(manifest["files"])
    assert "home/attachments/ab/abcd" in names
    assert "home/heads/2026-01-02.json" in names
    assert names.index("home/shenzhen/tables/air/_delta_log/0.json") < names.index(
        "home/shenzhen/tables/air/part.parquet"
    )
    assert names.index("home/shenzhen/published/current") < names.index(
        "home/shenzhen/published/edition-1/index.json"
    )
    assert not [name for name in names if re.match(r"home/(cache|static|shenzhi\.sqlite3)", name)]
    assert saved.stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["altered", "missing", "added", "cut"])
def test_a_damaged_backup_is_refused_and_nothing_is_touched(saved, tmp_path, damage):
    whole = tmp_path / "whole"
    with tarfile.open(saved) as tar:
        tar.extractall(whole, filter="data")
    if damage == "altered":
        (whole / "home/attachments/ab/abcd").write_text("另一")
    if damage == "missing":
        (whole / "home/attachments/ab/abcd").unlink()
    if damage == "added":
        (whole / "home/added").write_text("x")
    broken = tmp_path / "broken.tar"
    with tarfile.open(broken, "w") as tar:
        for path in sorted(path for path in whole.rglob("*") if path.is_file()):
            tar.add(path, path.relative_to(whole).as_posix())
    if damage == "cut":
        broken.write_bytes(broken.read_bytes()[:-20_000])
    done = restored(tmp_path / "new", os.environ.get("SHENZHI_TEST_SERVER", ""), broken)
    assert done.returncode == 1
    assert "backup" in done.stdout
    assert not (tmp_path / "new").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".new")] == []


@pytest.mark.slow
def test_a_backup_never_overwrites_a_file(office_home, saved):
    before = saved.read_bytes()
    done = shenzhi(office_home, "backup", saved)
    assert done.returncode == 1
    assert "exists already" in done.stdout
    assert saved.read_bytes() == before
