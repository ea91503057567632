"""A trial of other weights or figures is what a publication under those would be; the way back finds the nearest."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from shenzhi.config.commands.index import index
from shenzhi.pipeline.index.local import run_table
from shenzhi.pipeline.index.method import parse_method
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.index.run import compute
from shenzhi.pipeline.index.scope import Scope
from shenzhi.pipeline.index.whatif import (
    Figure,
    Trial,
    TrialError,
    smallest_change,
    tried,
    value_for,
    view_of,
)

# The small index of conftest: A 80 everywhere; B economy 70, ecology 100; C nothing published; D economy 85 alone, so 85;
# weights economy 2, ecology 1: A 80, B (140 + 100) / 3 = 80, D 85.


@pytest.fixture
def published(small, tmp_path) -> Publication:
    return run_table(*small, tmp_path / "out")[0]


def standings(publication: Publication, trial: Trial) -> dict[str, tuple]:
    return {
        one.area: (one.before, one.after, one.rank_before, one.rank_after)
        for one in tried(publication, trial).standings
    }


def alike(one: float | None, other: float | None) -> bool:
    """No score both times, or the same within 1e-12."""
    if one is None or other is None:
        return one is other
    return one == pytest.approx(other, rel=1e-12)


def test_a_trial_without_changes_gives_what_was_published(published):
    assert standings(published, Trial("2024")) == {
        "A": (80.0, 80.0, 2, 2),
        "B": (80.0, 80.0, 2, 2),
        "C": (None, None, None, None),
        "D": (85.0, 85.0, 1, 1),
        "E": (None, None, None, None),
    }


def test_other_weights_move_scores_and_ranks(published):
    # economy 1, ecology 2: A 80; B (70 + 200) / 3 = 90; D covers only 1/3 of the weight now, and is withheld;
    # C has ecology, 2/3 of the weight, with pm25 35 -> 80
    found = tried(published, Trial("2024", {"economy": 1.0, "ecology": 2.0}))
    assert [
        (one.area, one.after and round(one.after, 12), one.rank_after, one.places) for one in found.standings
    ] == [
        ("B", 90.0, 1, 1),
        ("A", 80.0, 2, 0),
        ("C", 80.0, 2, 0),
        ("D", None, None, 0),
        ("E", None, None, 0),
    ]
    assert [(one.code, one.published, one.weight, one.published_share, one.share, one.scored) for one in found.weights] == [
        ("economy", 2.0, 1.0, 2 / 3, 1 / 3, True),
        ("ecology", 1.0, 2.0, 1 / 3, 2 / 3, True),
    ]  # fmt: skip


def test_who_passed_whom_is_told(published):
    # economy 1, ecology 1: A 80; B 85; D half the weight, still 85: B draws level with D and leaves A behind
    found = tried(published, Trial("2024", {"economy": 1.0}))
    assert found.passed("B") == ([], ["D"])
    assert found.passed_by("A") == ["B"]
    assert found.passed_by("D") == []
    assert [one.places for one in found.standings if one.area == "A"] == [-1]


@pytest.mark.parametrize("weights", [{"economy": 7.0}, {"ecology": 0.25}, {"economy": 3.0, "ecology": 5.0}])
def test_a_trial_is_a_run_under_a_method_file_with_these_weights(published, weights):
    source = published.method.source.decode()
    for code, weight in weights.items():
        source = re.sub(rf"(code: {code}\n.*\n\s+weight: )\S+", rf"\g<1>{weight}", source)
    method = parse_method(source.encode())
    assert {node.code: node.weight for node in method.root.children if node.code in weights} == weights
    series = pq.read_table(published.table("series"))
    scope = Scope(*(tuple(published.manifest["scope"][key]) for key in ("areas", "periods")))
    expected = {
        (row["area"], row["period"]): row["score"]
        for row in compute(method, series, scope).scores.to_pylist()
        if row["node"] == "index"
    }
    for period in scope.periods:
        for one in tried(published, Trial(period, weights)).standings:
            assert alike(one.after, expected[one.area, period])


def test_another_figure_is_a_run_on_a_table_with_it(published):
    series = pq.read_table(published.table("series")).to_pylist()
    for row in series:
        if (row["area"], row["period"], row["indicator"]) == ("A", "2024", "pm25"):
            row["value"] = 20.0
    scope = Scope(*(tuple(published.manifest["scope"][key]) for key in ("areas", "periods")))
    table = pa.Table.from_pylist(series, schema=pq.read_schema(published.table("series")))
    expected = {
        row["area"]: row["score"]
        for row in compute(published.method, table, scope).scores.to_pylist()
        if row["node"] == "index" and row["period"] == "2024"
    }
    found = tried(published, Trial("2024", figures=(Figure("A", "pm25", 20.0),)))
    assert all(alike(one.after, expected[one.area]) for one in found.standings)
    assert round(expected["A"], 9) == 84.0  # pm25 20 -> 60 + 40 * 40 / 50 = 92; (160 + 92) / 3


def test_the_course_of_an_area_runs_over_all_periods(published):
    found = tried(published, Trial("2024", {"ecology": 3.0}))
    assert [(period, one.before, one.after) for period, one in found.course("E", published)] == [
        ("2023", 60.0, 60.0),
        ("2024", None, None),
    ]


def test_the_value_for_a_score_is_found(published):
    # A: (2 * 80 + x) / 3 = 82 for x = 86: pm25 = 60 - 50 * 26 / 40 = 27.5
    assert value_for(published, Trial("2024"), "A", "pm25", score=82.0) == pytest.approx(27.5, abs=1e-9)
    # x is at most 100: 260 / 3 = 86.7
    assert value_for(published, Trial("2024"), "A", "pm25", score=87.0) is None


def test_the_value_for_a_rank_is_found_and_not_more_than_is_needed(published):
    # rank 1 with D's 85: x = 95, pm25 = 60 - 50 * 35 / 40 = 16.25; D shares it then
    value = value_for(published, Trial("2024"), "A", "pm25", rank=1)
    assert value == pytest.approx(16.25, abs=1e-6)
    assert standings(published, Trial("2024", figures=(Figure("A", "pm25", value),)))["A"][3] == 1
    # the last of three: just below B's 80; more than 35 of pm25, to the nine digits that ranks compare
    worse = value_for(published, Trial("2024"), "A", "pm25", rank=3)
    assert 35 < worse < 35 + 1e-6
    assert standings(published, Trial("2024", figures=(Figure("A", "pm25", worse),)))["A"][3] == 3
    assert value_for(published, Trial("2024"), "A", "pm25", rank=2) == 35.0


def test_a_rank_counts_only_the_areas_asked_for(published):
    # without D, B's 80 is the best, and A has it already
    assert value_for(published, Trial("2024"), "A", "pm25", rank=1, areas=["A", "B"]) == 35.0
    assert [one.rank_after for one in tried(published, Trial("2024"), ["A", "B"]).standings] == [1, 1]


def test_the_smallest_change_of_weights_lets_one_pass_the_other_and_no_smaller_one_does(published):
    # shares w, 1 - w: A 80; B 70 w + 100 (1 - w); level at w = 2/3, as published
    found = smallest_change(published, Trial("2024"), "B", "A")
    assert found.weights is not None
    assert found.moved < 1e-3
    ahead = standings(published, Trial("2024", found.weights))
    assert ahead["B"][1] > ahead["A"][1]
    # from economy 1, ecology 1 (B 85, A 80) A needs w above 2/3: a sixth of the weight has to move
    back = smallest_change(published, Trial("2024", {"economy": 1.0}), "A", "B")
    assert back.moved == pytest.approx(1 / 6, abs=1e-3)
    ahead = standings(published, Trial("2024", back.weights))
    assert ahead["A"][1] > ahead["B"][1]
    assert smallest_change(published, Trial("2024", {"economy": 1.0}), "B", "A").already


def test_who_is_worse_in_every_part_passes_under_no_weights(small, tmp_path):
    method, table = small
    table.write_text(
        table.read_text().replace("B,2024,乙区,120,10,10", "B,2024,乙区,10,10,60"), encoding="utf-8"
    )
    published = run_table(method, table, tmp_path / "other")[0]
    assert smallest_change(published, Trial("2024"), "B", "A").weights is None


def test_areas_that_lack_different_parts_are_not_compared_by_weights(published):
    with pytest.raises(TrialError, match="lack different parts"):
        smallest_change(published, Trial("2024"), "A", "D")


def test_every_fault_of_a_trial_is_told_at_once(published):
    with pytest.raises(TrialError) as told:
        tried(
            published,
            Trial(
                "1999", {"culture": 1.0, "economy": -1.0}, (Figure("Z", "gdp", 1.0), Figure("A", "x", 1.0))
            ),
        )
    assert [one.en for one in told.value.faults] == [
        "There is no period 1999; there are 2023, 2024",
        "There is no node called “culture”; those that can be weighed are economy, ecology",
        "The weight of Economy must be 0 or more",
        "The index has no area with the code “Z”",
        "The index has no indicator called “x”",
    ]
    with pytest.raises(TrialError, match="cannot all be 0"):
        tried(published, Trial("2024", {"economy": 0.0, "ecology": 0.0}))


def test_the_index_is_built_once_for_an_edition(published):
    assert view_of(published)[0] is view_of(Publication.open(published.folder))[0]


def shenzhi(*words: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(index, [str(word) for word in words])


def test_the_command_prints_the_table_before_and_after(published):
    done = shenzhi("what-if", published.folder, "--weight", "economy=1", "--value", "A/pm25=20")
    assert done.exit_code == 0, done.output
    rows = [
        [cell.strip() for cell in line.split("│")[1:-1]] for line in done.output.splitlines() if "│" in line
    ]
    # A: (80 + 92) / 2 = 86; B 85 and D 85 stay behind it
    assert rows[:2] == [["经济 Economy", "2 → 1", "66.7% → 50.0%"], ["生态 Ecology", "1", "33.3% → 50.0%"]]
    assert rows[2:5] == [
        ["1", "A", "86.00", "80.00", "+6.00", "▲ 1"],
        ["2", "D", "85.00", "85.00", "+0.00", "▼ 1"],
        ["2", "B", "85.00", "80.00", "+5.00", ""],
    ]
    assert "a trial, not the published index" in done.output


def test_the_command_says_what_is_wrong(published):
    done = shenzhi("what-if", published.folder, "--weight", "economy")
    assert (done.exit_code, "write NODE=W" in done.output) == (2, True)
    done = shenzhi("what-if", published.folder, "--weight", "economi=3")
    assert (done.exit_code, "There is no node called “economi”" in done.output) == (1, True)
    assert shenzhi("what-if").exit_code == 2
