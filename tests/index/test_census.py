"""The census index of 338 cities and of Shenzhen's nine districts, against a second implementation written from the
words of the method files: plain loops over dictionaries and exact fractions, without the engine."""

from __future__ import annotations

import csv
import math
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from shenzhi.config.commands.index import index
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.index.verify import verify

pytestmark = pytest.mark.slow

METHODS = Path(__file__).resolve().parents[2] / "examples" / "census" / "methods"
FILES = {
    "cities-2020": "derived_quality_indicators_2020.csv",
    "districts-2020": "derived_quality_indicators_2020.csv",
    "cities-2010-2020": "derived_quality_panel_2010_2020.csv",
}


class Plain:
    """An index worked out the slow way. `scores` and `coverage` are by (area, period, node); None: no score."""

    def __init__(self, method: dict, rows: list[dict[str, str]]) -> None:
        self.method = method
        self.leaves = list(self.walk(method["tree"]))
        data = method["data"]
        self.values: dict[tuple[str, str], dict[str, Fraction]] = {}
        for row in rows:
            wanted = method["areas"]
            if row["level"] == wanted["level"] and row["code"].startswith(wanted.get("starts_with", "")):
                period = data["period"] if "period" in data else row[data["columns"]["period"]]
                given = {leaf["code"]: row[leaf["code"]] for leaf in self.leaves}
                self.values[row[data["columns"]["area"]], period] = {
                    code: Fraction(float(cell)) for code, cell in given.items() if cell
                }
        areas = sorted({area for area, _ in self.values})
        self.periods = sorted({period for _, period in self.values})
        self.units = [(area, period) for area in areas for period in self.periods]
        least = Fraction(str(method.get("screening", {}).get("unit", 0)))
        self.kept = {
            unit for unit in self.units if Fraction(len(self.values.get(unit, {})), len(self.leaves)) >= least
        }
        self.marks = {leaf["code"]: self.normalised(leaf) for leaf in self.leaves}
        self.scores: dict[tuple[str, str, str], float | None] = {}
        self.coverage: dict[tuple[str, str, str], float] = {}
        for unit in self.units:
            self.score(method["tree"], unit, root=True)

    def walk(self, node):
        if "children" not in node:
            yield node
        for child in node.get("children", []):
            yield from self.walk(child)

    def normalised(self, leaf) -> dict[tuple[str, str], float]:
        code, how = leaf["code"], {**self.method["normalise"], **leaf}
        frame = {unit: self.values[unit][code] for unit in self.kept if code in self.values.get(unit, {})}
        low, high = min(frame.values()), max(frame.values())
        if isinstance(how.get("posts"), list):
            low, high = map(Fraction, how["posts"])
        marks = {}
        mean = sum(frame.values()) / len(frame)
        squares = sum((value - mean) ** 2 for value in frame.values())
        for unit, value in frame.items():
            if how["method"] == "zscore":
                z = float(value - mean) / math.sqrt(squares / (len(frame) - 1))
                marks[unit] = how["mean"] + leaf["direction"] * z * how["sd"]
                continue
            share = (value - low) / (high - low) if leaf["direction"] == 1 else (high - value) / (high - low)
            if how.get("cap"):
                share = min(max(share, Fraction(0)), Fraction(1))
            marks[unit] = float(how["lower"] + (how["upper"] - how["lower"]) * share)
        return marks

    def score(self, node, unit, root=False):
        """Score and coverage (as a fraction of the node's weight) of a node, children first."""
        code = node["code"]
        if "children" not in node:
            mark = self.marks[code].get(unit)
            self.scores[(*unit, code)] = mark
            self.coverage[(*unit, code)] = float(mark is not None)
            return mark, Fraction(mark is not None)
        below = [(Fraction(str(child["weight"])), *self.score(child, unit)) for child in node["children"]]
        there = [(weight, mark) for weight, mark, _ in below if mark is not None]
        covered = sum(weight * share for weight, mark, share in below if mark is not None)
        coverage = Fraction(covered) / sum(weight for weight, _, _ in below)
        publish = self.method.get("publish", {})
        least = Fraction(str(publish.get("root" if root else "node", 0.5)))
        mark = None
        if there and coverage >= least:
            total = sum(weight for weight, _ in there)
            kind = self.method["aggregate"].get(code, self.method["aggregate"]["default"])
            if kind == "geometric":
                mark = math.prod(score ** float(weight / total) for weight, score in there)
            else:
                mark = sum(float(weight / total) * score for weight, score in there)
        self.scores[(*unit, code)] = mark
        self.coverage[(*unit, code)] = float(coverage)
        return mark, coverage


@pytest.fixture(scope="module", params=sorted(FILES))
def both(request, shared, tmp_path_factory) -> tuple[Publication, Plain]:
    """The index as the command publishes it, and as it comes out the slow way."""
    method, table = METHODS / f"{request.param}.yml", shared / "data" / "census" / FILES[request.param]
    out = tmp_path_factory.mktemp("census") / request.param
    done = CliRunner().invoke(index, ["run", str(method), str(table), "--out", str(out)])
    assert done.exit_code == 0, done.output
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return Publication.open(out), Plain(yaml.safe_load(method.read_text(encoding="utf-8")), rows)


def test_every_score_and_coverage_is_what_the_slow_way_gives(both):
    publication, plain = both
    published = publication.scores()
    assert {(one.area, one.period, one.node) for one in published} == set(plain.scores)
    for one in published:
        expected = plain.scores[one.area, one.period, one.node]
        assert (one.score is None) == (expected is None), one
        assert one.score is None or one.score == pytest.approx(expected, rel=1e-11), one
        assert one.coverage == pytest.approx(plain.coverage[one.area, one.period, one.node], abs=1e-12), one
        assert (one.score is None) == bool(one.reason), one


def test_every_rank_counts_the_better_ones(both):
    publication, plain = both
    for node in publication.method.nodes:
        for period in plain.periods:
            marks = {area: plain.scores[area, period, node] for area, other in plain.units if other == period}
            # The two ways differ in the last digits; a rank is compared where the scores are clearly apart.
            rounded = {area: round(mark, 8) for area, mark in marks.items() if mark is not None}
            for one in publication.scores(node, period=period):
                assert (one.rank is None) == (one.area not in rounded)
                assert one.rank_of == len(rounded)
                if one.rank is not None:
                    assert one.rank == 1 + sum(mark > rounded[one.area] for mark in rounded.values())


def test_every_part_adds_up_and_shows_its_raw_value(both):
    publication, plain = both
    groups = [node for node in publication.method.nodes.values() if not node.is_leaf]
    for area, period in plain.units[::7]:
        for group in groups:
            parts = publication.parts(area, period, group.code)
            score = publication.score(area, period, group.code).score
            assert [part.node for part in parts] == [child.code for child in group.children]
            if score is not None:
                given = [part.contribution for part in parts if part.contribution is not None]
                assert math.fsum(given) == pytest.approx(score, abs=1e-12 * 100)
                assert math.fsum(part.share for part in parts if part.share is not None) == pytest.approx(1)
            for part in parts:
                if part.leaf:
                    value = plain.values.get((area, period), {}).get(part.node)
                    assert part.raw == (None if value is None else float(value))
                    assert part.status == ("missing" if value is None else "given")


def test_the_publication_verifies(both):
    assert verify(both[0].folder).equal


def test_all_cities_and_all_nine_districts_are_there(shared, tmp_path):
    runner = CliRunner()
    census = shared / "data" / "census"
    for name, scored, without in (("cities-2020", 337, 1), ("districts-2020", 9, 0)):
        done = runner.invoke(
            index,
            ["run", str(METHODS / f"{name}.yml"), str(census / FILES[name]), "--out", str(tmp_path / name)],
        )
        assert done.exit_code == 0
        scores = Publication.open(tmp_path / name).scores("index")
        assert sum(one.score is not None for one in scores) == scored
        assert sum(one.score is None for one in scores) == without
    # Sansha has values for 4 of its 14 indicators, and says so.
    sansha = next(
        one for one in Publication.open(tmp_path / "cities-2020").scores("index") if one.score is None
    )
    assert sansha.area == "460300"
    assert sansha.why.zh == "该地区本期仅有 28.5% 的指标有数据，低于 50% 的计分下限"


def test_the_methods_say_honestly_what_their_indicators_are():
    for path in sorted(METHODS.glob("*.yml")):
        method = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert "替代指标" in method["note"]["zh"]
        assert "prox" in method["note"]["en"]
        for domain in method["tree"]["children"]:
            for leaf in domain["children"]:
                if "_emp_" in leaf["code"]:
                    assert "proxy" in leaf["note"]["en"], leaf["code"]


def test_the_three_methods_use_three_normalisations():
    used = {
        path.stem: yaml.safe_load(path.read_text())["normalise"]["method"] for path in METHODS.glob("*.yml")
    }
    assert used == {"cities-2020": "efficacy", "districts-2020": "minmax", "cities-2010-2020": "zscore"}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "areas"), [("cities-2020", 338), ("districts-2020", 9)])
def test_the_census_is_published_from_a_lake_with_the_same_scores(shared, tmp_path, monkeypatch, name, areas):
    from shenzhi.pipeline.index.publish import publish
    from shenzhi.pipeline.lake.city import load_city
    from shenzhi.pipeline.lake.ingest import ingest
    from shenzhi.pipeline.lake.lake import Lake

    monkeypatch.setenv("SHENZHI_HOME", str(tmp_path / "var"))
    city = load_city(METHODS.parent)
    table = shared / "data" / "census" / FILES[name]
    ingest(Lake(city), "census", table, by="test")
    published = publish(city, name)
    out = tmp_path / "out"
    done = CliRunner().invoke(index, ["run", str(METHODS / f"{name}.yml"), str(table), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert len(published.scores("index")) == areas
    assert published.scores() == Publication.open(out).scores()
    assert (
        published.manifest["files"]["parts.parquet"]
        == Publication.open(out).manifest["files"]["parts.parquet"]
    )
    assert verify(city.published_dir, Lake(city)).equal
