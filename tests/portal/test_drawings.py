"""A page never waits for a drawing, and a break in a series is marked in chart and table."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from django.test import Client

from shenzhi.pipeline.reports import chart as layer
from shenzhi.pipeline.reports import engine
from shenzhi.web.portal import chapters, drawer, drawings, editions
from shenzhi.web.portal.editions import edition_of
from shenzhi.web.portal.serve import KEPT

PAGE = "/en/real/indicators/b/"


@pytest.fixture(autouse=True)
def nothing_drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(layer, "home", lambda: tmp_path)
    layer._drawn.cache_clear()


def test_the_first_reader_gets_a_picture_and_the_next_the_drawing_itself(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(layer, "_drawn", lambda *_: pytest.fail("the page waited for a drawing"))
        first = client.get(PAGE).content.decode()
    picture = re.search(r"<picture>(.*?)</picture>", first)
    assert picture is not None
    assert re.search(r'<img [^>]*width="\d+" height="\d+" alt="2021 60', picture[1])
    assert "<svg xmlns" not in first[first.index("<main") :]
    for address in re.findall(r'(?:src|srcset)="([^"]+)"', picture[1]):
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("image/svg+xml")
        assert "prefers-color-scheme: dark" in answer.content.decode()
    second = client.get(PAGE).content.decode()  # so the first page was not kept
    assert "<picture>" not in second
    assert second.count('class="chart chart-') == 2


def test_the_room_left_for_a_drawing_is_the_size_it_will_have(client: Client) -> None:
    edition = edition_of("real")
    values = edition.publication.observations(indicator="b")
    chart = drawings.indicator_trend(edition, "b", "100", values)
    assert chart is not None
    for order in chart.ordered("zh"):
        box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', str(layer.drawing(order.key)))
        assert box is not None
        assert (round(float(box[1])), round(float(box[2]))) == order.pixels


@pytest.mark.parametrize("name", ["0" * 64, "../" * 8 + "etc/passwd", "..%2f..%2fsecret", "A" * 64, "0" * 63])
def test_a_chart_that_nobody_ordered_is_answered_in_words(
    client: Client, name: str, settings_with_errors: None
) -> None:
    answer = client.get(f"/charts/{name}.svg")
    assert answer.status_code == 404
    assert layer.drawing(name) is None


def test_where_an_order_cannot_be_kept_the_page_draws_itself(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layer, "_keep", lambda *_: False)
    text = client.get(PAGE).content.decode()
    assert "<picture>" not in text
    assert text.count('class="chart chart-') == 2


def test_a_break_is_marked_in_the_chart_and_at_its_period_in_the_table(client: Client) -> None:
    # the city declares that a is counted differently since 2022; its values are of 2021, 2022 and 2023
    edition = edition_of("real")
    values = edition.publication.observations(indicator="a")
    chart = drawings.indicator_trend(edition, "a", "100", values)
    assert chart is not None
    assert chart.note is not None
    assert "竖虚线处口径有变化" in chart.note.zh
    text = client.get("/en/real/indicators/a/").content.decode()
    assert ">2022<sup>b</sup>" in text
    assert ">2023<sup>" not in text
    assert "From this period on the series is counted differently" in text
    assert "<sup>b</sup>" not in client.get("/en/real/indicators/b/").content.decode()


def test_a_round_figure_is_not_drawn_with_noughts_that_nobody_published(client: Client) -> None:
    edition = edition_of("real")
    values = edition.publication.observations(indicator="b")  # 60, 60 and 80
    chart = drawings.indicator_trend(edition, "b", "100", values)
    assert chart is not None
    assert [row[1] for row in chart.cells("en")] == ["60", "60", "80 (preliminary)"]


def test_of_several_processes_one_draws_and_none_draws_twice(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    edition = edition_of("real")
    begun = []

    class Drawing:
        def __init__(self, command: list[str], *, pass_fds: list[int]) -> None:
            begun.append(command[-1])
            self.lock = os.dup(pass_fds[0])  # as a process of its own would hold it

        def wait(self) -> None:
            drawer._finish(edition)  # what another server process does meanwhile
            os.close(self.lock)

    monkeypatch.setattr(drawer, "_mark", lambda _: tmp_path / "real.drawn")
    monkeypatch.setattr(drawer.subprocess, "Popen", Drawing)
    drawer._finish(edition)
    assert begun == ["real"]
    (tmp_path / "real.drawn").touch()  # all is drawn
    drawer._finish(edition)
    assert begun == ["real"]


def test_every_chart_of_page_and_report_is_drawn_ahead(
    client: Client, monkeypatch: pytest.MonkeyPatch, pen: None
) -> None:
    edition = edition_of("model")
    monkeypatch.setattr(drawer.time, "sleep", lambda _: None)
    assert drawer.draw(edition)
    for page in ("/model/", "/model/areas/101/", "/model/indicators/ecology_one/", "/model/report/"):
        for language in ("", "/en"):
            assert "<picture>" not in client.get(language + page).content.decode(), language + page


def test_drawing_ends_with_the_server_that_wanted_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = edition_of("real")
    parents = iter([41, 1])
    monkeypatch.setattr(drawer.os, "getppid", lambda: next(parents))
    monkeypatch.setattr(layer, "_drawn", lambda *_: pytest.fail("drawn for nobody"))
    assert not drawer.draw(edition)


def test_a_report_does_not_wait_for_its_drawings(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(layer, "_drawn", lambda *_: pytest.fail("the page waited for a drawing"))
        first = client.get("/model/report/").content.decode()
    assert first.count("<picture>") == first.count('<figure class="chart-figure"') > 0
    assert first.count('.png" download') == first.count("<picture>")


def test_the_engine_says_what_it_cannot_draw_and_goes_on() -> None:
    with pytest.raises(engine.EngineError):
        engine.svg({"mark": "no such mark"})
    assert engine.svg({"data": {"values": [{}]}, "mark": "point"}).startswith("<svg")


def test_an_engine_that_was_ended_is_started_again() -> None:
    engine.start()
    engine._processes[os.getpid()].kill()
    engine._processes[os.getpid()].wait()
    assert engine.svg({"data": {"values": [{}]}, "mark": "point"}).startswith("<svg")


def test_a_long_report_is_kept_and_says_the_same(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = client.get("/en/model/report/").content.decode()
    KEPT.clear()
    monkeypatch.setattr(editions, "BIG", 0)
    chapters.keep(edition_of("model"))
    monkeypatch.setattr(chapters, "report_html", None)  # nobody writes it again
    long = client.get("/en/model/report/").content.decode()

    def words(page: str) -> str:
        return re.sub(r"\s+", " ", re.sub(r"<svg.*?</svg>|<[^>]+>", " ", page, flags=re.DOTALL))

    assert words(long) == words(plain)
    pictures = re.findall(r'<img class="chart chart-wide" src="([^"]+)"', long)
    assert len(pictures) == plain.count('<figure class="chart-figure"') > 0
    assert client.get(pictures[0]).status_code == 200
