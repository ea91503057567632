"""Coverage is computed from declarations; here over a few made-up ones whose answer is plain to see."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from shenzhi.apps.law.articles import register
from shenzhi.apps.law.coverage import CoverageError, Evidence, as_data, coverage, declared, standings, tally
from shenzhi.kernel import registry
from shenzhi.kernel.articles import ArticleError, references
from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake.city import City, load_city
from shenzhi.pipeline.statistics import INDICATORS

REAL = City("real", Words("实市", "Real"), False, Words("注", "note"), Path(), Path(), "", "1")
FICTIONAL = replace(REAL, slug="model", fictional=True)


def evidence(relation, article, city=None):
    return Evidence(
        relation, "x", Words("某物", "Something"), Words("做事", "does it"), references(article), city=city
    )


def state(number, *given):
    return standings(register(), given)[number].state


def test_an_article_without_declarations_is_open_and_one_without_duties_asks_nothing():
    assert state(86) == "open"
    assert state(2) == "none"


def test_measuring_an_article_is_not_carrying_it_out():
    assert state(51, evidence("measures", "51", REAL)) == "measured"


def test_what_only_a_fictional_city_shows_is_no_progress():
    assert state(51, evidence("measures", "51", FICTIONAL)) == "open"


def test_data_and_reports_alone_do_not_change_the_state():
    assert state(84, evidence("gathers", "84", REAL), evidence("reports", "84")) == "open"


def test_an_article_is_carried_out_only_when_every_duty_is():
    # article 84 has three duties in the register: gather, build the platform, open the data
    assert state(84, evidence("carries", "84.1, 84.3")) == "part"
    assert state(84, evidence("carries", "84.1, 84.3"), evidence("carries", "84.2")) == "carried"
    assert state(84, evidence("carries", "84")) == "carried"


def test_each_duty_knows_what_serves_it():
    standing = standings(register(), [evidence("carries", "86.2")])[86]
    assert [len(standing.serving(duty)) for duty in standing.article.duties] == [0, 1, 0, 0]


def test_a_range_serves_every_article_in_it():
    found = standings(register(), [evidence("measures", "49-51", REAL)])
    assert [number for number, one in found.items() if one.evidence] == [49, 50, 51]


def test_a_duty_that_is_not_there_is_refused():
    with pytest.raises(CoverageError, match=r"no duty 84\.4; article 84 has 3 in the register"):
        standings(register(), [evidence("carries", "84.4")])


def test_the_tally_counts_every_article_once():
    assert sum(tally(coverage().values()).values()) == 97


def test_an_announcement_that_cannot_be_read_is_refused():
    with pytest.raises(ArticleError):
        registry.add(carries=registry.Carries("98", Words("甲", "A"), Words("乙", "B")))


def test_an_announcement_becomes_evidence(monkeypatch):
    monkeypatch.setattr(registry, "CARRIES", [])
    one = registry.Carries(
        "86.4", Words("某报告", "A report"), Words("发布", "publishes"), "portal:report", ("x",)
    )
    registry.add(carries=one)
    registry.add(carries=one)
    found = [piece for piece in declared() if piece.relation == "carries"]
    assert [(piece.title.en, piece.references, piece.url_name) for piece in found] == [
        ("A report", references("86.4"), "portal:report")
    ]


def test_an_indicator_counts_for_a_city_only_when_its_source_promises_the_figure():
    """Read from the file that comes with the city: an item that no source promises has no row in it either."""
    city = load_city("shenzhen")
    with (city.root / "returns" / "annual_figures.csv").open(encoding="utf-8-sig", newline="") as file:
        items = {row["item"] for row in csv.DictReader(file)}
    credited = {
        piece.code
        for piece in declared()
        if piece.relation == "measures" and piece.city and piece.city.slug == "shenzhen"
    }
    picked = {
        one.code: one.pick.key
        for one in INDICATORS.values()
        if one.pick and one.pick.table == "annual_figures" and not one.pick.wide
    }
    assert {code for code in picked if code in credited} == {
        code for code, key in picked.items() if key in items
    }
    assert len(credited) > 100


def test_everything_declared_in_the_software_names_articles_and_speaks_both_languages():
    pieces = list(declared())
    assert pieces
    for piece in pieces:
        assert piece.references, piece.code
        for words in (piece.title, piece.what):
            assert words.zh.strip(), piece.code
            assert words.en.strip(), piece.code


def test_the_data_of_an_article_names_its_duties():
    data = as_data(standings(register(), [evidence("carries", "84.1")])[84])
    assert [duty["duty"] for duty in data["duties"]] == ["84.1", "84.2", "84.3"]
    assert data["duties"][0]["carried_out_by"] == [{"zh": "某物", "en": "Something"}]
    assert data["state"] == "part"
