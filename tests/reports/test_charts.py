"""Charts: honest drawings that follow the page's colours and say what they show in words."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import altair
import pytest

from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports import chart as layer
from shenzhi.pipeline.reports import charts, theme
from shenzhi.pipeline.reports.charts import Bar, Chart, Line, Point
from shenzhi.pipeline.reports.heatmap import Line as Row

SVG = "{http://www.w3.org/2000/svg}"
TITLE = Words("质量指数", "Quality index")
UNIT = Words("分", "points")
SOURCE = Words("来源：测试", "Source: test")
YEARS = [str(year) for year in range(2015, 2024)]


def line(code: str, *points: Point, colour: str = "accent") -> Line:
    return Line(code, Words(f"系列{code}", f"Series {code}"), points, colour)


def years(*values: float | None) -> tuple[Point, ...]:
    return tuple(Point(year, value) for year, value in zip(YEARS, values, strict=False))


BARS = [
    Bar("1", Words("甲区", "Alpha"), 82.25, "domain-economy", 80.0, 84.0, "1="),
    Bar("2", Words("乙区", "Beta"), 82.25, "domain-economy", 79.0, 83.0, "1=", highlight=True),
    Bar("3", Words("丙区", "Gamma"), None, note=Words("数据不足", "too few figures")),
    Bar("4", Words("丁区", "Delta"), 61.0, "domain-economy", rank="3"),
]
SIX = [line(domain, *years(60, 61, 62), colour=f"domain-{domain}") for domain in theme.DOMAIN_CODES]

EVERY: dict[str, Chart] = {
    "trend": charts.trend(
        [line("a", *years(70, None, 72.5, 74), Point("2019", 75, "preliminary", low=73, high=77))],
        title=TITLE,
        unit=UNIT,
        source=SOURCE,
        reference=(86, Words("目标", "Target")),
    ),
    "trend of six": charts.trend(SIX, title=TITLE, unit=UNIT, source=SOURCE),
    "small multiples": charts.small_multiples(SIX, title=TITLE, unit=UNIT, source=SOURCE),
    "bars": charts.bars(BARS, title=TITLE, unit=UNIT, source=SOURCE),
    "ranking": charts.ranking(BARS, title=TITLE, unit=UNIT, source=SOURCE),
    "contributions": charts.contributions(BARS, title=TITLE, unit=UNIT, source=SOURCE),
    "change": charts.contributions(
        BARS, title=TITLE, unit=UNIT, source=SOURCE, start=(Words("上年", "before"), 70.0)
    ),
    "distribution": charts.distribution(BARS, title=TITLE, unit=UNIT, source=SOURCE),
    "heatmap": charts.heatmap(
        [
            Row("1", Words("甲区", "Alpha"), {1: 0.754, 2: 0.246}, framed=1),
            Row("2", Words("乙区", "Beta"), {1: 0.246, 2: 0.754}, framed=2),
        ],
        [(1, "1"), (2, "2")],
        title=TITLE,
        source=SOURCE,
        note=Words("方框是公布的名次。", "Frames mark the published rank."),
    ),
    "empty trend": charts.trend([line("a")], title=TITLE, unit=UNIT, source=SOURCE),
    "one point": charts.trend([line("a", *years(70))], title=TITLE, unit=UNIT, source=SOURCE),
    "no bars": charts.bars([], title=TITLE, unit=UNIT, source=SOURCE),
    "only missing": charts.ranking([BARS[2]], title=TITLE, unit=UNIT, source=SOURCE),
}
NARROW_OR_WIDE = ("wide", "narrow")


def drawn(chart: Chart, language: str = "zh", width: str = "wide") -> ElementTree.Element:
    return ElementTree.fromstring(chart.svg(language, width))


@pytest.mark.slow
@pytest.mark.parametrize("width", NARROW_OR_WIDE)
@pytest.mark.parametrize("name", EVERY)
def test_a_specification_keeps_to_the_vega_lite_schema(name, width):
    altair.Chart.from_dict(EVERY[name].specification("zh", width))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", EVERY)
def test_a_drawing_is_an_image_with_a_title_and_a_description(name, language):
    chart = EVERY[name]
    svg = drawn(chart, language)
    assert svg.get("role") == "img"
    title, description = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert title.text == chart.title.say(language)
    assert description.text == chart.description.say(language)
    assert description.text.strip()
    assert svg.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"


@pytest.mark.parametrize("name", EVERY)
def test_a_drawing_follows_the_page_in_colour_and_font_and_carries_no_script_or_style(name):
    text = EVERY[name].svg("zh")
    assert "<script" not in text
    assert "style=" not in text
    assert "font-family" not in text
    colours = re.findall(r'(?:fill|stroke)="([^"]+)"', text)
    assert all(colour.startswith("var(--") or colour in ("none", "transparent") for colour in colours), (
        colours
    )
    assert 'viewBox="0 0 ' in text
    assert 'width="100%"' in text


@pytest.mark.parametrize("name", EVERY)
def test_an_english_drawing_holds_no_chinese(name):
    assert not re.search(r"[\u4e00-\u9fff]", EVERY[name].svg("en"))


@pytest.mark.parametrize("name", EVERY)
def test_text_on_a_phone_is_eleven_pixels_or_more_and_stays_inside(name):
    svg = drawn(EVERY[name], "en", "narrow")
    width = float(svg.get("viewBox").split()[2])
    assert width <= 330
    for text in svg.iter(f"{SVG}text"):
        assert float(text.get("font-size").removesuffix("px")) >= 11


def test_print_has_fixed_colours_and_the_font_of_the_report():
    text = EVERY["bars"].pdf_svg("zh")
    assert "var(" not in text
    assert theme.TOKENS["domain-economy"].light in text
    assert f'font-family="{theme.FONT_FAMILY}"' in text


def test_two_charts_on_a_page_share_no_id():
    text = "".join(chart.both("zh") for chart in EVERY.values())
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def stretches(chart: Chart) -> int:
    """How many separate lines are drawn: paths that are stroked, not filled, and have more than one place."""
    lines = [
        path.get("d")
        for path in drawn(chart).iter(f"{SVG}path")
        if path.get("stroke-width") == "2" and path.get("fill") in (None, "none") and "L" in path.get("d", "")
    ]
    return len(lines)


def test_nothing_is_drawn_across_a_missing_year():
    assert stretches(charts.trend([line("a", *years(1, 2, 3, 4, 5))], title=TITLE)) == 1
    assert stretches(charts.trend([line("a", *years(1, 2, None, 4, 5))], title=TITLE)) == 2
    # a year that nobody mentions is missing as well
    skipped = [Point(year, 1.0) for year in ("2015", "2016", "2018", "2019")]
    chart = charts.trend([line("a", *skipped)], title=TITLE)
    assert stretches(chart) == 2
    assert [row[0].zh for row in chart.rows] == ["2015年", "2016年", "2017年", "2018年", "2019年"]
    assert chart.cells("zh")[2] == ["2017年", "—"]


def test_a_line_stops_where_the_series_is_counted_differently():
    points = (Point("2015", 1), Point("2016", 2), Point("2017", 9, broken=True), Point("2018", 10))
    chart = charts.trend([line("a", *points)], title=TITLE)
    assert stretches(chart) == 2
    assert "口径" in chart.note.zh


def test_values_that_may_change_are_hollow_and_the_note_says_so():
    chart = EVERY["trend"]
    hollow = [
        path
        for path in drawn(chart).iter(f"{SVG}path")
        if path.get("aria-label") and path.get("fill", "").startswith("var(--paper")
    ]
    assert [path.get("aria-label") for path in hollow] == ["2019年：75.0分（初步数）"]
    assert "初步数" in chart.note.zh
    assert "preliminary" in chart.note.en


def test_marks_say_their_value_in_the_language_of_the_page():
    labels = [path.get("aria-label") for path in drawn(EVERY["ranking"], "en").iter(f"{SVG}path")]
    assert "Alpha: 82.3 points (rank 1=, interval 80.0–84.0)" in labels


def test_bars_begin_at_zero_even_when_all_values_are_large():
    chart = charts.bars([Bar("1", TITLE, 980.0), Bar("2", TITLE, 1000.0)], title=TITLE)
    lengths = []
    for path in drawn(chart).iter(f"{SVG}path"):
        found = re.match(r"M[\d.]+,[\d.]+h([\d.]+)v14", path.get("d", ""))
        if found:
            lengths.append(float(found[1]))
    assert len(lengths) == 2
    # 980 is 98 % of 1000; were the axis cut, the shorter bar would be far shorter than that
    assert lengths[0] / lengths[1] == pytest.approx(0.98, abs=0.003)


def test_a_missing_value_keeps_its_line_and_says_why():
    for name in ("bars", "ranking", "contributions"):
        texts = [text.text for text in drawn(EVERY[name]).iter(f"{SVG}text")]
        assert "丙区" in texts
        assert "数据不足" in texts
    assert ["", "丙区", "数据不足", "—", "—"] in EVERY["ranking"].cells("zh")


def test_contributions_add_up_to_the_total_that_is_drawn():
    chart = charts.contributions(
        [Bar("1", TITLE, 30.25), Bar("2", TITLE, 41.0), Bar("3", TITLE, None)], title=TITLE, total=TITLE
    )
    # 30.25 + 41.0 = 71.25, which prints as 71.3 when halves are rounded up
    assert chart.cells("zh")[-1] == ["质量指数", "71.3"]


def test_hostile_text_is_escaped():
    wild = Words('<script>alert("x")</script>&', '"><img src=x>')
    chart = charts.bars([Bar("1", wild, 1.0)], title=wild, unit=wild, source=wild)
    for language in ("zh", "en"):
        for text in (chart.svg(language), chart.file_svg(language), charts.figure(chart, language)):
            assert "<script>" not in text
            assert "<img" not in text
    drawn(chart)


def test_a_file_to_download_names_its_title_and_its_source():
    text = EVERY["bars"].file_svg("en")
    assert "Quality index" in text
    assert "Source: test" in text
    png = EVERY["bars"].png("zh")
    assert png.startswith(b"\x89PNG")


def test_a_figure_has_its_table_with_headings():
    text = charts.figure(EVERY["ranking"], "zh", ident="f1")
    root = ElementTree.fromstring(text)
    assert root.tag == "figure"
    table = root.find(".//details//table")
    assert table.find("caption").text == "质量指数（分）"
    assert {cell.get("scope") for cell in table.iter("th")} == {"col", "row"}
    assert [cell.text for cell in table.iter("th") if cell.get("scope") == "row"] == [
        "甲区",
        "乙区",
        "丙区",
        "丁区",
    ]


def test_a_drawing_comes_from_the_disk_when_the_memory_is_lost(monkeypatch):
    chart = charts.bars([Bar("1", Words("盘", "disk"), 7.0)], title=Words("缓存", "cache"))
    first = chart.svg("zh")
    layer._drawn.cache_clear()

    def broken(spec):
        raise AssertionError("drawn twice")

    monkeypatch.setattr(layer.engine, "svg", broken)
    assert chart.svg("zh") == first


def test_a_disk_that_cannot_be_written_does_not_stop_a_page(monkeypatch, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    monkeypatch.setenv("SHENZHI_HOME", str(tmp_path))
    assert "<svg" in charts.bars([Bar("1", Words("满", "full"), 3.0)], title=Words("盘满", "disk full")).svg(
        "zh"
    )


def test_a_sparkline_leaves_gaps_and_says_its_ends():
    spark = charts.sparkline([1, 2, None, 4, 3.25], title=TITLE)
    text = spark.svg("zh")
    assert text.count("<polyline") == 2
    assert 'aria-label="质量指数：1.0 → 3.3"' in text
    assert "var(" not in spark.svg("zh", "print")
    assert "<polyline" not in charts.sparkline([None, None], title=TITLE).svg("zh")
