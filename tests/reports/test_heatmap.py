"""The picture of a table of shares: shades that follow the shares, text where it fits, and the whole table beside it."""

from __future__ import annotations

from itertools import pairwise

from shenzhi.kernel.words import Words
from shenzhi.pipeline.reports import charts
from shenzhi.pipeline.reports.chart import Chart
from shenzhi.pipeline.reports.heatmap import DARKEST, Line

TITLE = Words("各名次的可能", "How often each rank comes up")


def drawn(count: int = 3) -> Chart:
    lines = [
        Line(str(at), Words(f"第{at}区", f"District {at}"), {at: 0.75, at + 1: 0.2504, 99: 1.0}, framed=at)
        for at in range(1, count + 1)
    ]
    return charts.heatmap(lines, [(rank, str(rank)) for rank in range(1, count + 2)], title=TITLE)


def cells(chart: Chart, width: str = "wide") -> list[dict]:
    return chart.specification("zh", width)["layer"][0]["data"]["values"]


def test_a_cell_is_the_darker_the_larger_its_share_and_never_too_dark_to_read_on():
    shades = [one["shade"] for one in cells(drawn())[:2]]
    assert shades[1] < shades[0] < DARKEST
    whole = charts.heatmap([Line("1", Words("甲", "A"), {1: 1.0})], [(1, "1")], title=TITLE)
    assert cells(whole)[0]["shade"] == DARKEST


def test_a_share_of_a_column_that_is_not_shown_is_not_drawn():
    assert len(cells(drawn())) == 6  # two for each of three lines; column 99 is none


def test_a_share_is_written_in_its_cell_where_there_is_room_and_only_there():
    few, many = (drawn(count).specification("zh")["layer"] for count in (3, 60))
    assert [one["text"] for one in few[-1]["data"]["values"]][:2] == ["75%", "25%"]
    assert len(many) == len(few) - 1  # the layer of texts is gone


def test_headings_stand_apart_when_there_are_many():
    heads = drawn(60).specification("zh", "narrow")["layer"][3]["data"]["values"]
    gaps = [after["x"] - before["x"] for before, after in pairwise(heads)]
    assert min(gaps) >= 12


def test_the_table_holds_every_share_and_the_description_the_largest():
    chart = drawn()
    assert [words.en for words in chart.columns] == ["Name", "1", "2", "3", "4"]
    assert chart.cells("en")[0] == ["District 1", "75.0%", "25.0%", "0.0%", "0.0%"]
    assert "第2区：2 75%" in chart.description.zh


def test_the_mark_of_a_cell_says_whose_it_is_and_how_large():
    assert cells(drawn())[0]["tip"] == "第1区，1：75.0%"


def test_thousands_of_cells_are_handed_over_as_one_text_with_the_largest_share_darkest():
    data = drawn(60).specification("zh")["layer"][0]["data"]
    rows = [[float(cell) for cell in row.split(",")] for row in data["values"].splitlines()[1:]]
    assert data["values"].splitlines()[0] == "x,x2,y,y2,shade"
    assert len(rows) == 120  # two for each of sixty lines
    assert all(right > left and low > high for left, right, high, low, _ in rows)
    assert (
        charts.heatmap(
            [Line(str(at), Words("甲", "A"), {1: 0.2}) for at in range(30)], [(1, "1")], title=TITLE
        )
        .specification("zh")["layer"][0]["data"]["values"]
        .endswith(f",{DARKEST}")
    )
