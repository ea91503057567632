"""Pictures of the framework and of the audit: rings, stacked bars, correlations, and one area among all."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import combinations
from xml.etree import ElementTree

import altair
import pytest

from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports import charts, measures, theme
from shenzhi.pipeline.reports.chart import PLACES, Chart
from shenzhi.pipeline.reports.stacks import colours

SVG = "{http://www.w3.org/2000/svg}"
TITLE = Words("图", "Chart")
SOURCE = Words("来源：测试", "Source: test")
SIX = theme.DOMAIN_CODES


def named(at: int) -> Words:
    return Words(f"第{at}项指标的名称相当长", f"Indicator number {at} with a long name")


def framework(leaves: int) -> Chart:
    """Six groups, the first twice as heavy, each with as many indicators."""
    weights = [2 / 7, *[1 / 7] * 5]
    segments = [
        charts.Segment(code, "", Words(f"{code}质量", code.title()), weight, f"domain-{code}")
        for code, weight in zip(SIX, weights, strict=True)
    ]
    segments += [
        charts.Segment(f"{code}{at}", code, named(at), weight / leaves, f"domain-{code}")
        for code, weight in zip(SIX, weights, strict=True)
        for at in range(leaves)
    ]
    return charts.sunburst(segments, middle=Words("质量指数", "Quality index"), title=TITLE, source=SOURCE)


PARTS = [charts.PartOf(code, Words(f"{code}质量", code.title()), f"domain-{code}") for code in SIX]
ROWS = [
    charts.Stack(Words("甲区", "Alpha"), (10.0, 20.0, 5.0, 10.0, 10.0, 5.0), 60.0),
    charts.Stack(Words("乙区", "Beta"), (5.0, 10.0, None, 5.0, 5.0, 5.0), 30.0),
]
R = [[1.0, 0.9, -0.4], [0.9, 1.0, math.nan], [-0.4, math.nan, 1.0]]

EVERY: dict[str, Chart] = {
    "sunburst": framework(4),
    "sunburst of many": framework(20),
    "sunburst of one": charts.sunburst(
        [charts.Segment("a", "", named(1), 1.0, "accent")], middle=TITLE, title=TITLE
    ),
    "stacks": charts.stacks(PARTS, ROWS, title=TITLE, source=SOURCE),
    "no stacks": charts.stacks(PARTS, [], title=TITLE),
    "correlations": charts.correlation_map([named(at) for at in range(3)], R, title=TITLE, flagged=[(0, 1)]),
    "many correlations": charts.correlation_map(
        [named(at) for at in range(15)], [[math.cos(a * b) for a in range(15)] for b in range(15)], title=TITLE
    ),
    "no correlations": charts.correlation_map([], [], title=TITLE),
    "strips": charts.strips(
        [charts.Strip(named(at), tuple(60.0 + i for i in range(10)), 62.0, said=Words("第8名", "8 of 10")) for at in range(3)],
        marked=Words("甲区", "Alpha"),
        title=TITLE,
    ),
    "empty strips": charts.strips([charts.Strip(named(1), (), None)], marked=TITLE, title=TITLE),
}  # fmt: skip
WIDTHS = ("wide", "narrow")


def drawn(chart: Chart, language: str = "zh", width: str = "wide") -> ElementTree.Element:
    return ElementTree.fromstring(chart.svg(language, width))


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", EVERY)
def test_a_specification_keeps_to_the_vega_lite_schema(name, width):
    altair.Chart.from_dict(EVERY[name].specification("zh", width))


@pytest.mark.parametrize("name", EVERY)
def test_a_drawing_follows_the_page_in_colour_and_says_what_it_shows(name):
    text = EVERY[name].svg("zh")
    found = set(re.findall(r'(?:fill|stroke)="([^"]+)"', text))
    assert {colour for colour in found if not colour.startswith("var(--")} <= {"none", "transparent"}
    assert EVERY[name].description.zh
    assert not re.search(r"[\u4e00-\u9fff]", EVERY[name].svg("en"))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", EVERY)
def test_a_drawing_is_as_wide_as_its_place_and_its_text_large_enough(name, width):
    svg = drawn(EVERY[name], "en", width)
    across = float(svg.get("viewBox").split()[2])
    assert across == pytest.approx(PLACES[width][0], abs=1)
    for text in svg.iter(f"{SVG}text"):
        assert float(text.get("font-size").removesuffix("px")) >= 11


def upright(node: ElementTree.Element, across: float = 0.0, down: float = 0.0) -> Iterator[tuple]:
    """Left, right, top, bottom and words of every text that is not turned; groups move what stands in them."""
    moved = re.search(r"translate\(([^,]+),([^)]+)\)", node.get("transform", ""))
    if moved:
        across, down = across + float(moved[1]), down + float(moved[2])
    if node.tag == f"{SVG}text" and node.text and "rotate" not in node.get("transform", ""):
        size = float(node.get("font-size").removesuffix("px"))
        # text_width allows for the widest Latin letters; most are narrower
        wide = measures.text_width(node.text, size) * (0.86 if node.text.isascii() else 1.0)
        left = {"middle": across - wide / 2, "end": across - wide}.get(
            node.get("text-anchor", "start"), across
        )
        yield left, left + wide, down - size * 0.5, down + size * 0.5, node.text
    for below in node:
        yield from upright(below, across, down)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", EVERY)
def test_no_two_names_touch(name, width, language):
    """Upright texts by their boxes; a turned one stands in a segment of its own (see the next test)."""
    boxes = list(upright(drawn(EVERY[name], language, width)))
    for one, other in combinations(boxes, 2):
        apart = one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
        assert apart, (one, other)


def test_names_outside_the_rings_are_a_line_apart_or_left_out():
    turned = []
    for text in drawn(framework(8), "zh").iter(f"{SVG}text"):
        found = re.search(r"rotate\(([^),]+)", text.get("transform", ""))
        if found:
            # on the left side a text is turned round, so that it does not stand on its head
            turned.append(float(found[1]) + (-90 if text.get("text-anchor") == "end" else 90))
    assert len(turned) == 48
    # 5 x 8 segments of 1/56 of the circle and 8 of 2/56: the nearest two are 1/56 of it apart
    apart = min((one - other) % 360 for one in turned for other in turned if one != other)
    assert apart == pytest.approx(360 / 56, abs=0.01)
    assert not [
        text for text in drawn(framework(20)).iter(f"{SVG}text") if "rotate" in text.get("transform", "")
    ]


def test_a_segment_is_as_wide_as_it_weighs():
    svg = drawn(framework(4))
    labels = {
        path.get("aria-label"): path.get("d") for path in svg.iter(f"{SVG}path") if path.get("aria-label")
    }
    assert "economy质量：28.57%" in labels  # 2/7
    assert "culture质量：14.29%" in labels  # 1/7
    # the first begins at twelve o'clock and ends where 2/7 of the circle ends
    ends = re.search(r"A[\d.]+,[\d.]+,0,\d,1,(-?[\d.]+),(-?[\d.]+)", labels["economy质量：28.57%"])
    angle = math.atan2(float(ends[1]), -float(ends[2]))
    assert angle == pytest.approx(2 * math.pi * 2 / 7, abs=0.01)


def test_the_table_of_the_framework_names_the_group_of_each_indicator():
    cells = framework(4).cells("en")
    assert cells[0] == ["Economy", "Quality index", "28.57%"]
    assert cells[6] == ["Indicator number 0 with a long name", "Economy", "7.14%"]


def test_parts_lie_end_to_end_in_proportion():
    chart = EVERY["stacks"]
    assert chart.cells("en")[1] == ["Beta", "5.0", "10.0", "—", "5.0", "5.0", "5.0", "30.0"]
    widths = {}
    for path in drawn(chart, "en").iter(f"{SVG}path"):
        found = re.match(r"M[\d.]+,[\d.]+h([\d.]+)v", path.get("d", ""))
        if found and path.get("aria-label"):
            widths[path.get("aria-label")] = float(found[1])
    assert widths["Alpha, Culture: 20.0"] / widths["Beta, Economy: 5.0"] == pytest.approx(4, rel=1e-3)
    assert len(widths) == 11  # a part that is missing has no length


def test_a_correlation_stands_in_the_table_once_and_an_unknown_one_as_a_dash():
    assert EVERY["correlations"].cells("en") == [
        ["1 Indicator number 0 with a long name", "—", "—", "—"],
        ["2 Indicator number 1 with a long name", "0.90", "—", "—"],
        ["3 Indicator number 2 with a long name", "\u22120.40", "—", "—"],
    ]
    assert "highest Indicator number 1" in EVERY["correlations"].description.en


def test_above_and_below_zero_differ_in_colour_and_in_sign():
    paths = {path.get("aria-label"): path for path in drawn(EVERY["correlations"], "en").iter(f"{SVG}path")}
    above = paths["Indicator number 1 with a long name × Indicator number 0 with a long name: 0.90"]
    below = paths["Indicator number 2 with a long name × Indicator number 0 with a long name: \u22120.40"]
    assert above.get("fill") != below.get("fill")
    assert float(above.get("fill-opacity")) > float(below.get("fill-opacity"))


def test_a_strip_says_where_the_area_stands_among_all():
    assert EVERY["strips"].cells("en")[0][1:] == ["62.0", "60.0", "64.5", "69.0", "8 of 10"]
    labels = [path.get("aria-label") for path in drawn(EVERY["strips"], "en").iter(f"{SVG}path")]
    assert "Indicator number 0 with a long name, Alpha: 62.0 (8 of 10)" in labels


def test_domains_keep_their_colours_and_others_take_turns():
    assert colours(["economy", "ecology"]) == ["domain-economy", "domain-ecology"]
    assert len(set(colours(["economy", "anything", "else"]))) == 3
