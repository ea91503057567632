"""Habits of the repository that a machine can watch: locks, file sizes, two READMEs that agree."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".py", ".md", ".yml", ".toml", ".txt", ".html", ".css", ".js", ".typ", ""}


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_every_locked_package_has_a_hash_and_no_lock_names_an_address():
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        packages = re.findall(
            r"^\S+==\S+.*\\\n(?:    #.*\n)*    --hash=sha256:[0-9a-f]{64}", text, flags=re.M
        )
        assert len(packages) == len(re.findall(r"^\S+==", text, flags=re.M)) > 0


def test_no_package_is_under_agpl_or_gpl():
    from importlib.metadata import distribution

    names = re.findall(r"^([A-Za-z0-9_.-]+)==", (ROOT / "requirements/run.txt").read_text(), flags=re.M)
    installed = [name for name in names if name not in ("colorama", "tzdata", "pyreadline3")]
    for name in installed:
        about = distribution(name).metadata
        licence = " ".join([about.get("License-Expression") or "", (about.get("License") or "")[:200]])
        classifiers = " ".join(
            line for line in about.get_all("Classifier") or [] if line.startswith("License")
        )
        assert not re.search(r"\bA?GPL", f"{licence} {classifiers}".replace("LGPL", "")), name


def test_a_file_of_code_that_grows_past_500_lines_has_a_reason():
    grown = {
        path.relative_to(ROOT).as_posix(): lines
        for path in tracked()
        if path.suffix == ".py"
        and path.parent.name != "migrations"  # written by a program from the models
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > 500
    }
    assert grown == {}


def test_the_project_names_no_place_of_a_single_machine():
    for path in tracked():
        if path.suffix in TEXT and path != Path(__file__):
            text = path.read_text(encoding="utf-8", errors="replace")
            found = re.search(r"/home/\w+/|/root/|/work/|pypi\.org|files\.pythonhosted|registry\.npmjs", text)
            assert found is None, f"{path}: {found}"


def test_both_readmes_give_the_same_commands_and_the_same_floors():
    english, chinese = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md")
    )

    def commands(text: str) -> list[str]:
        return re.findall(r"^make \w+", text, flags=re.M)

    def floors(text: str) -> list[str]:
        return re.findall(r"^\| `(\w+)/` \|", text, flags=re.M)

    assert commands(english) == commands(chinese) == ["make run", "make test"]
    assert floors(english) == floors(chinese) == ["config", "web", "apps", "pipeline", "kernel", "calc"]


def test_plain_make_lists_every_target_it_offers():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), flags=re.M)
    assert phony is not None
    assert set(re.findall(r"^make (\w+)", listed, flags=re.M)) == set(phony[1].split()) - {"help"}


@pytest.mark.django_db
def test_the_migrations_make_the_tables_that_the_models_name():
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)  # SystemExit where one is missing
