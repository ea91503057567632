"""The page of how firm a ranking is, the intervals on the index page, and the files behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import portal_cities
import pyarrow.parquet as pq
import pytest
from django.test import Client
from portal_cities import DOMAINS, Value, leaf, method
from test_pages import HAN, Page, body

from shenzhi.pipeline.index.steadiness import steadiness
from shenzhi.pipeline.lake import city as declared
from shenzhi.web.portal import firmness
from shenzhi.web.portal.editions import edition_of
from shenzhi.web.portal.serve import KEPT

AREAS = (
    "100,稳城,Firmton,city,,,,,,,\n"
    "101,东山区,East Hill,district,100,,,0,0,,\n"
    "102,西河区,West River,district,100,,,1,0,,\n"
    "103,南<湖区,South <Lake,district,100,,,1,1,,\n"
)
TREE = {code: [leaf(f"{code}_one"), leaf(f"{code}_two", -1)] for code in DOMAINS}
TRIED = {
    "normalise": [{"method": "minmax"}, "prank"],
    "aggregate": {"index": ["geometric"]},
    "weigh": ["equal", {"spread": 0.25, "draws": 5, "seed": 1}],
    "leave_out": "domains",
    "top": [1, 2],
}


def values(areas: dict[str, float]) -> list[Value]:
    """One figure for each indicator: the areas lie apart, more so in some domains than in others."""
    found = []
    for year, step in (("2022", 0.0), ("2023", 4.0)):
        for area, base in areas.items():
            for at, code in enumerate(DOMAINS):
                tilt = (at - 2) * (int(area) % 3) * 3
                found.append(Value(f"{code}_one", area, year, base + step + tilt))
                found.append(Value(f"{code}_two", area, year, 100 - base + tilt / 2))
    return found


@pytest.fixture(scope="module")
def tested_cities(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("firm-cities")
    firm = portal_cities.city(root, "firm", fictional=False, areas=AREAS)
    districts = method("firm-test", TREE, areas={"level": "district"}, robustness=TRIED)
    portal_cities.publish(firm, districts, values({"101": 70.0, "102": 50.5, "103": 50.0}))
    solo = portal_cities.city(root, "solo", fictional=True, areas=AREAS)
    trials = {key: TRIED[key] for key in ("aggregate", "weigh", "leave_out")}
    trials["data"] = {"errors": {"default": 0.02}, "draws": 3, "seed": 1}
    portal_cities.publish(
        solo, method("solo-test", TREE, areas=["100"], robustness=trials), values({"100": 60.0})
    )
    plain = portal_cities.city(root, "plain", fictional=True, areas=AREAS)
    portal_cities.publish(plain, method("plain-test", TREE), values({"101": 70.0, "102": 50.0}))
    return root


@pytest.fixture
def client(tested_cities: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setattr(declared, "CITIES", tested_cities)
    KEPT.clear()
    yield Client()
    KEPT.clear()


PAGES = ["/firm/robustness/", "/firm/robustness/2022/", "/solo/robustness/", "/firm/index/", "/solo/index/"]


@pytest.mark.parametrize("path", PAGES)
def test_the_page_is_there_in_both_languages_with_neither_mixed_in(client: Client, path: str) -> None:
    chinese, english = Page(body(client, path)), Page(body(client, "/en" + path))
    assert (chinese.lang, english.lang) == ("zh-Hans", "en")
    left = [
        text
        for language, text in english.said
        if not language.startswith("zh") and HAN.search(text.replace("虚构数据", ""))
    ]
    assert left == []
    foreign = [
        text
        for language, text in chinese.said
        if language != "en"
        and re.search(r"\b[a-z]+ [a-z]+ [a-z]+\b", text)
        and not text.startswith("shenzhi ")
    ]
    assert foreign == []


@pytest.mark.parametrize("path", PAGES)
def test_the_page_is_built_for_every_reader(client: Client, path: str) -> None:
    page = Page(body(client, path))
    names = [tag for tag, _ in page.tags]
    assert names.count("h1") == names.count("main") == 1
    assert len(page.ids) == len(set(page.ids))
    assert names.count("table") == names.count("caption")
    assert "<Lake" not in body(client, "/en" + path)


def test_every_link_of_the_page_leads_on(client: Client) -> None:
    for link in Page(body(client, "/firm/robustness/")).links:
        if link.startswith("/firm/"):
            assert client.get(link).status_code == 200, link


def test_the_index_page_shows_the_interval_beside_each_rank_and_says_what_it_is(client: Client) -> None:
    text = body(client, "/firm/index/")
    standings = steadiness(edition_of("firm").publication).standings("2023")
    for one in standings.values():
        assert f"第{one.rank} <small>({firmness.interval(one)})</small>" in text
    assert "没有计入不确定性" not in text
    assert "/firm/robustness/2023/" in Page(text).links


def test_the_home_page_shows_the_interval_beside_each_rank_and_leads_to_what_it_means(client: Client) -> None:
    text = body(client, "/firm/")
    standings = steadiness(edition_of("firm").publication).standings("2023")
    for one in standings.values():
        assert f"第{one.rank} <small>({firmness.interval(one)})</small>" in text
    assert "/firm/robustness/" in Page(text).links
    assert "名次后的括号" not in body(client, "/plain/")


def test_an_edition_without_trials_keeps_the_old_words_and_has_a_page_that_says_so(client: Client) -> None:
    text = body(client, "/plain/index/")
    assert "没有计入不确定性" in text
    assert "<small>(" not in text
    response = client.get("/plain/robustness/")
    assert response.status_code == 404
    assert "这一版没有试过其他做法" in response.content.decode()


def test_a_period_that_was_not_tested_is_told(client: Client) -> None:
    response = client.get("/en/firm/robustness/1999/")
    assert response.status_code == 404
    assert "The ranking was not tested for 1999" in response.content.decode()


def test_the_page_tells_ranks_chances_and_what_no_weights_can_change(client: Client) -> None:
    text = Page(body(client, "/firm/robustness/")).text()
    for said in (
        "东山区在西河区之前",
        "先后明确",
        "第1名占比",
        "前2名占比",
        "任意权重",
        "哪一项选择最要紧",
        "各名次的可能",
    ):
        assert said in text
    assert "6个领域的权重各自在±25%以内怎样变动，东山区" in text


def test_combinations_that_cannot_be_had_are_told_with_their_reason(client: Client) -> None:
    # min-max from 0 and percentile ranks give the last area 0, of which no geometric mean can be taken
    text = Page(body(client, "/firm/robustness/")).text()
    assert "几何平均要求各项得分都大于0" in text
    tested = steadiness(edition_of("firm").publication)
    assert f"可行的{tested.possible}种" in text
    assert tested.possible < tested.combinations == 3 * 2 * 7 * 7


def test_a_single_area_has_intervals_of_its_scores_instead_of_ranks(client: Client) -> None:
    page = Page(body(client, "/solo/robustness/"))
    assert "得分有多稳" in page.text()
    assert "名次、" not in page.text()
    told = steadiness(edition_of("solo").publication).of_area("100")
    assert [one.period for one in told] == ["2022", "2023"]
    for one in told:
        assert one.score_least <= one.score_low <= one.score_median <= one.score_high <= one.score_most
        assert f"{one.score:.1f}" in page.text()
    assert "/solo/robustness/" in Page(body(client, "/solo/index/")).links


def test_errors_of_the_figures_stand_among_what_was_tried_and_in_the_sensitivity(client: Client) -> None:
    page = Page(body(client, "/en/solo/robustness/"))
    assert "errors of the figures, in all" in page.text()  # the chart's table
    assert (
        "drawn at random 3 times (seed 1); standard error as a share of the figure (normal): each figure 2%"
        in page.text()
    )
    assert "in method and of errors of the figures" in page.text()
    assert "数据本身的误差" in Page(body(client, "/solo/robustness/")).text()
    assert "不包括数据本身的误差" in Page(body(client, "/firm/robustness/")).text()
    table = pq.read_table(edition_of("solo").publication.table("sensitivity")).to_pylist()
    assert all(row["total"] > 0 for row in table if row["factor"] == "data" and row["of"] == "score")
    assert {row["factor"] for row in table} == {"data", "aggregate index", "weigh", "leave_out"}


def test_the_tables_can_be_taken_away_whole(client: Client) -> None:
    path = edition_of("firm").publication.table("robustness")
    response = client.get("/firm/robustness/robustness.csv")
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + pq.read_table(path).num_rows == 1 + 3 * 2
    assert lines[0].startswith("area,period,score,")
    assert client.get("/firm/robustness/nothing.csv").status_code == 404
    assert client.get("/plain/robustness/robustness.csv").status_code == 404


def test_marks_of_an_axis_of_ranks_begin_at_one_and_end_at_the_last() -> None:
    assert firmness.places(3) == [1, 2, 3]
    assert firmness.places(31)[0] == 1
    assert firmness.places(31)[-1] == 31
    assert len(firmness.places(60)) <= 14


def test_places_are_counted_in_english_as_they_are_said() -> None:
    assert [firmness.ordinal(place) for place in (1, 2, 3, 4, 11, 12, 13, 21, 111)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "111th",
    ]  # fmt: skip
