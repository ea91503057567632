"""Ranks under every combination of alternatives, checked against plain loops, and what verify says of them."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from firm_index import FIGURES, TABLE, WEIGHTS, faults, ran, scored, written

from shenzhi.pipeline.index import certified, robustness
from shenzhi.pipeline.index.folder import MANIFEST, sha256
from shenzhi.pipeline.index.local import run_table
from shenzhi.pipeline.index.published import PublicationError
from shenzhi.pipeline.index.scope import IndexFault
from shenzhi.pipeline.index.steadiness import steadiness
from shenzhi.pipeline.index.verify import verify

# A second implementation, of plain loops: means of one row, of the scores of columns.


def every_way() -> dict[tuple[str, str, str], dict[str, float] | None]:
    """The index of every area under every combination; None where a geometric mean meets a 0."""
    areas = list(FIGURES)
    found: dict[tuple[str, str, str], dict[str, float] | None] = {}
    for way, mean, out in itertools.product(("minmax", "prank"), ("arithmetic", "geometric"), ("", "a", "b")):
        kept = [at for at, code in enumerate("abc") if code != out]
        columns = {at: scored([FIGURES[area][at] for area in areas], way) for at in kept}
        total = sum(WEIGHTS[at] for at in kept)
        index: dict[str, float] | None = {}
        for place, area in enumerate(areas):
            row = [(columns[at][place], WEIGHTS[at] / total) for at in kept]
            if mean == "arithmetic":
                value = sum(x * w for x, w in row)
            elif any(x <= 0 for x, _ in row):
                index = None
                break
            else:
                value = math.exp(sum(w * math.log(x) for x, w in row))
            assert index is not None
            index[area] = value
        found[way, mean, out] = index
    return found


def ranks_of(scores: dict[str, float]) -> dict[str, int]:
    return {area: 1 + sum(other > one + 5e-10 for other in scores.values()) for area, one in scores.items()}


def test_ranks_and_scores_over_all_combinations_are_those_of_plain_loops(tmp_path):
    publication = ran(tmp_path)
    tested = steadiness(publication)
    ways = every_way()
    possible = {way: scores for way, scores in ways.items() if scores is not None}
    # prank gives the last area 0, so that no geometric mean can be taken of it: 3 of 12 combinations
    assert (tested.combinations, tested.possible) == (12, 9) == (len(ways), len(possible))
    for area, one in tested.standings("2024").items():
        ranks = [ranks_of(scores)[area] for scores in possible.values()]
        scores = [scores[area] for scores in possible.values()]
        assert one.rank == ranks_of(ways["minmax", "arithmetic", ""])[area]
        assert (one.rank_best, one.rank_worst) == (min(ranks), max(ranks))
        assert one.rank_median == sorted(ranks)[4]
        assert one.rank_low == math.floor(np.quantile(ranks, 0.05))
        assert one.rank_high == math.ceil(np.quantile(ranks, 0.95))
        assert one.score_least == pytest.approx(min(scores), abs=1e-9)
        assert one.score_most == pytest.approx(max(scores), abs=1e-9)
        assert one.score_median == pytest.approx(sorted(scores)[4], abs=1e-9)
        assert one.scored == 1
        assert one.top == {k: pytest.approx(sum(rank <= k for rank in ranks) / 9) for k in (1, 2)}
        assert tested.acceptability("2024")[area] == {
            rank: pytest.approx(ranks.count(rank) / 9) for rank in set(ranks)
        }


def test_who_is_ahead_of_whom_is_counted_over_all_combinations(tmp_path):
    possible = [scores for scores in every_way().values() if scores is not None]
    ahead = steadiness(ran(tmp_path)).ahead("2024")
    assert set(ahead) == set(itertools.permutations(FIGURES, 2))
    for (one, other), share in ahead.items():
        assert share == pytest.approx(sum(scores[one] > scores[other] + 5e-10 for scores in possible) / 9)


def test_what_each_choice_explains_is_the_variance_between_and_within_its_answers(tmp_path):
    section = "robustness: {aggregate: [geometric], leave_out: [a, b]}\n"
    ways = {way[1:]: scores for way, scores in every_way().items() if way[0] == "minmax"}
    published = ranks_of(ways["arithmetic", ""])
    change = {
        way: sum(abs(ranks_of(scores)[area] - published[area]) for area in FIGURES) / 3
        for way, scores in ways.items()
    }
    values = list(change.values())
    mean = sum(values) / 6
    variance = sum((one - mean) ** 2 for one in values) / 6
    found = {one.factor: one for one in steadiness(ran(tmp_path, section)).sensitivity("2024")}
    for factor, at in (("aggregate", 0), ("leave_out", 1)):
        answers = {way[at] for way in change}
        between = within = 0.0
        for answer in answers:  # Var(E[y | X])
            of = [one for way, one in change.items() if way[at] == answer]
            between += (sum(of) / len(of) - mean) ** 2 / len(answers)
        others = {way[1 - at] for way in change}
        for other in others:  # E[Var(y | all but X)]
            of = [one for way, one in change.items() if way[1 - at] == other]
            centre = sum(of) / len(of)
            within += sum((one - centre) ** 2 for one in of) / len(of) / len(others)
        assert found[factor].first == pytest.approx(between / variance, abs=1e-9)
        assert found[factor].total == pytest.approx(within / variance, abs=1e-9)


def test_combinations_that_cannot_be_had_are_named_with_their_reason(tmp_path):
    tested = steadiness(ran(tmp_path))
    assert sum(one.combinations for one in tested.impossible) == 3
    one = tested.impossible[0]
    assert "geometric mean needs scores above 0" in one.reasons[0]
    assert one.example == {
        "normalise": "percentile rank",
        "aggregate": "weighted geometric mean",
        "leave_out": "nothing",
    }
    assert tested.choice("normalise").answer("percentile rank").zh == "百分位名次"


def test_drawn_weights_and_equal_ones_stand_beside_the_methods_own(tmp_path):
    section = "robustness: {weigh: [equal, {spread: 0.5, draws: 20, seed: 3}]}\n"
    tested = steadiness(ran(tmp_path, section))
    assert tested.combinations == 22
    columns = {
        area: [scored([FIGURES[one][at] for one in FIGURES], "minmax") for at in range(3)] for area in "X"
    }
    assert list(tested.choice("weigh").answers) == ["as published", "equal", "draws"]
    equal = [sum(column[at] for column in columns["X"]) / 3 for at in range(3)]
    for at, area in enumerate(FIGURES):
        one = tested.standings("2024")[area]
        assert one.score_least - 1e-9 <= equal[at] <= one.score_most + 1e-9


def test_certificates_hold_for_weights_on_a_grid_and_are_reached_by_some(tmp_path):
    tested = steadiness(ran(tmp_path, "robustness: {weigh: {spread: 0.5, draws: 3}}\n"))
    columns = [scored([FIGURES[one][at] for one in FIGURES], "minmax") for at in range(3)]
    own = np.array(WEIGHTS) / 4
    for which, low, high in ((0, own * 0.5, own * 1.5), (1, np.zeros(3), np.ones(3))):
        grid = np.stack(np.meshgrid(*[np.linspace(0, 1, 201)] * 2, indexing="ij"), axis=-1).reshape(-1, 2)
        weights = np.column_stack([grid, 1 - grid.sum(axis=1)])
        inside = ((weights >= low - 1e-12) & (weights <= high + 1e-12)).all(axis=1)
        scores = weights[inside] @ np.array(columns)
        ranks = {
            area: 1 + (scores > scores[:, [at]] + 5e-10).sum(axis=1)  # as `ranks_of`
            for at, area in enumerate(FIGURES)
        }
        seen = {area: set(found.tolist()) for area, found in ranks.items()}
        for area, pair in tested.certificates().items():
            assert (pair[which].best, pair[which].worst, pair[which].exact) == (
                min(seen[area]),
                max(seen[area]),
                True,
            )


def test_the_change_of_weights_told_brings_the_next_area_level(tmp_path):
    tested = steadiness(ran(tmp_path))
    columns = [scored([FIGURES[one][at] for one in FIGURES], "minmax") for at in range(3)]
    areas = list(FIGURES)
    found = tested.overtakings()
    published = ranks_of(every_way()["minmax", "arithmetic", ""])
    assert {(one.area, one.other) for one in found.values()} == {
        (area, other) for area in areas for other in areas if published[area] == published[other] + 1
    }
    for one in found.values():
        weight = np.array(WEIGHTS) / 4 + [change for _, change in one.changes]
        mine, others = (
            sum(w * column[areas.index(area)] for w, column in zip(weight, columns, strict=True))
            for area in (one.area, one.other)
        )
        assert mine == pytest.approx(others, abs=1e-6)
        assert sum(weight) == pytest.approx(1, abs=1e-8)
        assert one.moved == pytest.approx(sum(abs(change) for _, change in one.changes) / 2, abs=1e-8)


def test_an_area_without_a_score_has_no_rank_and_no_interval(tmp_path):
    tested = steadiness(ran(tmp_path, table=TABLE + "W,2024,,5,\n"))
    one = tested.standings("2024")["W"]
    assert (one.rank, one.rank_low, one.rank_best, one.score_least) == (None, None, None, None)
    assert one.scored < 1


def test_the_tables_are_published_with_hashes_and_verify_computes_them_again(tmp_path):
    publication = ran(tmp_path)
    for name in robustness.TABLES:
        assert pq.read_table(publication.table(name)).num_rows
    assert (
        (publication.folder / "robustness.csv")
        .read_text(encoding="utf-8-sig")
        .startswith("area,period,score,")
    )
    verdict = verify(publication.folder)
    assert verdict.equal
    assert "12 combinations, 6 tables" in verdict.checks[-1].detail


def forged(folder: Path, name: str, content: bytes) -> None:
    """Put other content into a publication, and its hash into the manifest."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"][name] = sha256(content)
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def test_verify_names_the_first_figure_of_a_test_that_was_forged(tmp_path):
    folder = ran(tmp_path).folder
    table = pq.read_table(folder / "robustness.parquet").to_pydict()
    table["rank_worst"][0] = 9
    pq.write_table(pa.table(table), tmp_path / "forged.parquet")
    forged(folder, "robustness.parquet", (tmp_path / "forged.parquet").read_bytes())
    assert verify(folder).first_difference.startswith(
        "area X, period 2024: rank_worst was published as 9, recomputed as"
    )


def test_verify_finds_that_something_else_was_tried_than_is_said(tmp_path):
    folder = ran(tmp_path).folder
    facts = json.loads((folder / robustness.FACTS).read_text(encoding="utf-8"))
    forged(folder, robustness.FACTS, json.dumps({**facts, "combinations": 7}).encode())
    assert (
        verify(folder).first_difference
        == "robustness.json: combinations was published as 7, recomputed as 12"
    )


def test_an_edition_without_trials_has_no_steadiness_and_no_tables(tmp_path):
    publication = ran(tmp_path, "")
    assert steadiness(publication) is None
    assert verify(publication.folder).equal
    with pytest.raises(
        PublicationError, match="has no table robustness; it has series, scores, parts, scales"
    ):
        publication.table("robustness")


def test_an_alternative_that_is_what_the_method_does_already_is_refused(tmp_path):
    section = "robustness: {normalise: {method: minmax, lower: 1, upper: 101}, treat: [none]}\n"
    with pytest.raises(IndexFault) as error:
        ran(tmp_path, section)
    assert error.value.faults == [
        "robustness > normalise: min-max (1–101) is what the method does already; remove it",
        "robustness > treat: left as it is is what the method does already; remove it",
    ]


@pytest.mark.parametrize(
    ("section", "told"),
    [
        (
            "robustness: {normalize: prank}\n",
            ["robustness: unknown key normalize; did you mean normalise?", "robustness names no alternative"],
        ),
        (
            "robustness: {normalise: [minmux]}\n",
            ["robustness > normalise: method minmux is not a normalisation"],
        ),
        (
            "robustness: {normalise: [{method: zscore, lower: 3}]}\n",
            ["robustness > normalise: lower is not a parameter of zscore, which takes mean, sd"],
        ),
        (
            "robustness: {treat: winsorize}\n",
            ["robustness > treat: winsorize is not a treatment; did you mean winsorise?"],
        ),
        ("robustness: {impute: [mean, mean]}\n", ["robustness > impute: mean is named twice"]),
        (
            "robustness: {impute: {method: mean, grouping: side}}\n",
            ["robustness > impute: there is no grouping side under groups"],
        ),
        (
            "robustness: {aggregate: {top: geometric}}\n",
            ["robustness > aggregate: top is not a group of the tree"],
        ),
        (
            "robustness: {aggregate: {index: [mode]}}\n",
            ["robustness > aggregate > index: mode is not an aggregation"],
        ),
        ("robustness: {weigh: {spread: 1.5}}\n", ["robustness > weigh: spread must be below 1 (got 1.5)"]),
        ("robustness: {weigh: fair}\n", ["robustness: weigh must be equal, {spread: 0.25"]),
        ("robustness: {weigh: {draws: 5}}\n", ["robustness > weigh: draws and seed say how often a spread"]),
        (
            "robustness: {leave_out: [d]}\n",
            ["robustness > leave_out: d is not a node below the index; known here: a, b, c"],
        ),
        (
            "robustness: {leave_out: some}\n",
            ["robustness: leave_out must be domains, indicators, or a list of codes"],
        ),
        ("robustness: {treat: winsorise, top: [0]}\n", ["robustness > top: 0 must be at least 1 (got 0)"]),
        (
            "robustness: {data: {errors: {d: 0.1, aa: 0.2}}}\n",
            [
                "robustness > data > errors: d is not a figure that an indicator is scored by; known here: a, b, c",
                "robustness > data > errors: aa is not a figure that an indicator is scored by; did you mean a?",
            ],
        ),
        (
            "robustness: {data: {errors: {a: -0.1}, draws: 1, shape: flat}}\n",
            [
                "robustness > data > errors: a must be at least 0 (got -0.1)",
                "robustness > data: draws must be at least 2 (got 1)",
                "robustness > data: shape must be one of 'normal' or 'lognormal' (got 'flat')",
            ],
        ),
        (
            "robustness: {data: {error: {a: 1}}}\n",
            [
                "robustness > data: unknown key error; did you mean errors?",
                "robustness > data: no figure is uncertain",
            ],
        ),
        ("robustness: {data: {errors: {a: 0}}}\n", ["robustness > data: no figure is uncertain"]),
        ("robustness: {}\n", ["robustness names no alternative"]),
    ],
)
def test_what_is_wrong_with_the_section_is_told_with_its_place(section, told):
    found = faults(section)
    assert [one[: len(start)] for one, start in zip(found, told, strict=True)] == told


def test_more_combinations_than_are_tried_are_refused_with_how_many_there_are():
    section = "robustness: {weigh: {spread: 0.2, draws: 99999}, normalise: [prank, rank, zscore], leave_out: indicators}\n"
    # 4 normalisations, the own weights and 99,999 drawn, nothing or one of three left out
    assert faults(section)[0].startswith(
        "robustness: 1,600,000 combinations are more than 1,000,000; name fewer"
    )


def test_bounds_from_pairs_hold_where_the_search_is_left_out(tmp_path, monkeypatch):
    section = "robustness: {weigh: {spread: 0.5, draws: 3}}\n"
    exact = steadiness(ran(tmp_path, section)).certificates()
    monkeypatch.setattr(certified, "SEARCHED", 0)
    (tmp_path / "pairs").mkdir()
    bounds = steadiness(ran(tmp_path / "pairs", section)).certificates()
    for area in FIGURES:
        for of_pairs, searched in zip(bounds[area], exact[area], strict=True):
            assert of_pairs.best <= searched.best <= searched.worst <= of_pairs.worst
            assert of_pairs.exact == (of_pairs.best == of_pairs.worst)


def test_an_index_that_is_no_weighted_mean_has_no_proof_and_says_why(tmp_path):
    publication = ran(tmp_path, "round: {index: 1}\nrobustness: {leave_out: [a]}\n")
    tested = steadiness(publication)
    assert tested.certificates() == {}
    assert tested.overtakings() == {}
    assert "rounded" in tested.weights["refused"][0]


def test_two_groups_can_each_be_combined_otherwise(tmp_path):
    method, data = written(
        tmp_path, "robustness: {aggregate: {index: [geometric], g: [geometric, median]}}\n"
    )
    text = method.read_text(encoding="utf-8")
    inner = "    - code: g\n      title: {zh: 组, en: Group}\n      weight: 1\n      children:\n"
    head, leaves = text.split("  children:\n", 1)
    first, *others = leaves.splitlines()
    nested = head + "  children:\n" + first + "\n" + inner + "".join(f"    {one}\n" for one in others)
    method.write_text(nested, encoding="utf-8")
    publication, _ = run_table(method, data, tmp_path / "out")
    tested = steadiness(publication)
    assert [one.name for one in tested.choices] == ["aggregate index", "aggregate g"]
    assert [one.title.zh for one in tested.choices] == ["怎样合成（总指数）", "怎样合成（组）"]
    assert tested.possible == 2 * 3
    columns = [scored([FIGURES[one][at] for one in FIGURES], "minmax") for at in range(3)]
    means = {
        "arithmetic": lambda x, y, v, w: v * x + w * y,
        "geometric": lambda x, y, v, w: x**v * y**w,
        "median": lambda x, y, v, w: y,  # c has twice the weight of b: the middle by weight is c
    }
    for at, area in enumerate(FIGURES):
        found = [
            means[outer](
                columns[0][at], means[within](columns[1][at], columns[2][at], 1 / 3, 2 / 3), 0.5, 0.5
            )
            for outer, within in itertools.product(("arithmetic", "geometric"), means)
        ]
        one = tested.standings("2024")[area]
        assert one.score_least == pytest.approx(min(found), abs=1e-8)
        assert one.score_most == pytest.approx(max(found), abs=1e-8)
