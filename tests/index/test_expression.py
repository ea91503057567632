"""The index as a query: the same figures as in memory, on DuckDB and on Spark, and the same refusals."""

from __future__ import annotations

import dataclasses

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from index_queries import (
    FLAT,
    HEAD,
    PLAIN,
    TREE,
    UNFIT,
    a_method,
    a_table,
    a_table_with,
    assert_no_number,
    assert_the_same,
    in_memory,
    queried,
)

from shenzhi.calc.composite.ranks import ranks
from shenzhi.pipeline.index.expression import FIGURES, frame, scores
from shenzhi.pipeline.index.method import Method, parse_method
from shenzhi.pipeline.index.scope import IndexFault
from shenzhi.pipeline.index.wide import run_wide


@pytest.mark.parametrize(
    "lines",
    [
        "",
        pytest.param("frame: period\n", marks=pytest.mark.slow),
        'frame: {base: "2022"}\n',
        pytest.param(
            "screening: {unit: 0.5}\npublish: {root: 0.7, node: 0.3}\nranks: {ties: max, decimals: 0}\n",
            marks=pytest.mark.slow,
        ),
        "frame: period\nscreening: {unit: 0.4}\npublish: {root: 0, node: 0}\nranks: {ties: dense, decimals: 0}\n",
        "missing: {policy: refuse}\nranks: {decimals: 1}\n",
    ],
)
def test_a_query_gives_what_is_computed_in_memory(lines):
    method = a_method(lines)
    table = a_table(method)
    assert_the_same(method, table, queried(method, table, nodes=list(method.nodes), show=FIGURES))


def test_a_frame_computed_beforehand_gives_the_same():
    method = a_method("frame: period\n")
    table = a_table(method)
    observed = frame(method, ibis.memtable(table)).to_pyarrow()
    found = queried(method, table, frame=ibis.memtable(observed), nodes=list(method.nodes), show=FIGURES)
    assert_the_same(method, table, found)


def test_the_frame_holds_what_was_observed_and_nothing_of_indicators_with_posts():
    method = a_method()
    table = pa.table(
        {
            "area": ["a", "b", "c"],
            "period": ["2024"] * 3,
            **{leaf.code: [1.0, 3.0, None] for leaf in method.leaves},
        }
    )
    (row,) = frame(method, ibis.memtable(table)).to_pyarrow().to_pylist()
    observed = {"output", "trade", "pm25", "ozone", "water"}
    assert set(row) == {f"{code}_{end}" for code in observed for end in ("least", "most")} | {
        f"{code}_{what}" for code in ("pm25", "ozone") for what in ("mean", "sd")
    }
    # mean 2; deviation of 1 and 3 is sqrt((1 + 1) / (2 - 1))
    assert (row["pm25_least"], row["pm25_most"], row["pm25_mean"], row["pm25_sd"]) == (1, 3, 2, 2**0.5)


def test_a_method_with_posts_for_all_needs_no_frame(small):
    method = parse_method(small[0].read_bytes())
    table = pa.table({"area": ["B"], "period": ["2024"], "gdp": [120.0], "energy": [10.0], "pm25": [10]})
    assert frame(method, ibis.memtable(table)) is None
    # worked out in conftest: economy (100 + 3 * 60) / 4, index (2 * 70 + 100) / 3
    assert queried(method, table, show=["score"]).to_pylist() == [
        {"area": "B", "period": "2024", "index": 80.0, "economy": 70.0, "ecology": 100.0}
    ]


@pytest.mark.parametrize("ties", ["min", "max", "dense"])
@pytest.mark.parametrize("decimals", [0, 2, 3])
def test_ranks_compare_scores_as_rounded_in_memory_also_at_halves(ties, decimals):
    # halves that a product of doubles would push to the wrong side (2.675, 1.005), equal ones, negative ones, gaps
    given = [
        2.675,
        2.68,
        1.005,
        1.0,
        0.5,
        1.5,
        2.5,
        0.0625,
        -0.5,
        -1.5,
        -2.675,
        0.0,
        None,
        2.675,
        0.145,
        0.155,
    ]
    method = a_method(f"ranks: {{ties: {ties}, decimals: {decimals}}}\n", PLAIN, FLAT)
    table = pa.table(
        {
            "area": [f"a{at:02}" for at in range(len(given))],
            "period": ["2024"] * len(given),
            "one": pa.array(given, pa.float64()),
        }
    )
    found = queried(method, table, show=["rank"]).sort_by("area")["index_rank"].to_pylist()
    expected = ranks([np.nan if one is None else one for one in given], ties=ties, decimals=decimals)
    assert found == [None if np.isnan(one) else int(one) for one in expected]


def test_rows_areas_and_periods_are_those_that_the_method_takes():
    method = a_method(
        'areas: {starts_with: "44"}\nperiods: {from: "2022-01", to: "2023-06"}\n'
        "data: {where: {edition: [2]}, columns: {area: place, period: month}}\n",
        PLAIN,
        FLAT,
    )
    rows = [
        ("4401", "2022-05", 2), ("4401", "2022-05", 1), ("5501", "2022-05", 2), ("4402", "2022", 2),
        ("4403", "2023-07", 2), ("4404", "2023-06", 2), ("4405", "2022-Q1", 2),
    ]  # fmt: skip
    table = pa.table(
        {
            "place": [row[0] for row in rows],
            "month": [row[1] for row in rows],
            "edition": [row[2] for row in rows],
            "one": [0.5] * len(rows),
        }
    )
    found = queried(method, table).sort_by("area").select(["area", "period"]).to_pylist()
    assert found == [{"area": "4401", "period": "2022-05"}, {"area": "4404", "period": "2023-06"}]


def test_a_level_is_a_column_and_a_table_may_be_of_one_period():
    method = a_method("areas: {level: district}\ndata: {period: 2024, columns: {level: kind}}\n", PLAIN, FLAT)
    table = pa.table({"area": [1, 2], "kind": ["district", "city"], "one": [0.5, 0.5]})
    assert queried(method, table, show=["score"]).to_pylist() == [
        {"area": "1", "period": "2024", "index": 0.5}
    ]
    (told,) = faults(a_method("areas: {level: district}\ndata: {period: 2024}\n", PLAIN, FLAT), table)
    assert told == "areas: a query knows levels from a column alone; name it under data > columns > level"


def faults(method: Method, table: pa.Table, **asked: object) -> list[str]:
    with pytest.raises(IndexFault) as caught:
        queried(method, table, **asked)
    return caught.value.faults


def test_what_a_query_does_not_say_is_refused_with_node_and_rule():
    method = a_method(head=HEAD.replace("default: arithmetic", "default: copeland, air: median"))
    assert faults(method, a_table(method)) == [
        "ecology: a query does not say the mean copeland; it says arithmetic, geometric; "
        "shenzhi index run computes it in memory",
        "air: a query does not say the mean median; it says arithmetic, geometric; "
        "shenzhi index run computes it in memory",
    ]


def test_a_scaling_that_a_query_does_not_say_is_refused():
    method = a_method(tree=TREE.replace("method: minmax, lower: 1, upper: 9", "method: rank"))
    (told,) = faults(method, a_table(method))
    assert told.startswith("trade: a query does not say the scaling rank; it says minmax, goalposts,")


def test_steps_of_a_node_that_a_query_does_not_say_are_refused():
    method = a_method("round: {economy: 2}\nimpute: mean\n")
    told = faults(method, a_table(method))
    assert "economy: a query does not say rounding; shenzhi index run computes it in memory" in told
    assert "pm25: a query does not say impute; shenzhi index run computes it in memory" in told


@dataclasses.dataclass(frozen=True)
class LaterMethod(Method):
    """As methods may come to be: with one more rule."""

    veto: str = ""


def test_a_rule_that_methods_learn_later_is_refused_and_not_passed_over():
    method = a_method()
    given = {field.name: getattr(method, field.name) for field in dataclasses.fields(method)}
    assert queried(LaterMethod(**given), a_table(method)).num_rows == 400
    assert faults(LaterMethod(**given, veto="pm25"), a_table(method)) == [
        "veto: a query does not say this rule; shenzhi index run computes it in memory"
    ]


def test_columns_that_are_missing_or_hold_text_are_refused_together():
    method = a_method()
    table = a_table(method).rename_columns(
        ["area", "year", *(leaf.code.replace("water", "waters") for leaf in method.leaves)]
    )
    table = table.set_column(2, "output", pa.array(["1"] * len(table)))
    assert faults(method, table, show=["mean"], nodes=["ecolgy"]) == [
        "there is no column period; known here: area, year, output, energy, trade, pm25, ozone, waters, order",
        "there is no column water; did you mean waters?",
        "output: the column holds string, not numbers; read it as numbers before it is scored",
        "nodes: ecolgy is none; did you mean ecology?",
        "show: mean is none of score, coverage, available, rank, rank_of",
    ]


def test_codes_that_an_engine_would_take_for_one_column_are_refused():
    method = a_method(tree=TREE.replace("code: ozone", "code: PM25").replace("code: water", "code: air_rank"))
    assert faults(method, a_table(method)) == [
        "pm25, PM25: columns of an engine do not tell capital from small letters; rename one of the codes",
        "air_rank: this is also the name of a figure of another node; rename the code",
    ]


@pytest.mark.parametrize(("column", "values"), UNFIT)
def test_where_computing_refuses_a_query_shows_no_number_up_to_the_index(column, values):
    method = a_method("publish: {root: 1, node: 1}\n")
    table = a_table_with(method, column, values)
    with pytest.raises(IndexFault):
        in_memory(method, table)
    assert_no_number(column, queried(method, table, show=["score"])["index"].to_pylist())


def out_of_core(method: Method, table: pa.Table, folder, **asked: object):
    (folder / "given").mkdir(exist_ok=True)
    for at in range(2):  # in two files
        pq.write_table(
            table.slice(at * (len(table) // 2), len(table) // 2), folder / "given" / f"{at}.parquet"
        )
    return run_wide(
        method, folder / "given" / "*.parquet", folder / "scores.parquet", memory="500MB", **asked
    )


def test_parquet_is_scored_into_parquet_and_says_how_far_it_is(tmp_path):
    method = a_method("frame: period\n")
    table = a_table(method)
    said = []
    done = out_of_core(
        method,
        table,
        tmp_path,
        nodes=list(method.nodes),
        show=FIGURES,
        progress=lambda *told: said.append(told),
    )
    assert (done.rows, done.frame.num_rows) == (400, 2)
    assert_the_same(method, table, pq.read_table(done.path))
    steps = list(dict.fromkeys(step.en for step, _, _ in said))
    assert steps == ["Checking areas and periods", "Taking what was observed of each indicator", "Scoring"]
    assert [one[1:] for one in said if one[0].en == "Scoring"][-1] == (100, 100)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["given", "scores.parquet"]


def test_the_same_rows_give_the_same_bytes(tmp_path):
    method = a_method()
    table = a_table(method)
    first = out_of_core(method, table, tmp_path, nodes=["economy"]).path.read_bytes()
    assert out_of_core(method, table, tmp_path, nodes=["economy"]).path.read_bytes() == first
    assert pq.read_schema(tmp_path / "scores.parquet").names == [
        "area", "period", "index", "index_coverage", "economy", "economy_coverage",
    ]  # fmt: skip


def refusal(method: Method, table: pa.Table, folder) -> list[str]:
    (folder / "scores.parquet").write_text("an earlier result")
    with pytest.raises(IndexFault) as caught:
        out_of_core(method, table, folder)
    assert (folder / "scores.parquet").read_text() == "an earlier result"
    assert sorted(path.name for path in folder.iterdir()) == ["given", "scores.parquet"]
    return caught.value.faults


def test_areas_that_come_twice_are_empty_or_of_other_periods_are_refused(tmp_path):
    table = pa.table(
        {"area": ["A", "A", "", "B"], "period": ["2024", "2024", "2024", "2024-05"], "one": [1.0] * 4}
    )
    assert refusal(a_method("areas: all\n", PLAIN, FLAT), table, tmp_path) == [
        "area is empty in 1 rows; every row needs one",
        "more than one row: A in 2024; keep one, or choose rows under data > where",
        "periods: the data mix periods of different length (2024, 2024-05); name them, "
        'or say {from: "2016", to: "2024"}',
    ]
    assert refusal(a_method("areas: [A, C]\nperiods: [2024, 2025]\n", PLAIN, FLAT), table, tmp_path) == [
        "more than one row: A in 2024; keep one, or choose rows under data > where",
        "areas: C: not in the data; take it out, or correct the code",
        "periods: 2025: not in the data; take it out, or correct the code",
    ]


def test_values_that_cannot_be_scored_are_refused_in_the_words_of_the_computation_in_memory(tmp_path):
    method = a_method("frame: period\n", PLAIN, FLAT.replace("posts: [0, 1]", "method: minmax"))
    table = pa.table(
        {"area": ["A", "B"] * 2, "period": ["2023"] * 2 + ["2024"] * 2, "one": [1.0, 1.0, 1.0, 2.0]}
    )
    assert refusal(method, table, tmp_path) == [
        "one: all values are equal in 2023, so they cannot be put on a scale of what was observed; "
        "give it posts, take a longer frame, or leave it out"
    ]


def test_a_score_that_a_geometric_mean_cannot_take_and_an_infinite_value_are_told_by_area(tmp_path):
    tree = FLAT + FLAT[FLAT.index("    - ") :].replace("one", "two").replace("One", "Two")
    method = a_method(head=PLAIN.replace("arithmetic", "geometric"), tree=tree)
    table = pa.table(
        {
            "area": ["A", "B", "C", "D"],
            "period": ["2024"] * 4,
            "one": [0.0, 0.5, 0.5, float("inf")],
            "two": [0.5, -1.0, 0.5, None],
        }
    )
    infinite, low = refusal(method, table, tmp_path)
    assert infinite == (
        "infinite value: one of D in 2024; correct the value, or leave it empty if it is unknown"
    )
    with pytest.raises(IndexFault) as caught:
        in_memory(method, table.slice(0, 3))
    assert [low] == caught.value.faults


def test_scores_are_not_written_over_the_table_that_is_read(tmp_path):
    method = a_method(head=PLAIN, tree=FLAT)
    table = pa.table({"area": ["A", "B"], "period": ["2024"] * 2, "one": [0.1, 0.2]})
    pq.write_table(table, tmp_path / "scores.parquet")
    with pytest.raises(IndexFault, match="one of the files to be read"):
        run_wide(method, tmp_path / "*.parquet", tmp_path / "scores.parquet")
    with pytest.raises(IndexFault, match="No files found"):
        run_wide(method, tmp_path / "none*.parquet", tmp_path / "other.parquet")
    with pytest.raises(IndexFault, match="memory: much is no amount; write 4GB, or 500MB"):
        run_wide(method, tmp_path / "scores.parquet", tmp_path / "other.parquet", memory="much")


def test_a_query_grows_no_faster_than_the_number_of_indicators():
    def written(count: int) -> str:
        leaves = "".join(
            f"    - {{code: i{at}, title: {{zh: 指标, en: Indicator}}, direction: 1, posts: observed}}\n"
            for at in range(count)
        )
        method = a_method(head=PLAIN, tree="tree:\n  code: index\n  children:\n" + leaves)
        return ibis.to_sql(scores(method, ibis.memtable(a_table(method, units=2))))

    assert len(written(40)) < 2.2 * len(written(20))
