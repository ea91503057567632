"""What every indicator must keep, and what a declaration may not say."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from shenzhi.pipeline.lake.city import load_city
from shenzhi.pipeline.lake.source import load_sources
from shenzhi.pipeline.statistics import DOMAINS, INDICATORS, indicator
from shenzhi.pipeline.statistics.indicator import Figure, IndicatorError, figures
from shenzhi.pipeline.statistics.series import STATUSES, found

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "census"
GOOD = {
    "title": ("测试", "Test"),
    "definition": ("测试用。", "For tests."),
    "unit": ("%", "%"),
    "source": ("测试部门", "Test office"),
    "direction": 1,
    "article": "51",
    "domain": "ecology",
}


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    kept = dict(INDICATORS)
    yield
    INDICATORS.clear()
    INDICATORS.update(kept)


def test_a_declared_function_is_found_under_its_name_with_the_tables_that_it_reads():
    @indicator(**GOOD)
    def trees(census, orchards): ...

    assert INDICATORS["trees"].tables == ("census", "orchards")
    assert (INDICATORS["trees"].title.zh, INDICATORS["trees"].title.en) == ("测试", "Test")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"domain": "sport"}, "no domain called 'sport'"),
        ({"article": "98"}, "article '98' is outside 1..97"),
        ({"article": "0"}, "article '0' is outside 1..97"),
        ({"article": "fifty"}, "article 'fifty' is outside 1..97"),
        ({"title": ("测试", " ")}, "the title has no English"),
        ({"definition": ("", "For tests.")}, "the definition has no Chinese"),
        ({"unit": ("%", "")}, "the unit has no English"),
        ({"source": ("", "Test office")}, "the source has no Chinese"),
        ({"direction": 2}, "direction 2 is none of"),
    ],
)
def test_a_declaration_that_a_reader_could_not_trust_is_refused(wrong, said):
    with pytest.raises(IndicatorError, match=said):

        @indicator(**{**GOOD, **wrong})
        def trees(census): ...

    assert "trees" not in INDICATORS


def test_a_code_is_declared_once():
    with pytest.raises(IndicatorError, match="gdp: this code is already declared"):
        figures(
            "economy",
            [Figure("gdp", ("甲", "A"), ("元", "yuan"), 0, "11", ("甲。", "A."))],
            table="annual_figures",
            source=("测试", "Test"),
        )


def test_an_indicator_must_name_a_table():
    with pytest.raises(IndicatorError, match="reads no table"):

        @indicator(**GOOD)
        def trees(): ...


def test_an_unknown_code_is_answered_with_the_nearest():
    with pytest.raises(KeyError, match="did you mean 'gdp_growth'"):
        found("gdp_grwth")


@pytest.mark.parametrize("code", list(INDICATORS))
def test_every_indicator_says_what_it_is_in_both_languages_by_which_article_and_from_whom(code):
    one = INDICATORS[code]
    for words in (one.title, one.definition, one.source):
        assert any("一" <= letter <= "鿿" for letter in words.zh), words
        assert words.en.isascii() or any(letter.isascii() and letter.isalpha() for letter in words.en), words
        assert not any("一" <= letter <= "鿿" for letter in words.en), words
    assert one.unit.zh
    assert one.unit.en
    assert one.definition.zh.endswith("。")
    assert one.definition.en.endswith(".")
    assert 1 <= int(one.article) <= 97
    assert one.domain in DOMAINS


def test_no_two_indicators_share_a_title():
    for language in ("zh", "en"):
        titles = [one.title.say(language) for one in INDICATORS.values()]
        assert [title for title in titles if titles.count(title) > 1] == []


def test_the_six_domains_are_the_chapters_of_the_regulation_that_their_articles_stand_in():
    # chapters three to eight; what lies outside them by nature: article 9 (enterprises), 86 and 90, and two that the
    # census or the regulation puts under another heading (42 housing, 41 food)
    chapter = {
        "economy": range(11, 25),
        "culture": range(25, 36),
        "society": range(36, 48),
        "ecology": range(48, 53),
        "urban": range(53, 63),
        "government": range(63, 72),
        "standards": range(72, 83),
    }
    outside = {
        one.code: one.article for one in INDICATORS.values() if int(one.article) not in chapter[one.domain]
    }
    assert outside == {
        "prod_pass": "9",
        "product_pass_rate": "9",
        "city_housing_area_pc": "42",
        "qi": "86",
        "qi_econ": "86",
        "qi_gov": "86",
        "quality_complaints_settled": "90",
        "complaints_10k": "90",
        "complaints_1000_firms": "90",
        "complaints_in_time": "90",
        "complaint_days": "90",
        "complaints_remedied": "90",
        "complaints_satisfaction": "90",
        "complaints_recurrence": "90",
        "complaints_reopened": "90",
        "mq_applicants": "85",
        "mq_winners": "85",
        "cn_quality_award": "85",
        "gd_quality_award": "85",
    }


def test_every_table_that_an_indicator_reads_is_a_declared_source():
    declared = set()
    for folder in (load_city("shenzhen"), load_city("model"), load_city(EXAMPLE)):
        declared |= set(load_sources(folder.sources_dir))
    assert {table for one in INDICATORS.values() for table in one.tables} - declared == set()


def test_every_item_that_shenzhen_publishes_is_an_indicator():
    items = set()
    for path in (load_city("shenzhen").root / "returns").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            items |= {(path.stem, row["item"]) for row in csv.DictReader(file)}
    picked = {(one.pick.table, one.pick.key) for one in INDICATORS.values() if one.pick}
    assert items - picked == set()


def test_every_leaf_of_the_published_methods_is_an_indicator_with_the_same_domain():
    for slug in ("shenzhen", "model"):
        for path in load_city(slug).methods_dir.glob("*.yml"):
            tree = yaml.safe_load(path.read_text(encoding="utf-8"))["tree"]
            assert [domain["code"] for domain in tree["children"]] == [
                code for code in DOMAINS if code != "standards"
            ]
            for domain in tree["children"]:
                for leaf in domain["children"]:
                    assert INDICATORS[leaf["code"]].domain == domain["code"], leaf["code"]
                    assert INDICATORS[leaf["code"]].direction != 0, leaf["code"]


def test_statuses_are_those_that_a_series_may_carry():
    assert STATUSES == ("final", "preliminary", "estimated", "imputed")
