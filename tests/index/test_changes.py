"""Why a published score moved: each ingredient by hand, bills that add up, and two editions told apart."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from shenzhi.calc.composite.change import explain
from shenzhi.calc.composite.mixture import INGREDIENTS
from shenzhi.config.commands.index import index
from shenzhi.pipeline.index import changes, names
from shenzhi.pipeline.index.changes import compared, explain_periods, explain_versions, to_the_digit
from shenzhi.pipeline.index.local import run_table
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.index.scope import IndexFault

# index = (3 a + b) / 4, figures from 0 to 100 are their own scores
POSTS = {"method": "goalposts", "lower": 0, "upper": 100, "posts": [0, 100]}


def leaf(code: str, weight: float = 1, **more: Any) -> dict[str, Any]:
    given = {
        "code": code,
        "title": {"zh": f"指标{code}", "en": f"Indicator {code}"},
        "direction": 1,
        "weight": weight,
    }
    return given | more


def edition(
    tmp_path: Path, name: str, rows: str, leaves: list[dict[str, Any]] | None = None, **more: Any
) -> Publication:
    """The index of a table with the columns area, period, a, b ..."""
    method = {
        "method": "tiny",
        "version": name,
        "title": {"zh": "小指数", "en": "Tiny index"},
        "publish": {"root": 0.2, "node": 0.2},
        "normalise": POSTS,
        "tree": {"code": "index", "children": leaves or [leaf("a", 3), leaf("b")]},
        **more,
    }
    (tmp_path / f"{name}.yml").write_text(yaml.safe_dump(method, allow_unicode=True), encoding="utf-8")
    (tmp_path / f"{name}.csv").write_text("area,period,a,b" + rows.replace(" ", ""), encoding="utf-8")
    return run_table(tmp_path / f"{name}.yml", tmp_path / f"{name}.csv", tmp_path / name)[0]


def told(bill: changes.Bill) -> dict[str, dict[str, float]]:
    return {line.ingredient: dict(line.nodes) for line in bill.lines}


def adds_up(bill: changes.Bill) -> None:
    assert math.fsum([bill.before, *(line.amount for line in bill.lines)]) == pytest.approx(
        bill.now, abs=1e-12
    )
    for line in bill.lines:
        if line.nodes:
            assert math.fsum(amount for _, amount in line.nodes) == pytest.approx(line.amount, abs=1e-12)


def bill_of(publication: Publication, area: str = "A", **more: str) -> changes.Bill:
    bill = explain_periods(publication, "2023", "2024", **more).bill(area)
    adds_up(bill)
    return bill


def test_figures_and_coverage_between_two_periods(tmp_path):
    found = edition(tmp_path, "p", """
        A,2023,80,60
        A,2024,84,
        B,2023,50,
        B,2024,50,90
        C,2023,,
        C,2024,50,50
    """.rstrip())  # fmt: skip
    # A: 75 -> 84. On a alone 80 -> 84, +4; without b: 75 -> 80 is 1/4 of its distance from those who stay, 80 - 60
    bill = bill_of(found)
    assert (bill.before, bill.now) == (75, 84)
    assert told(bill) == {"raw": {"a": pytest.approx(4)}, "coverage": {"b": pytest.approx(5)}}
    # B: b comes in with 1/4 of 90 - 50
    assert told(bill_of(found, "B")) == {"coverage": {"b": pytest.approx(10)}}
    assert explain_periods(found, "2023", "2024").bill("C") is None  # no score before
    assert explain_periods(found, "2023", "2024").bill("nobody") is None


def test_a_scale_of_each_period_is_told_from_the_areas_own_figures(tmp_path):
    rows = """
        A,2023,50,50
        A,2024,50,60
        B,2023,0,0
        B,2024,0,0
        C,2023,100,100
        C,2024,200,100
    """.rstrip()
    minmax = {"method": "minmax", "lower": 0, "upper": 100}
    bill = bill_of(edition(tmp_path, "f", rows, frame="period", normalise=minmax))
    # C's 200 halves the score of A's 50: 3/4 * -25; A's own b rises by 10: 1/4 * 10
    assert told(bill) == {"raw": {"b": pytest.approx(2.5)}, "frame": {"a": pytest.approx(-18.75)}}


def test_an_estimate_and_an_outlier_are_told_as_that(tmp_path):
    estimated = edition(tmp_path, "i", """
        A,2023,,30
        A,2024,50,30
        B,2023,20,30
        B,2024,20,30
        C,2023,40,30
        C,2024,40,30
    """.rstrip(), frame="period", impute={"method": "mean"})  # fmt: skip
    # the gap was filled with the mean of 20 and 40; 3/4 * (50 - 30)
    assert told(bill_of(estimated)) == {"imputation": {"a": pytest.approx(15)}}
    calm = "".join(f"\nU{at},{year},{at},{30 + at // 6}" for at in range(1, 7) for year in (2023, 2024))
    held = edition(
        tmp_path,
        "t",
        calm + "\nA,2023,90,31\nA,2024,7,31",
        frame="period",
        treat={"method": "winsorise", "most": 1},
    )
    # 90 is held at 6, the next below it: 3/4 * (7 - 6)
    assert told(bill_of(held)) == {"treatment": {"a": pytest.approx(0.75)}}


def test_one_scale_is_explained_without_building_again_and_gives_the_same(tmp_path):
    chance = np.random.default_rng(5)
    rows = "".join(
        f"\nU{at},{year},{chance.integers(1, 99) if chance.random() > 0.2 else ''},{chance.integers(1, 99)}"
        for at in range(9)
        for year in (2022, 2023, 2024)
    )
    found = edition(
        tmp_path, "s", rows, impute={"method": "latest"}, treat={"method": "winsorise", "most": 1},
        aggregate={"default": "geometric"}, round={"default": {"decimals": 1}},
        normalise={"method": "minmax", "lower": 1, "upper": 100},
    )  # fmt: skip
    explained = explain_periods(found, "2022", "2024")
    whole = explain(explained.before.built, explained.now.built, None, (0, 2))
    assert list(whole.parts) == list(explained.explanation.parts)
    for name, part in whole.parts.items():
        np.testing.assert_allclose(explained.explanation.parts[name], part, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(whole.standing, explained.explanation.standing)
    assert "rounding" in whole.parts
    for area in found.areas():
        adds_up(explained.bill(area))


ROWS = """
    A,2024,80,40
    B,2024,20,30
    C,2024,50,60
"""


@pytest.mark.parametrize(
    ("ingredient", "change", "parts"),
    [
        # shares 3/4, 1/4 become halves, the index 70 -> 60: -1/4 * (80 - 65) and 1/4 * (40 - 65)
        ("weights", {"leaves": [leaf("a"), leaf("b")]}, {"a": -3.75, "b": -6.25}),
        # 80^(3/4) * 40^(1/4) less 70
        ("aggregation", {"aggregate": {"default": "geometric"}}, {"index": 80**0.75 * 40**0.25 - 70}),
        # a is scored by min-max among 80, 20 and 50: 80 -> 100
        ("normalisation", {"leaves": [leaf("a", 3, method="minmax"), leaf("b")]}, {"a": 15}),
        # 40 out of 200: 20
        ("frame", {"leaves": [leaf("a", 3), leaf("b", posts=[0, 200])]}, {"b": -5}),
        ("coverage", {"leaves": [leaf("a", 3)]}, {"b": 10}),
        # 40 for each 0.5
        ("denomination", {"leaves": [leaf("a", 3), leaf("b", per={"by": "half"})]}, {"b": 10}),
    ],
)  # fmt: skip
def test_each_change_of_a_method_is_told_by_its_name(tmp_path, ingredient, change, parts):
    rows = ROWS
    if ingredient == "denomination":  # b twice: the second column is what b is divided by
        rows = ",half\nA,2024,80,40,0.5\nB,2024,20,30,0.5\nC,2024,50,60,0.5"
    old = edition(tmp_path, "old", rows.rstrip())
    new = edition(tmp_path, "new", rows.rstrip(), **change)
    bill = explain_versions(old, new, "2024").bill("A")
    adds_up(bill)
    assert told(bill) == {ingredient: pytest.approx(parts)}


def test_rounding_is_told_too(tmp_path):
    old = edition(tmp_path, "old", "\nA,2024,80.4,40.4")  # 70.4
    new = edition(tmp_path, "new", "\nA,2024,80.4,40.4", round={"index": {"decimals": 0}})
    assert told(explain_versions(old, new, "2024").bill("A")) == {"rounding": {"index": pytest.approx(-0.4)}}


def test_two_editions_with_a_changed_weight_and_a_corrected_figure(tmp_path):
    old = edition(tmp_path, "old", "\nA,2024,80,40\nB,2024,70,70\nC,2024,,")
    new = edition(tmp_path, "new", "\nA,2024,84,40\nB,2024,70,70\nC,2024,10,10", [leaf("a"), leaf("b")])
    found = compared(old, new, "2024")
    assert found.ingredients == ("raw", "weights")
    assert [(row.area, row.old, row.new, row.old_rank, row.new_rank) for row in found.rows] == [
        ("A", 70, 62, 1, 2),
        ("B", 70, 70, 1, 1),
        ("C", None, 10, None, 3),
    ]
    bill = found.rows[0].bill
    adds_up(bill)
    # either first: the figure with 3/4 or 1/2 of 4 points, 2.5 on average; the weights with 80 and 84, 40 around it
    assert bill.amount("raw") == pytest.approx((0.75 * 4 + 0.5 * 4) / 2)
    assert bill.amount("weights") == pytest.approx(-8 - 2.5)
    assert found.rows[1].bill.lines == ()
    assert found.rows[2].bill is None
    move = explain_versions(old, new, "2024").move("A", ["A", "B"])
    (passed,) = move.overtakings
    assert (move.before, move.after, passed.was, passed.now) == (1, 2, "level", "above")
    assert explain_versions(old, new, "2024").move("A", ["B", "C"]) is None


def test_what_another_program_had_published_is_a_line_of_its_own(tmp_path):
    old = edition(tmp_path, "old", "\nA,2024,80,40")
    new = edition(tmp_path, "new", "\nA,2024,84,40")
    scores = pq.read_table(old.table("scores"))
    moved = pa.array([one + 0.5 if node == "index" else one for one, node in zip(scores["score"].to_pylist(), scores["node"].to_pylist(), strict=True)])  # fmt: skip
    pq.write_table(scores.set_column(scores.column_names.index("score"), "score", moved), old.table("scores"))
    bill = explain_versions(old, new, "2024").bill("A")
    adds_up(bill)
    assert bill.before == 70.5
    assert told(bill) == {"raw": {"a": pytest.approx(3)}, "program": {}}
    assert bill.amount("program") == pytest.approx(-0.5)


def test_what_cannot_be_compared_says_why(tmp_path):
    old = edition(tmp_path, "old", "\nA,2024,80,40")
    grouped = [{"code": "a", "title": {"zh": "组", "en": "Group"}, "children": [leaf("b")]}]
    new = edition(tmp_path, "new", "\nA,2024,80,40", grouped)
    with pytest.raises(IndexFault, match="a group on one side and an indicator on the other: a"):
        explain_versions(old, new, "2024")
    found = compared(old, new, "2024")
    assert [(row.area, row.old, row.new, row.bill) for row in found.rows] == [("A", 70, 40, None)]
    assert "a group on one side" in found.faults[0]
    with pytest.raises(IndexFault, match="no period 1999"):
        explain_periods(old, "1999", "2024")
    with pytest.raises(IndexFault, match="no such node"):
        explain_periods(old, "2024", "2024", "nothing")


def test_the_commands_print_bills_that_add_up(tmp_path):
    rows = "\nA,2023,80,60\nA,2024,84,60\nB,2023,70,90\nB,2024,76,"
    old = edition(tmp_path, "old", rows)
    new = edition(tmp_path, "new", rows, [leaf("a"), leaf("b")])

    def said(*words: str | Path) -> str:
        done = CliRunner().invoke(index, [str(word) for word in words])
        return f"{done.exit_code} {' '.join(done.output.split())}"

    assert said("explain", old.folder, "A", "2023", "2024") == (
        "0 2023 75.0000 指标数值 Figures +3.0000 指标a Indicator a +3.0000 2024 78.0000"
    )
    # 2024: A 78 -> (84 + 60) / 2; B has a alone both times
    table = said("compare", old.folder, new.folder, "--period", "2024")
    assert "│ A │ 78.00 │ 72.00 │ 1 → 2 │ -6.00 │ -6.00 │" in table
    assert "│ B │ 76.00 │ 76.00 │ 2 → 1 │ 0.00 │ 0 │" in table
    assert said("compare", old.folder, new.folder, "--period", "1999").startswith("1 Error")
    assert said("explain", old.folder, "nobody", "2023", "2024").startswith("1 Error")
    assert said("explain", tmp_path, "A", "2023", "2024").startswith("1 Error")


def test_every_ingredient_has_a_name_and_a_meaning():
    assert list(names.INGREDIENTS) == [*INGREDIENTS, changes.PROGRAM] == list(names.INGREDIENT_MEANINGS)


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=30), st.integers(0, 4), st.floats(-0.9, 0.9))
@example([0.0], 1, 0.5)  # 0.05 is printed as 0.1, ten times it is rounded to 0
def test_printed_parts_add_up_to_the_printed_sum(amounts, decimals, more):
    """Also where the total was rounded as the difference of two rounded scores, up to a digit away."""
    total = math.fsum(amounts) + more / 10**decimals
    printed = to_the_digit(amounts, total, decimals)
    digit = 10**-decimals
    assert round(sum(printed), decimals) == round(total, decimals)
    assert all(abs(one - amount) <= 2 * digit + 1e-9 for one, amount in zip(printed, amounts, strict=True))
