"""The what-if page: its numbers by hand, its address as the setting, and an answer in words to whatever is asked."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import quote

import portal_cities
import pytest
from django.test import Client

from shenzhi.pipeline.index.method import parse_method
from shenzhi.pipeline.index.run import compute
from shenzhi.pipeline.index.scope import Scope
from shenzhi.pipeline.lake import city as declared
from shenzhi.web.portal.serve import KEPT

# The model city in 2023 (portal_cities): every domain scores 72 + at in 101, 52 + at in 102 and 103, at = 0..5 in the
# order of the domains; the indices are 74.5 and 54.5 (shared rank 2); the city as a whole has 64.5.
# The real city: economy 55, 57.5, 72.5; ecology none, 80, 70; indices 55, 68.75, 71.25 in 2021, 2022, 2023.


def asked(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path, follow=True)
    assert response.status_code == status, path
    return response.content.decode()


def rows(text: str) -> list[list[str]]:
    """The cells of the table of the trial, as text."""
    table = re.search(r'<table class="full tried">.*?<tbody>(.*?)</tbody>', text, re.DOTALL)
    assert table is not None
    lines = re.findall(r"<tr.*?</tr>", table[1], re.DOTALL)
    return [
        [unescape(re.sub(r"<.*?>", "", cell)) for cell in re.findall(r"<t[hd].*?</t[hd]>", line, re.DOTALL)]
        for line in lines
    ]


def words(text: str, place: str) -> str:
    """What the element with this id says."""
    found = re.search(rf'<(\w+)[^>]* id="{place}"[^>]*>(.*?)</\1>', text, re.DOTALL)
    assert found is not None
    return " ".join(unescape(re.sub(r"<.*?>", " ", found[2])).split())


def test_without_a_question_the_published_ranking_stands_there(client: Client) -> None:
    text = asked(client, "/model/what-if/")
    assert rows(text) == [
        ["第1", "东山区", "74.50", "0.00", "不变", "74.50", "第1"],
        ["并列第2", "西河区", "54.50", "0.00", "不变", "54.50", "并列第2"],
        ["并列第2", "南<湖区", "54.50", "0.00", "不变", "54.50", "并列第2"],
    ]
    assert words(text, "summary") == "现在是公布的权重。"
    assert "这是试算，不是公布的指数。" in text


def test_other_weights_give_other_scores(client: Client) -> None:
    # economy 6 of 11: 101 has (6 * 72 + 73 + 74 + 75 + 76 + 77) / 11 = 807 / 11 = 73.36
    text = asked(client, "/model/what-if/?period=2023&w.economy=6")
    assert rows(text)[0] == ["第1", "东山区", "73.36", "−1.14", "不变", "74.50", "第1"]
    assert words(text, "s-economy") == "54.5%"
    assert words(text, "s-urban") == "9.1%"
    assert words(text, "summary") == "得分有变，名次都不变。"
    assert "全市：<data" in text  # (6 * 62 + 63 + ... + 67) / 11 = 697 / 11
    assert ">63.36</data>" in text


def test_another_figure_breaks_a_tie_and_it_is_told_who_passes_whom(client: Client) -> None:
    # economy_one of 102 from 54 to 66: economy (66 + 50) / 2 = 58, six more than 52; the index one more
    text = asked(client, "/en/model/what-if/?period=2023&area=102&indicator=economy_one&value=66")
    assert rows(text) == [
        ["1", "East Hill", "74.50", "0.00", "unchanged", "74.50", "1"],
        ["2", "West River", "55.50", "+1.00", "unchanged", "54.50", "2="],
        ["3", "South <Lake", "54.50", "0.00", "▼ down 1", "54.50", "2="],
    ]
    assert (
        words(text, "summary")
        == "Of 3 areas, 0 go up, 1 go down and 2 keep their rank. The largest move: South <Lake, from 2 to 3."
    )
    assert "South &lt;Lake goes down 1 (from 2 to 3), passed by West River." in text
    assert (
        words(text, "answers") == "West River: 54.50 and rank 2 as published; 55.50 and rank 2 in the trial."
    )


def test_a_city_with_one_area_shows_its_course(client: Client) -> None:
    # economy 3, ecology 1: (3 * 72.5 + 70) / 4 = 71.875; (172.5 + 80) / 4 = 63.125; 2021 has economy alone
    text = asked(client, "/real/what-if/?period=2022&w.economy=3")
    assert [[row[0], *row[2:]] for row in rows(text)] == [
        ["2023年", "71.88", "+0.63", "71.25"],
        ["2022年", "63.13", "−5.63", "68.75"],
        ["2021年", "55.00", "0.00", "55.00"],
    ]
    assert words(text, "summary") == "实城的指数由公布的68.75变为63.13。"


def test_the_way_back_names_the_value_and_a_link_that_tries_it(client: Client) -> None:
    # index 75 for 101: half a point more, so 3 more in economy, so 6 more in economy_one: 80
    text = asked(client, "/model/what-if/?period=2023&area=101&indicator=economy_one&score=75")
    assert words(text, "answers").startswith("要使东山区指数达到75分，“指标ECONOMY_ONE的比例”应当是80。")
    link = unescape(re.search(r'id="answers".*?href="(\?.*?)"', text, re.DOTALL)[1])  # type: ignore[index]
    assert link == "?period=2023&area=101&indicator=economy_one&value=80&score=75"
    assert rows(asked(client, "/model/what-if/" + link))[0][2] == "75.00"
    # 102 has at most (100 + 50) / 2 = 75 in economy, 23 more, not four points of the index
    text = asked(client, "/en/model/what-if/?period=2023&area=102&indicator=economy_one&rank=1")
    assert words(text, "answers") == "No value of “Share of ECONOMY_ONE” brings West River to rank 1."


def test_the_smallest_change_of_weights_is_told_or_that_there_is_none(
    tmp_path: Path, client: Client, monkeypatch
) -> None:
    text = asked(client, "/en/model/what-if/?period=2023&area=102&passes=101")
    assert words(text, "answers") == "No weights would bring West River ahead of East Hill."
    # two areas: 1 has 80 and 40, 2 has 60 and 70 in economy and ecology: 60 and 65 at equal weights;
    # level where 80 w + 40 (1 - w) = 60 w + 70 (1 - w), w = 0.6: ten points of weight have to move
    folder = portal_cities.city(
        tmp_path / "more",
        "pair",
        fictional=True,
        areas="1,甲区,First,district,,,,,,,\n2,乙区,Second,district,,,,,,,\n",
    )
    values = [
        portal_cities.Value(code, area, "2023", value)
        for code, area, value in (("a", "1", 80.0), ("a", "2", 60.0), ("b", "1", 40.0), ("b", "2", 70.0))
    ]
    tree = {"economy": [portal_cities.leaf("a")], "ecology": [portal_cities.leaf("b")]}
    portal_cities.publish(folder, portal_cities.method("pair", tree), values)
    monkeypatch.setattr(declared, "CITIES", tmp_path / "more")
    KEPT.clear()
    text = asked(client, "/en/pair/what-if/?period=2023&area=1&passes=2")
    assert words(text, "answers").startswith(
        "For First to pass Second, at least 10.0 percentage points of weight have to move: "
        "Economy from 50.0% to 60.0%, Ecology from 50.0% to 40.0%."
    )
    link = unescape(re.search(r'id="answers".*?href="(\?.*?)"', text, re.DOTALL)[1])  # type: ignore[index]
    assert [row[1] for row in rows(asked(client, "/en/pair/what-if/" + link))] == ["First", "Second"]


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("w.economy=3&w.ecology=1&foo=bar", "?period=2023&w.economy=3"),
        ("w.economy=1.0&w.culture=", "?period=2023"),
        ("w.ecology=2&w.economy=03.50", "?period=2023&w.economy=3.5&w.ecology=2"),
        ("w.economy=" + quote("３"), "?period=2023&w.economy=3"),
        ("passes=&rank=&score=60,5&period=2022&area=100", "?period=2022&area=100&score=605"),
    ],
)
def test_every_setting_has_one_short_address(client: Client, query: str, canonical: str) -> None:
    response = client.get(f"/en/real/what-if/?{query}")
    assert (response.status_code, response.headers["Location"]) == (302, "/en/real/what-if/" + canonical)
    assert client.get(response.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("w.economy=-1", "The weight of “Economy” cannot be below 0"),
        ("w.economy=much", "“Economy” takes a number, not “much”"),
        ("w.economy=nan", "“Economy” takes a number, not “nan”"),
        ("w.economy=1e400", "“Economy” takes a number, not “1e400”"),
        ("w.economy=<script>", "“Economy” takes a number, not “<script>”"),
        ("w.economy=0&w.ecology=0&w.culture=0", "The weights cannot all be 0; leave at least one"),
        (
            "w.economi=2",
            "There is no part called “economi”; those that can be weighed are Economy (economy), Ecology (ecology), Culture (culture)",
        ),
        ("period=1999", "There is no period 1999; there are 2021, 2022, 2023"),
        ("area=999", "The index has no area with the code “999”"),
        ("area=999&indicator=a&value=1", "The index has no area with the code “999”"),
        ("area=100&indicator=zzz&score=1", "The index has no indicator called “zzz”"),
        ("area=100&indicator=a&rank=1", "This area stands in no ranking"),
        ("area=100&indicator=d&score=60", "“Share of D” has no figure at all to start from"),
        ("rank=0", "A rank is a whole number from 1 on"),
        ("rank=1.5", "A rank is a whole number from 1 on"),
        ("area=100&passes=100", "Choose two different areas"),
        ("area=100&passes=nowhere", "The index has no area with the code “nowhere”"),
    ],
)
def test_what_has_no_answer_is_told_in_words_above_the_published_index(
    client: Client, query: str, told: str
) -> None:
    text = asked(client, f"/en/real/what-if/?{query}", 400)
    assert told in words(text, "faults")
    assert rows(text)[0][2:] == ["71.25", "0.00", "71.25"]
    assert "<script>”" not in text
    asked(client, f"/real/what-if/?{query}", 400)


def test_an_answer_to_one_question_is_not_given_to_the_next(client: Client) -> None:
    before = asked(client, "/real/what-if/")
    other = asked(client, "/real/what-if/?period=2023&w.economy=3")
    assert asked(client, "/real/what-if/") == before
    assert other != before


def test_the_page_is_what_a_run_under_a_method_with_these_weights_publishes(
    client: Client, tmp_path: Path, monkeypatch
) -> None:
    portal_cities.sized(tmp_path, areas=9, indicators=18, years=2)
    folder = tmp_path / "sized"
    from shenzhi.pipeline.index.published import Publication

    city = declared.load_city(folder)
    publication = Publication.current(city)
    assert publication is not None
    import pyarrow.parquet as pq
    import yaml

    given = yaml.safe_load(publication.method.source)
    for child in given["tree"]["children"]:
        child["weight"] = {"economy": 5, "society": 0.25}.get(child["code"], 1)
    method = parse_method(yaml.safe_dump(given, allow_unicode=True).encode())
    scope = Scope(*(tuple(publication.manifest["scope"][key]) for key in ("areas", "periods")))
    computed = compute(method, pq.read_table(publication.table("series")), scope).scores.to_pylist()
    expected = {
        row["area"]: row["score"]
        for row in computed
        if row["node"] == "index" and row["period"] == "2014" and row["area"] != "100"
    }
    monkeypatch.setattr(declared, "CITIES", tmp_path)
    KEPT.clear()
    text = asked(client, "/sized/what-if/?period=2014&w.economy=5&w.society=0.25")
    table = text[text.index('class="full tried"') :]
    shown = re.findall(r'areas/(\d+)/">[^<]*</a></th><td class="n"><data value="([^"]+)">', table)
    assert {area: float(score) for area, score in shown} == pytest.approx(expected, rel=1e-12)
    assert [area for area, _ in shown] == sorted(expected, key=lambda area: -expected[area])


def test_the_ranking_and_the_method_lead_to_the_page(client: Client) -> None:
    assert 'href="/model/what-if/"' in asked(client, "/model/index/")
    assert 'href="/model/what-if/?period=2022"' in asked(client, "/model/index/2022/")
    assert 'href="/en/real/what-if/"' in asked(client, "/en/real/method/")
