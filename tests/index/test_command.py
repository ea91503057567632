"""`shenzhi index` from the command line: what it prints, where it writes, how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shenzhi.config.commands.index import COMMANDS, index
from shenzhi.pipeline.index.published import Publication


def shenzhi(*words: str | Path) -> Result:
    return CliRunner().invoke(index, [str(word) for word in words])


def test_the_group_is_offered_to_the_command_line():
    assert [index] == COMMANDS
    assert sorted(index.commands) == [
        "audit",
        "compare",
        "explain",
        "export",
        "large",
        "publish",
        "run",
        "verify",
        "what-if",
    ]


def test_run_writes_a_folder_that_verify_finds_equal(small, tmp_path):
    out = tmp_path / "out"
    done = shenzhi("run", *small, "--out", out)
    assert done.exit_code == 0
    assert "85.00" in done.output
    assert "3 areas scored; 2 without a score, each with its reason in the files" in " ".join(
        done.output.split()
    )
    assert sorted(path.name for path in out.iterdir()) == [
        "manifest.json", "method.yml", "parts.csv", "parts.parquet", "scales.parquet",
        "scores.csv", "scores.parquet", "series.parquet",
    ]  # fmt: skip
    checked = shenzhi("verify", out)
    assert checked.exit_code == 0
    assert checked.output.splitlines()[-1] == "一致 equal"


def test_verify_ends_with_one_and_the_first_difference(small, tmp_path):
    out = tmp_path / "out"
    shenzhi("run", *small, "--out", out)
    path = out / "method.yml"
    path.write_text(path.read_text().replace("weight: 2", "weight: 5"))
    done = shenzhi("verify", out)
    assert done.exit_code == 1
    assert "不一致 differs: method.yml is not the file that was published" in done.output
    assert "area B, period 2024, node index: score was published as 80.0, recomputed as 75.0" in done.output


def test_every_fault_of_a_method_is_printed_and_nothing_is_written(small, tmp_path):
    method, table = small
    method.write_text(method.read_text().replace("weight: 2", "weight: -2").replace("ties", "tie"))
    done = shenzhi("run", method, table, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert f"{method}: tree > economy: weight must be above 0 (got -2)" in done.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("words", [[], ["somewhere", "--city", "shenzhen"]])
def test_verify_wants_a_folder_or_a_city(words):
    done = shenzhi("verify", *words)
    assert done.exit_code == 2
    assert "name a folder, or a city with --city" in done.output


def test_an_unknown_city_or_folder_is_a_plain_message(tmp_path):
    assert "no city called atlantis: known cities are" in shenzhi("publish", "--city", "atlantis").output
    assert "is not a publication" in shenzhi("verify", tmp_path).output


def test_a_workbook_is_read_like_a_csv(small, tmp_path):
    import csv

    import openpyxl

    method, table = small
    book = openpyxl.Workbook()
    with table.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file)):
            # A spreadsheet holds figures as numbers, and the year as well.
            cells = [
                cell if number == 0 or at in (0, 2) else (float(cell) if cell else None)
                for at, cell in enumerate(row)
            ]
            book.active.append(cells)
    book.save(tmp_path / "table.xlsx")
    assert shenzhi("run", method, table, "--out", tmp_path / "csv").exit_code == 0
    done = shenzhi("run", method, tmp_path / "table.xlsx", "--out", tmp_path / "xlsx")
    assert done.exit_code == 0, done.output
    one, other = (Publication.open(tmp_path / name).manifest["files"] for name in ("csv", "xlsx"))
    assert other["scores.parquet"] == one["scores.parquet"]
    assert other["series.parquet"] == one["series.parquet"]


@pytest.mark.parametrize("written", ["{", "[]", '{"edition": "x"}', ""])
def test_a_damaged_manifest_is_told_in_words(small, tmp_path, written):
    out = tmp_path / "out"
    shenzhi("run", *small, "--out", out)
    (out / "manifest.json").write_text(written)
    done = shenzhi("verify", out)
    assert done.exit_code == 1
    assert "manifest.json 已损坏" in done.output
    assert "is damaged" in done.output


def test_a_city_without_an_edition_is_told_what_to_run_first(tmp_path, monkeypatch):
    monkeypatch.setenv("SHENZHI_HOME", str(tmp_path))
    done = shenzhi("verify", "--city", "model")
    assert done.exit_code == 1
    assert "run shenzhi index publish --city model first" in done.output


def test_areas_of_one_name_are_told_apart_by_their_codes(small, tmp_path):
    method, table = small
    head, *rows = table.read_text().splitlines()
    table.write_text("\n".join([f"{head},called", *(f"{row},市辖区" for row in rows)]) + "\n")
    method.write_text(method.read_text() + "data: {columns: {name: called}}\n")
    done = shenzhi("run", method, table, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "市辖区 B" in done.output


def test_a_large_table_is_scored_from_parquet_to_parquet(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    method = tmp_path / "m.yml"
    method.write_text(
        "method: wide\nversion: '1'\ntitle: {zh: 宽, en: Wide}\nnormalise: {method: goalposts, posts: [0, 10]}\n"
        "tree:\n  code: index\n  children:\n    - {code: a, direction: 1, weight: 1}\n    - {code: b, direction: -1, weight: 3}\n",
        encoding="utf-8",
    )
    table = {"area": ["A", "B"], "period": ["2024", "2024"], "a": [5.0, 10.0], "b": [10.0, 0.0]}
    pq.write_table(pa.table(table), tmp_path / "t.parquet")
    done = shenzhi("large", method, tmp_path / "t.parquet", "--out", tmp_path / "s.parquet", "--rank")
    assert done.exit_code == 0, done.output
    found = {row["area"]: row for row in pq.read_table(tmp_path / "s.parquet").to_pylist()}
    # A: 50 with weight 1 and 0 with weight 3; B: 100 and 100
    assert [found["A"]["index"], found["B"]["index"]] == [12.5, 100.0]
    assert [found["A"]["index_rank"], found["B"]["index_rank"]] == [2, 1]
    method.write_text(method.read_text(encoding="utf-8") + "treat: winsorise\n", encoding="utf-8")
    refused = shenzhi("large", method, tmp_path / "t.parquet", "--out", tmp_path / "no.parquet")
    assert refused.exit_code == 1
    assert "treat" in refused.output
    assert not (tmp_path / "no.parquet").exists()
