"""Why a published score moved, on the page: bills whose printed lines add up, overtakings, and two editions compared."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import portal_cities
import pytest
from django.test import Client
from portal_cities import MODEL_AREAS, Value, leaf

from shenzhi.pipeline.lake import city as declared
from shenzhi.web.portal.editions import edition_of
from shenzhi.web.portal.serve import KEPT

PRINTED = re.compile(r'<data value="[^"]+">([^<]+)</data>')


def number(text: str) -> Decimal:
    return Decimal(text.replace("\u2212", "-").replace(",", ""))


def values(figures: dict[str, dict[str, tuple[float, float]]]) -> list[Value]:
    return [
        Value(code, area, year, figure)
        for area, by_year in figures.items()
        for year, pair in by_year.items()
        for code, figure in zip("ab", pair, strict=True)
    ]


# the index is (3 a + b) / 4 of the economy, which is all there is
BEFORE = {
    "100": {"2022": (50, 50), "2023": (52, 50)},
    "101": {"2022": (60, 60), "2023": (61.4, 60)},
    "102": {"2022": (50, 70), "2023": (70, 66)},  # 55 -> 69
    "103": {"2022": (0, 10), "2023": (0, 10)},
}
WEIGHED = {"economy": [leaf("a", weight=3), leaf("b")]}


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A city with two editions: in the second a and b count alike and one figure is corrected; and one whose scale is of
    each year."""
    monkeypatch.setenv("SHENZHI_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(declared, "CITIES", tmp_path / "cities")
    folder = portal_cities.city(tmp_path / "cities", "twice", fictional=True, areas=MODEL_AREAS)
    portal_cities.publish(folder, portal_cities.method("first", WEIGHED), values(BEFORE))
    corrected = BEFORE | {"103": {"2022": (0, 10), "2023": (40, 10)}}
    equal = {"economy": [leaf("a"), leaf("b")]}
    portal_cities.publish(folder, portal_cities.method("second", equal), values(corrected))
    yearly = portal_cities.city(tmp_path / "cities", "yearly", fictional=True, areas=MODEL_AREAS)
    observed = {"economy": [{**leaf("a", weight=3), "posts": "observed"}, {**leaf("b"), "posts": "observed"}]}
    portal_cities.publish(
        yearly,
        portal_cities.method(
            "yearly", observed, frame="period", normalise={"method": "efficacy", "lower": 0, "upper": 100}
        ),
        values(BEFORE),
    )
    KEPT.clear()
    yield tmp_path
    KEPT.clear()


def page(path: str) -> str:
    response = Client().get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def names_of_editions() -> tuple[str, str]:
    from shenzhi.web.portal.versions import versions

    new, old = versions(edition_of("twice").city)
    return old.name, new.name


def bill_adds_up(text: str) -> list[Decimal]:
    """The printed figures of a bill, after checking that lines and what is inside them add up to the last digit."""
    bill = text[text.index('<ol class="bill">') : text.index("</ol>", text.index('<ol class="bill">'))]
    first, *lines, last = bill.split("<li")[1:]
    start, end = (number(PRINTED.findall(one)[0]) for one in (first, last))
    found = []
    for line in lines:
        amount, *inside = map(number, PRINTED.findall(line))
        assert not inside or sum(inside) == amount
        found.append(amount)
    assert start + sum(found) == end
    return [start, *found, end]


def test_on_a_scale_of_each_year_the_scale_is_told_from_the_areas_own_figures(box: Path) -> None:
    text = page("/en/yearly/changes/101/index/2022/2023/")
    assert "scores of different periods do not compare" in text
    # a: 60 of 60, now 61.4 of 70; b: 50 of the 60 between 10 and 70, then 50 of 56: 3/4 a + 1/4 b
    start, figures, scale, end = bill_adds_up(text)
    assert (start, end) == (Decimal("95.8333"), Decimal("88.1071"))
    assert "Scale" in text
    # on the mean of both scales a gained 3/4 * 1.4 * (100 / 60 + 100 / 70) / 2
    assert figures == Decimal("1.625")
    assert scale == end - start - figures


def test_a_change_of_rank_is_told_as_overtakings(box: Path) -> None:
    text = page("/en/twice/changes/102/index/2022/2023/")
    # 2022: (50 + 70) / 2 = 60 like 101; 2023: 68 against 60.7
    assert "From rank 1 to rank 1" not in text
    passed = page("/en/twice/changes/101/index/2022/2023/")
    table = passed[passed.index("Why the rank moved") :]
    assert "From rank 1 to rank 2 among 3 areas." in table
    row = table[table.index("<tbody>") : table.index("</tbody>")]
    assert "West River" in row
    assert "was level, is ahead now" in row
    assert "0.00 → \u22127.30" in row
    assert "Share of A" in row
    assert "The city" not in row


def test_the_editions_of_a_city_are_listed_with_what_differs(box: Path) -> None:
    old, new = names_of_editions()
    text = page("/en/twice/versions/")
    assert text.index(new) < text.index(old)
    assert "method: first 1.0 became second 1.0" in text
    assert f'href="/en/twice/versions/{old}/{new}/"' in text
    assert 'href="/en/twice/versions/"' in page("/en/twice/method/")
    assert 'href="/en/twice/versions/"' in page("/en/twice/changes/101/index/2022/2023/")


def test_two_editions_are_compared_area_by_area(box: Path) -> None:
    old, new = names_of_editions()
    text = page(f"/en/twice/versions/{old}/{new}/")
    assert "Of 4 areas with a score in both editions, 4 moved by 0.01 points or more" in text
    rows = re.findall(r'<tr><th scope="row">(.*?)</tr>', text[text.index("<tbody>") :])
    south = next(row for row in rows if "South &lt;Lake" in row)
    # 2.5 -> 25: the figure 40 with 3/4 and 1/2 of it, 25 on average; the weights (0 - 10) / 4 and (40 - 10) / 4 the other way
    assert [number(one) for one in PRINTED.findall(south)] == [
        Decimal("22.50"),
        Decimal("25.00"),
        Decimal("-2.50"),
    ]
    for row in rows:
        difference, *parts = map(number, PRINTED.findall(row))
        assert sum(parts) == difference
    given = Client().get(f"/twice/versions/{old}/{new}/2023.csv")
    assert "fictional-twice-2023-against" in given.headers["Content-Disposition"]
    table = list(csv.DictReader(io.StringIO(b"".join(given.streaming_content).decode("utf-8-sig"))))
    found = next(row for row in table if row["area"] == "103")
    assert [float(found[one]) for one in ("old_score", "new_score", "raw", "weights")] == pytest.approx(
        [2.5, 25, 25, -2.5]
    )
    assert {row["fictional"] for row in table} == {"true"}


def test_one_score_between_two_editions_has_a_bill_of_its_own(box: Path) -> None:
    old, new = names_of_editions()
    for node in ("index", "economy"):
        text = page(f"/en/twice/versions/{old}/{new}/2023/103/{node}/")
        assert bill_adds_up(text) == [Decimal("2.5"), Decimal(25), Decimal("-2.5"), Decimal(25)]
    assert f'href="/en/twice/versions/{old}/{new}/2023/103/index/"' in page(
        f"/en/twice/versions/{old}/{new}/"
    )


@pytest.mark.parametrize(
    "path",
    [
        "/twice/versions/nothing/{new}/",
        "/twice/versions/{new}/{new}/",
        "/twice/versions/%2e%2e/{new}/",
        "/twice/versions/{old}/{new}/1999/",
        "/twice/versions/{old}/{new}/1999.csv",
        "/twice/versions/{old}/{new}/2023/999/index/",
        "/twice/versions/{old}/{new}/2023/103/a/",
        "/twice/versions/{old}/{new}/2023/103/nothing/",
    ],
)
def test_editions_that_are_not_there_are_said_to_be_missing(box: Path, path: str) -> None:
    old, new = names_of_editions()
    assert Client().get(path.format(old=old, new=new)).status_code == 404


def test_what_is_no_edition_in_the_published_folder_is_passed_over(box: Path) -> None:
    folder = edition_of("twice").city.published_dir
    for name in ("report", ".draft-x", "broken"):
        (folder / name).mkdir()
    (folder / "broken" / "manifest.json").write_text("{")
    (folder / "broken" / "method.yml").write_text("")
    assert len(names_of_editions()) == 2


def test_a_city_with_one_edition_has_nothing_to_compare_yet(client: Client) -> None:
    text = client.get("/en/real/versions/").content.decode()
    assert "There are 1 editions here" not in text
    assert "Once there is a new one, the two can be compared here." in text
