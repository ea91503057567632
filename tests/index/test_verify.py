"""Verification: equal when nothing was touched; otherwise the first thing that differs is named."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shenzhi.pipeline.index import verify as module
from shenzhi.pipeline.index.folder import certificate_of, sha256
from shenzhi.pipeline.index.local import run_table
from shenzhi.pipeline.index.published import PublicationError
from shenzhi.pipeline.index.verify import verify


@pytest.fixture
def folder(small, tmp_path) -> Path:
    return run_table(*small, tmp_path / "out")[0].folder


def forge(folder: Path, name: str, change) -> None:
    """Change a table and put its new hash into the manifest, as someone would who wants to be believed."""
    path = folder / f"{name}.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    vouch(folder, path.name)


def vouch(folder: Path, name: str) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = sha256((folder / name).read_bytes())
    (folder / "manifest.json").write_text(json.dumps(manifest))


def row(rows, **wanted):
    return next(one for one in rows if all(one[key] == value for key, value in wanted.items()))


def test_what_was_not_touched_is_equal_to_the_last_bit(folder):
    verdict = verify(folder)
    assert verdict.equal
    assert verdict.first_difference == ""
    # 5 areas in 2 periods: 6 nodes, 5 of which are parts of another; 3 indicators with 2 posts each
    assert [check.detail for check in verdict.checks][-3:] == [
        "60 rows, identical to the last bit",
        "50 rows, identical to the last bit",
        "6 rows, identical to the last bit",
    ]


def test_one_changed_byte_is_found_by_its_hash(folder):
    path = folder / "parts.csv"
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(bytes(data))
    verdict = verify(folder)
    assert not verdict.equal
    assert verdict.first_difference == (
        "parts.csv is not the file that was published: its SHA-256 is not the one in manifest.json"
    )


def test_a_file_that_is_gone_is_named(folder):
    (folder / "scores.csv").unlink()
    assert verify(folder).first_difference == "scores.csv is missing"


def test_a_table_that_is_gone_or_broken_is_named(folder):
    (folder / "scores.parquet").write_bytes(b"PAR1 not really")
    verdict = verify(folder)
    assert not verdict.equal
    assert verdict.first_difference.startswith("scores.parquet is not the file that was published")
    assert "a table cannot be read" in verdict.checks[-1].detail


def test_a_forged_score_is_named_with_area_period_node_and_both_figures(folder):
    def better(rows):
        row(rows, area="A", period="2024", node="index")["score"] = 80.01

    forge(folder, "scores", better)
    assert verify(folder).first_difference == (
        "area A, period 2024, node index: score was published as 80.01, recomputed as 80.0"
    )


def test_a_score_that_was_made_up_where_there_is_none_is_named(folder):
    def made_up(rows):
        row(rows, area="C", period="2024", node="index").update(score=99.0, reason="", reason_en="")

    forge(folder, "scores", made_up)
    assert verify(folder).first_difference == (
        "area C, period 2024, node index: score was published as 99.0, recomputed as no value"
    )


def test_a_forged_rank_or_contribution_is_named(folder):
    def rank(rows):
        row(rows, area="B", period="2024", node="index")["rank"] = 1

    def contribution(rows):
        row(rows, area="B", period="2024", node="gdp")["contribution"] = 25.5

    forge(folder, "scores", rank)
    forge(folder, "parts", contribution)
    failed = [check.detail for check in verify(folder).checks if not check.ok]
    assert failed == [
        "area B, period 2024, node index: rank was published as 1, recomputed as 2",
        "area B, period 2024, node gdp: contribution was published as 25.5, recomputed as 25.0",
    ]


def test_a_row_that_was_left_out_or_added_is_named(folder):
    forge(folder, "scores", lambda rows: rows.remove(row(rows, area="C", period="2024", node="index")))
    assert verify(folder).first_difference == "area C, period 2024, node index: recomputed, but not published"
    forge(folder, "scores", lambda rows: rows.append({**rows[0], "area": "Z"}))
    assert (
        "area Z, period 2023, node index: published, but not found when recomputed"
        in verify(folder).first_difference
    )


def test_a_changed_value_shows_in_every_figure_that_came_from_it(folder):
    def value(rows):
        row(rows, indicator="gdp", area="A", period="2024")["value"] = 60.0

    # gdp 60 -> 84: economy (84 + 3 * 80) / 4 = 81, index (2 * 81 + 80) / 3 = 80.666...
    forge(folder, "series", value)
    assert verify(folder).first_difference.startswith(
        "area A, period 2024, node index: score was published as 80.0, recomputed as 80.666"
    )


def test_a_changed_method_is_named_and_recomputed(folder):
    path = folder / "method.yml"
    path.write_text(path.read_text().replace("weight: 2", "weight: 5"))
    vouch(folder, path.name)
    verdict = verify(folder)
    assert verdict.first_difference.startswith("the manifest records the method ")
    # B: (5 * 70 + 100) / 6 = 75
    assert "area B, period 2024, node index: score was published as 80.0, recomputed as 75.0" in [
        check.detail for check in verdict.checks
    ]


def test_a_manifest_that_claims_another_source_no_longer_makes_its_edition(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["vintage"]["file"]["sha256"] = "0" * 64
    (folder / "manifest.json").write_text(json.dumps(manifest))
    verdict = verify(folder)
    assert not verdict.equal
    assert "but what it records makes small-" in verdict.first_difference


def test_a_method_that_cannot_be_read_any_more_is_a_difference(folder):
    path = folder / "method.yml"
    path.write_text(path.read_text().replace("weight: 2", "weight: 0"))
    assert "tree > economy: weight must be above 0 (got 0)" in verify(folder).checks[-1].detail


def test_another_program_is_said_but_is_no_difference_by_itself(folder, monkeypatch):
    monkeypatch.setattr(module, "code", lambda: {"version": "9.9.9", "sha256": "f" * 64})
    verdict = verify(folder)
    assert verdict.equal
    assert (
        "recomputed with 9.9.9 (ffffffff); the figures are compared all the same" in verdict.checks[3].detail
    )


def test_a_last_bit_is_rounding_and_said_so(folder):
    def nudge(rows):
        row(rows, area="A", period="2024", node="index")["score"] = 80.00000000000001

    forge(folder, "scores", nudge)
    verdict = verify(folder)
    assert verdict.equal
    assert "1 figures differ in their last bits only" in [check.detail for check in verdict.checks][4]


def test_a_folder_without_a_publication_says_so(tmp_path):
    with pytest.raises(PublicationError, match=r"it has no manifest.json"):
        verify(tmp_path)


def test_a_reason_in_other_words_is_no_difference_for_a_later_program_only(folder, monkeypatch):
    def reword(rows):
        for one in rows:
            if one["reason_en"]:
                one["reason_en"] = "Said otherwise"

    forge(folder, "scores", reword)
    assert "reason_en was published as 'Said otherwise'" in verify(folder).first_difference
    monkeypatch.setattr(module, "code", lambda: {"version": "9.9.9", "sha256": "f" * 64})
    verdict = verify(folder)
    assert verdict.equal
    assert "sentences are worded otherwise by this version" in verdict.checks[4].detail


def test_a_reason_taken_away_is_a_difference_for_any_program(folder, monkeypatch):
    def silence(rows):
        for one in rows:
            one["reason_en"] = ""

    forge(folder, "scores", silence)
    monkeypatch.setattr(module, "code", lambda: {"version": "9.9.9", "sha256": "f" * 64})
    assert not verify(folder).equal


def test_the_certificate_is_the_same_for_the_same_result_and_another_for_any_other(small, tmp_path):
    method, table = small
    first, _ = run_table(method, table, tmp_path / "first")
    again, _ = run_table(method, table, tmp_path / "again")
    table.write_text(
        table.read_text(encoding="utf-8").replace("甲区,50,5,35", "甲区,51,5,35"), encoding="utf-8"
    )
    other, _ = run_table(method, table, tmp_path / "other")
    told = [certificate_of(one.manifest) for one in (first, again, other)]
    assert told[0] == told[1] != told[2]
    said = next(check.detail for check in verify(tmp_path / "again").checks if "Certificate" in check.name.en)
    assert said == told[0]
