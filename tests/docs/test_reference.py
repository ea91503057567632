"""The generated reference is what the code says; links between documents lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from shenzhi.config.cli import main
from shenzhi.config.commands.docs import docs
from shenzhi.config.docs import PAGES, REFERENCE, stale, write
from shenzhi.kernel.registers.catalogue import registers

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])


def test_no_reference_page_is_stale():
    assert stale(REFERENCE) == [], "run `make docs` and keep what it writes"


@pytest.mark.slow
def test_a_changed_page_is_named_and_written_again(tmp_path):
    assert write(tmp_path) == list(PAGES)
    assert write(tmp_path) == []
    page = tmp_path / "sources.md"
    page.write_text(page.read_text(encoding="utf-8") + "by hand\n", encoding="utf-8")
    (tmp_path / "methods.md").unlink()
    checked = CliRunner().invoke(docs, ["--check", "--out", str(tmp_path)])
    assert checked.exit_code == 1
    assert "stale: sources.md, methods.md" in checked.output
    assert write(tmp_path) == ["sources.md", "methods.md"]
    assert CliRunner().invoke(docs, ["--check", "--out", str(tmp_path)]).exit_code == 0


def test_no_generated_page_names_this_machine():
    for name in PAGES:  # as they would be written now: none is stale
        text = (REFERENCE / name).read_text(encoding="utf-8")
        assert str(ROOT) not in text
        assert str(Path.home()) + "/" not in text


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_of_the_project_leads_somewhere(path):
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    for target, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        file = (path.parent / target).resolve() if target else path
        assert file.exists(), f"{path.name}: {target}"
        if anchor:
            assert anchor in anchors(file), f"{path.name}: {target}#{anchor}"


def test_the_front_page_of_the_documents_names_every_page():
    front = ROOT / "docs" / "README.md"
    linked = re.findall(r"\]\(([^)#\s]+)", front.read_text(encoding="utf-8"))
    pages = {path.relative_to(front.parent).as_posix() for path in front.parent.rglob("*.md")} - {"README.md"}
    assert pages - set(linked) == set()


def commands_in(text: str) -> list[list[str]]:
    """The words of each call of `shenzhi` in the examples of a page."""
    shells = re.findall(r"```sh\n(.*?)```", text, re.S)
    calls = re.findall(r"^ *(?:\S*/)?shenzhi +(.*)$", "".join(shells), re.M)
    return [re.split(r" #| \||[;&>]", call)[0].split() for call in calls]


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_command_that_a_page_calls_exists_with_its_options(path):
    for words in commands_in(path.read_text(encoding="utf-8")):
        command = main
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            found = command.get_command(click.Context(command), words[0])
            assert found is not None, f"{path.name}: shenzhi {words[0]}"
            command, words = found, words[1:]
        known = {option for one in command.params for option in [*one.opts, *one.secondary_opts]}
        asked = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert asked - known - {"--help", "--version"} == set(), f"{path.name}: {command.name}"


def test_every_register_and_every_clock_of_a_procedure_is_in_the_reference():
    text = (REFERENCE / "registers.md").read_text(encoding="utf-8")
    rules = (REFERENCE / "limits.md").read_text(encoding="utf-8")
    for one in registers():
        assert f"## `{one.slug}` {one.title.zh} {one.title.en}\n" in text
        for clock in one.procedure.clocks if one.procedure else ():
            assert f"| `{clock.rule}` |" in rules, f"{one.slug}: {clock.rule} has no limit to start with"
