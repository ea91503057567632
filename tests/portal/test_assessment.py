"""Grades, vetoes and bonus items on the pages: the bill with its items adds up, and a veto says why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from portal_cities import MODEL_AREAS, Value, city, leaf, method, publish

from shenzhi.pipeline.lake import city as declared
from shenzhi.web.portal.serve import KEPT

DATA = re.compile(r'<data value="([^"]+)">')
INCIDENT = {"zh": "发生系统性事件", "en": "a systemic incident"}


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("assessed")
    folder = city(root, "assessed", fictional=True, areas=MODEL_AREAS)
    tree = {"economy": [leaf("a"), leaf("b")], "ecology": [leaf("c", -1)]}
    more = {
        "grades": {"A": 90, "B": 80, "D": 0},
        "veto": [{"indicator": "incident", "above": 0, "grade": "D", "title": INCIDENT}],
        "items": [
            {"code": "award", "title": {"zh": "市长质量奖", "en": "Mayor's awards"}, "points": 2, "most": 3},
            {"code": "late", "title": {"zh": "迟报", "en": "Late reports"}, "points": -0.5},
        ],
        "adjust": {"within": [0, 100]},
    }
    # 101: economy 90, ecology 80: 85 + 3 of 4 points - 1 = 87. 102: 99 + 2 held at 100; an incident. 103: 60.
    figures = {
        "101": {"a": 100, "b": 80, "c": 20, "award": 2, "late": 2, "incident": 0},
        "102": {"a": 99, "b": 99, "c": 1, "award": 1, "late": 0, "incident": 1},
        "103": {"a": 60, "b": 60, "c": 40, "award": 0, "late": 0, "incident": 0},
    }
    values = [
        Value(code, area, "2024", float(value))
        for area, own in figures.items()
        for code, value in own.items()
    ]
    publish(folder, method("assessed", tree, **more), values)
    return root


@pytest.fixture
def client(assessed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.setattr(declared, "CITIES", assessed)
    KEPT.clear()
    yield Client()
    KEPT.clear()


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def bill(text: str) -> list[float]:
    """The last figure of every line of the bill, the total last."""
    table = text[text.index("<tbody>", text.index("<main")) : text.index("</table>")]
    rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    return [float(found[-1]) for row in rows if (found := DATA.findall(row))]


@pytest.mark.parametrize(
    ("area", "lines"),
    [("101", [45, 40, 3, -1, 87]), ("102", [49.5, 49.5, 2, 0, -1, 100])],
)
def test_the_bill_with_its_items_adds_up(client: Client, area: str, lines: list[float]) -> None:
    found = bill(page(client, f"/en/assessed/derivation/{area}/2024/index/"))
    assert found == pytest.approx(lines, abs=1e-9)
    assert sum(found[:-1]) == pytest.approx(found[-1], abs=1e-9)


def test_an_item_that_reached_its_limit_says_so(client: Client) -> None:
    text = page(client, "/en/assessed/derivation/101/2024/index/")
    row = next(row for row in re.findall(r"<tr>.*?</tr>", text, re.DOTALL) if "Mayor&#x27;s awards" in row)
    assert "held at its limit" in row
    assert "Held at the end of the scale" not in text
    assert "Held at the end of the scale" in page(client, "/en/assessed/derivation/102/2024/index/")


def test_a_veto_is_shown_with_its_reason_wherever_the_grade_is(client: Client) -> None:
    why = "Veto: a systemic incident; by its score the grade would be A"
    for path in ("index/", "areas/102/", "derivation/102/2024/index/"):
        assert why in page(client, f"/en/assessed/{path}"), path
    assert "一票否决：发生系统性事件；按得分为A" in page(client, "/assessed/areas/102/")
    assert "Grade: <strong>B</strong>" in page(client, "/en/assessed/areas/101/")


def test_the_method_page_tells_grades_veto_and_items(client: Client) -> None:
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page(client, "/en/assessed/method/")))
    assert "A from 90 points; B from 80 points; D otherwise. The published score decides." in text
    assert "a systemic incident: D" in text
    assert "Mayor&#x27;s awards: 2 points for each, at most 3" in text


def test_a_method_without_any_of_it_shows_none_of_it(cities: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declared, "CITIES", cities)
    KEPT.clear()
    for path in ("index/", "method/", "areas/101/", "derivation/101/2023/index/"):
        text = page(Client(), f"/en/model/{path}")
        assert "Grade" not in text
        assert "deduction" not in text
