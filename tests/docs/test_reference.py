"""The generated reference is what the code says; links between documents lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from shenzhi.config.commands.docs import docs
from shenzhi.config.docs import PAGES, REFERENCE, stale, write

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
