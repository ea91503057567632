"""The method files of `examples` reproduce what was published, value by value, from the raw components alone."""

from __future__ import annotations

import csv
import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from shenzhi.pipeline.index.local import run_table
from shenzhi.pipeline.index.method import load_method
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.index.verify import verify

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def undp(shared) -> Path:
    return shared / "data" / "index" / "hdi" / "HDR23-24_Composite_indices_complete_time_series.csv"


@pytest.fixture(scope="module")
def countries(undp) -> list[dict[str, str]]:
    with undp.open(encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.DictReader(file) if not row["iso3"].startswith("ZZ")]


def run(method: Path, table: Path, out: Path) -> Publication:
    publication, _ = run_table(method, table, out)
    return publication


def published(countries, name: str) -> dict[tuple[str, str], float]:
    """What UNDP published under a name, by country and year."""
    return {
        (row["iso3"], str(year)): float(row[f"{name}_{year}"])
        for row in countries
        for year in range(1990, 2023)
        if row.get(f"{name}_{year}")
    }


def scored(publication: Publication, node: str | None = None) -> dict[tuple[str, str], float]:
    scores = publication.scores(node or publication.method.root.code)
    return {(one.area, one.period): one.score for one in scores if one.score is not None}


def agree(ours: dict, theirs: dict, count: int) -> None:
    """Each of `count` published values is ours, digit for digit."""
    assert len(theirs) == count
    assert {key: (ours.get(key), value) for key, value in theirs.items() if ours.get(key) != value} == {}


@pytest.mark.slow
def test_the_human_development_index_and_its_ranks(undp, countries, tmp_path):
    publication = run(EXAMPLES / "undp" / "hdi.yml", undp, tmp_path / "out")
    ours = scored(publication)
    agree(ours, published(countries, "hdi"), 5808)
    # Rwanda has all four figures in the years before 1994, but UNDP publishes no index for them
    assert set(ours) - set(published(countries, "hdi")) == {("RWA", str(year)) for year in range(1990, 1994)}
    ranks = {one.area: one.rank for one in publication.scores("hdi", period="2022") if one.rank}
    assert ranks == {
        row["iso3"]: int(float(row["hdi_rank_2022"])) for row in countries if row["hdi_rank_2022"]
    }
    assert len(ranks) == 193
    # a country whose life expectancy lies under the post: the figure stands there, and why it is not used
    rwanda = publication.score("RWA", "1994", "le")
    assert rwanda.score is None
    assert rwanda.reason_en == "The figure given lies beyond the limits of the method and is not used"
    part = next(one for one in publication.parts("RWA", "1994", "hdi") if one.node == "le")
    assert (part.raw, part.entered, part.how) == (14.098, None, "limits")
    assert verify(tmp_path / "out").equal


@pytest.mark.slow
def test_the_gender_development_index(undp, countries, tmp_path):
    publication = run(EXAMPLES / "undp" / "gdi.yml", undp, tmp_path / "out")
    agree(scored(publication), published(countries, "gdi"), 4710)
    for node in ("hdi_f", "hdi_m"):  # published with all their digits, 9 of them
        ours, theirs = scored(publication, node), published(countries, node)
        assert [key for key in theirs if ours[key] != pytest.approx(theirs[key], rel=1e-7)] == []


@pytest.mark.slow
def test_the_inequality_adjusted_index(undp, countries, tmp_path):
    publication = run(EXAMPLES / "undp" / "ihdi.yml", undp, tmp_path / "out")
    agree(scored(publication), published(countries, "ihdi"), 1963)


@pytest.mark.slow
def test_the_planetary_pressures_adjusted_index(undp, countries, tmp_path):
    publication = run(EXAMPLES / "undp" / "phdi.yml", undp, tmp_path / "out")
    theirs = published(countries, "phdi")
    # five are published for years without the index that they adjust (Rwanda 1994 ...)
    index = published(countries, "hdi")
    agree(scored(publication), {key: value for key, value in theirs.items() if key in index}, 4734)


@pytest.mark.slow
def test_the_gender_inequality_index_and_its_ranks(undp, countries, tmp_path):
    publication = run(EXAMPLES / "undp" / "gii.yml", undp, tmp_path / "out")
    agree(scored(publication), published(countries, "gii"), 4405)
    ranks = {one.area: one.rank for one in publication.scores("gii", period="2022") if one.rank}
    assert ranks == {
        row["iso3"]: int(float(row["gii_rank_2022"])) for row in countries if row["gii_rank_2022"]
    }
    assert len(ranks) == 166


def test_the_asem_index_is_that_of_the_peer(shared, tmp_path):
    peer = shared / "data" / "index" / "coinr"
    publication = run(EXAMPLES / "asem" / "asem.yml", peer / "input" / "ASEM_iData.csv", tmp_path / "out")
    with (peer / "pipeline" / "7_Aggregated.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    checked = 0
    for row in rows:
        ours = {one.node: one.score for one in publication.scores(area=row["uCode"])}
        theirs = {code: float(cell) for code, cell in row.items() if code != "uCode"}
        assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-12)
        checked += len(theirs)
    assert checked == 51 * (49 + 8 + 2 + 1)
    # a gap that was estimated by its group, and a value that was held, are told so on their way to the page
    with (peer / "pipeline" / "2_Denominated.csv").open(encoding="utf-8", newline="") as file:
        gaps = {
            (row["uCode"], code) for row in csv.DictReader(file) for code, cell in row.items() if not cell
        }
    parts = [
        part
        for score in publication.scores()
        if score.level > 1
        for part in publication.parts(score.area, score.period, score.node)
        if part.leaf
    ]
    assert {(part.area, part.node) for part in parts if part.status == "imputed"} == gaps
    assert {"winsorise", "per:Population winsorise"} <= {part.how for part in parts}


def test_the_green_development_index_of_beijing(shared, tmp_path):
    facts = json.loads(
        (shared / "data" / "index" / "china" / "published_facts.json").read_text(encoding="utf-8")
    )
    beijing = facts["green_development_index_2016"]["beijing_row_check"]
    figures = {**beijing["seen"], **beijing["not_checked"]}
    codes = {
        "资源利用": "resources",
        "环境治理": "treatment",
        "环境质量": "quality",
        "生态保护": "protection",
        "增长质量": "growth",
        "绿色生活": "living",
    }
    table = tmp_path / "beijing.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["area", *codes.values()], ["110000", *(figures[name] for name in codes)]]
        )
    method = EXAMPLES / "china" / "green-2016.yml"
    weights = {leaf.code: leaf.weight for leaf in load_method(method).leaves}
    published = facts["green_development_index_2016"]["domains_weight_pct"]
    assert weights == {codes[name]: weight for name, weight in published.items()}
    publication = run(method, table, tmp_path / "out")
    # 83.7052 by the weights, and 83.71 as published
    assert publication.score("110000", "2016").score == figures["overall"] == 83.71


def test_the_targets_of_xiaokang_are_those_published_and_met_they_give_100(shared, tmp_path):
    with (shared / "data" / "index" / "china" / "xiaokang_2013_targets_weights.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    method = EXAMPLES / "china" / "xiaokang-2013.yml"
    leaves = load_method(method).leaves
    signs = {1: (">=", "="), -1: ("<=",)}
    assert [(leaf.parameters["target"], leaf.weight) for leaf in leaves] == [
        (float(row["target"]), float(row["weight_pct"])) for row in rows
    ]
    assert all(row["direction"] in signs[leaf.direction] for leaf, row in zip(leaves, rows, strict=True))
    assert [row["indicator"] in leaf.title.zh for leaf, row in zip(leaves, rows, strict=True)] == [True] * 33
    # three areas: every target met to the point; twice as good; half as good
    times = {"met": 1.0, "beyond": 2.0, "half": 0.5}
    table = tmp_path / "areas.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(["area", "period", *(leaf.code for leaf in leaves)])
        for area, by in times.items():
            cells = [leaf.parameters["target"] * by**leaf.direction for leaf in leaves]
            csv.writer(file).writerow([area, "2013", *cells])
    publication = run(method, table, tmp_path / "out")
    got = {area: publication.score(area, "2013").score for area in times}
    assert got == pytest.approx({"met": 100, "beyond": 100, "half": 50}, abs=1e-12)


def test_the_assessment_by_plain_loops(tmp_path):
    folder = EXAMPLES / "china"
    publication = run(folder / "work-assessment.yml", folder / "work-assessment.csv", tmp_path / "out")
    with (folder / "work-assessment.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    grades = {}
    for area in ("01", "02", "03"):
        own = [{key: Decimal(cell) for key, cell in row.items() if key not in ("area", "name", "period")} for row in rows if row["area"] == area]  # fmt: skip
        assert len(own) == 12
        rate = sum(row["pass_rate"] * row["samples"] for row in own) / sum(row["samples"] for row in own)
        total = {code: sum(row[code] for row in own) for code in ("complaints_closed", "award", "late_report", "incident")}  # fmt: skip
        cents = Decimal("0.01")
        goals = min(rate / 94 * 100, Decimal(100)).quantize(cents, ROUND_HALF_UP)
        measures = min(total["complaints_closed"] / 13, Decimal(100)).quantize(cents, ROUND_HALF_UP)
        points = min(total["award"], Decimal(3)) - min(total["late_report"] / 2, Decimal(2))
        exact = min(goals * Decimal("0.4") + measures * Decimal("0.6") + points, Decimal(100))
        expected = float(exact.quantize(cents, ROUND_HALF_UP))
        score = publication.score(area, "2024")
        assert score.score == expected
        grades[area] = score.grade
        earned = next(name for name, cut in (("A", 90), ("B", 80), ("C", 60), ("D", 0)) if expected >= cut)
        assert score.grade == ("D" if total["incident"] else earned)
    assert grades == {"01": "A", "02": "B", "03": "D"}
