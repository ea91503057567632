"""`shenzhi law`, as a person at a terminal uses it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from shenzhi.apps.law import importer
from shenzhi.apps.law.coverage import coverage
from shenzhi.config.commands.law import law
from shenzhi.kernel.articles import called


@pytest.fixture
def at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SHENZHI_HOME", str(tmp_path / "home"))
    return tmp_path


def test_the_coverage_as_data_has_every_article_with_its_state():
    done = CliRunner().invoke(law, ["coverage", "--json"])
    assert done.exit_code == 0
    given = json.loads(done.output)
    assert {one["article"]: one["state"] for one in given} == {n: one.state for n, one in coverage().items()}


@pytest.mark.parametrize(
    ("language", "heading"), [("zh", "质量大数据平台"), ("en", "Big-data platform for quality")]
)
def test_the_table_speaks_one_language(language, heading, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    done = CliRunner().invoke(law, ["coverage", "--language", language])
    assert done.exit_code == 0
    assert heading in done.output


def test_an_imported_text_is_there_for_the_pages(at_home):
    file = at_home / "law.txt"
    file.write_text("\n".join(f"{called(n).zh} 第{n}号。" for n in range(1, 98)), encoding="gb18030")
    done = CliRunner().invoke(law, ["import", str(file)])
    assert done.exit_code == 0
    assert "97 articles imported" in done.output
    text = importer.kept()
    assert text is not None
    assert text.articles[86] == (importer.Paragraph("第86号。"),)


def test_a_refused_text_ends_with_an_error_and_keeps_nothing(at_home):
    file = at_home / "law.txt"
    file.write_text("第一条 甲。", encoding="utf-8")
    done = CliRunner().invoke(law, ["import", str(file)])
    assert done.exit_code == 1
    assert "the text ends with article 1; the regulation has 97" in done.output
    assert importer.kept() is None
