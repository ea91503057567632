"""The indices of the two cities in the box, against arithmetic done here and by hand."""

from __future__ import annotations

import math

import pytest
import yaml

from shenzhi.pipeline.index.publish import publish
from shenzhi.pipeline.statistics import INDICATORS
from shenzhi.pipeline.statistics.series import series

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def trial(shenzhen):
    return publish(shenzhen.city)


def test_the_trial_index_is_published_only_where_economy_and_ecology_both_have_a_score(trial):
    published = [score for score in trial.scores(node="index") if score.score is not None]
    assert [score.period for score in published] == ["2016", "2021", "2023"]
    for score in published:
        domains = [node for node in ("economy", "culture", "society", "ecology", "urban", "government")
                   if trial.score("440300", score.period, node).score is not None]  # fmt: skip
        assert domains == ["economy", "ecology"]
    # 2021: (8/18 + 20/40) / 6 = 15.7 %; 2016: (13/18 + 25/40) / 6 = 22.5 %; 2023: (18/18 + 22/40) / 6 = 25.8 %
    assert [round(score.coverage, 3) for score in published] == [0.225, 0.157, 0.258]


def test_every_year_that_is_not_published_says_why(trial):
    for score in trial.scores(node="index"):
        assert (score.score is None) == bool(score.reason)


def test_the_trial_index_of_2021_is_what_a_pocket_calculator_says(trial):
    # Economy (weights of what was published: 3 + 3 + 2 = 8)
    #   R&D 5.46 of 0..6 = 91.000; emerging industries (39.6 - 17) / 33 = 68.485; trade 16.2 of 0..10, held at 100
    #   (3 x 91.000 + 3 x 68.485 + 2 x 100) / 8 = 678.455 / 8 = 84.807
    # Ecology (10 + 2 x 5 = 20)
    #   good days (96.2 - 87.5) / 12.5 = 69.600; PM2.5 (35 - 18) / 30 = 56.667; PM10 (70 - 37) / 55 = 60.000
    #   NO2 (40 - 24) / 30 = 53.333; SO2 6 is below 20, held at 100; ozone (160 - 130) / 60 = 50.000
    #   (10 x 69.6 + 2 x (56.667 + 60 + 53.333 + 100 + 50)) / 20 = 1336 / 20 = 66.800
    # Index: (84.807 + 66.800) / 2 = 75.803
    assert trial.score("440300", "2021", "economy").score == pytest.approx(84.807, abs=0.001)
    assert trial.score("440300", "2021", "ecology").score == pytest.approx(66.800, abs=0.001)
    assert trial.score("440300", "2021").score == pytest.approx(75.803, abs=0.001)


def test_the_index_of_the_model_city_agrees_with_a_second_implementation(model):
    publication = publish(model.city)
    method = yaml.safe_load((model.city.methods_dir / "model-2026.yml").read_text(encoding="utf-8"))
    values = {
        (row["indicator"], row["area"], row["period"]): row["value"]
        for row in series(model).to_pylist()
        if row["current"]
    }

    def efficacy(leaf, value: float) -> float:
        low, high = leaf["posts"]
        worst, best = (low, high) if INDICATORS[leaf["code"]].direction == 1 else (high, low)
        return 60 + 40 * min(max((value - worst) / (best - worst), 0), 1)

    def index(area: str, period: str) -> float:
        logarithm = weights = 0.0
        for domain in method["tree"]["children"]:
            given = [leaf for leaf in domain["children"] if (leaf["code"], area, period) in values]
            scores = [leaf["weight"] * efficacy(leaf, values[leaf["code"], area, period]) for leaf in given]
            mean = sum(scores) / sum(leaf["weight"] for leaf in given)
            logarithm += domain["weight"] * math.log(mean)
            weights += domain["weight"]
        return math.exp(logarithm / weights)

    scores = publication.scores(node="index")
    assert len(scores) == 10 * 10
    for score in scores:
        assert score.score == pytest.approx(index(score.area, score.period), abs=1e-9)
    best = max(publication.scores(node="index", period="2024"), key=lambda score: score.score)
    assert best.rank == 1


def test_every_leaf_of_the_model_city_has_values_in_every_district(model):
    method = yaml.safe_load((model.city.methods_dir / "model-2026.yml").read_text(encoding="utf-8"))
    leaves = {leaf["code"] for domain in method["tree"]["children"] for leaf in domain["children"]}
    districts = [area.code for area in model.city.areas.values() if area.level == "district"]
    rows = series(model, leaves).to_pylist()
    assert {(row["indicator"], row["area"]) for row in rows if row["area"] in districts} == {
        (leaf, area) for leaf in leaves for area in districts
    }
