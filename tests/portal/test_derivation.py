"""A score on the page is the sum of its lines, and the change beside it is the one worked out by hand."""

from __future__ import annotations

import re

import pytest
from django.test import Client

ROW = re.compile(r"<tr[^>]*><th scope=\"row\">.*?</tr>", re.DOTALL)
DATA = re.compile(r'<data value="([^"]+)">')


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def lines(text: str) -> tuple[list[float], float]:
    """The contribution of each line (the last figure in it), and the total in the foot."""
    table = text[text.index("<tbody>", text.index("<main")) : text.index("</table>")]
    inside, foot = table.split("</tbody>")
    return [float(found[-1]) for row in ROW.findall(inside) if (found := DATA.findall(row))], float(
        DATA.findall(foot)[-1]
    )


@pytest.mark.parametrize(
    ("node", "score"),
    [
        # economy 2022: a = 50 with weight 1, b = 60 with weight 3: (50 + 180) / 4
        ("economy", 57.5),
        # index 2022: economy 57.5, ecology 100 - 20 = 80, culture missing: (57.5 + 80) / 2
        ("index", 68.75),
    ],
)
def test_the_lines_of_a_derivation_add_up_to_the_score(client: Client, node: str, score: float) -> None:
    given, total = lines(page(client, f"/real/derivation/100/2022/{node}/"))
    assert sum(given) == pytest.approx(score, abs=1e-9)
    assert total == pytest.approx(score, abs=1e-9)


def test_a_missing_line_is_shown_with_the_weight_it_loses(client: Client) -> None:
    text = page(client, "/en/real/derivation/100/2022/index/")
    row = next(row for row in ROW.findall(text) if "Culture" in row)
    assert "missing" in row
    assert "lost" in row
    assert "1 line is missing, with weight 1 of 3." in text


def test_every_line_opens_further_down_to_the_figure(client: Client) -> None:
    assert 'href="/real/derivation/100/2022/economy/"' in page(client, "/real/derivation/100/2022/index/")
    assert 'href="/real/figures/a/100/2022/"' in page(client, "/real/derivation/100/2022/economy/")
    assert client.get("/real/derivation/100/2022/a/").headers["Location"] == "/real/figures/a/100/2022/"


def test_the_change_is_told_on_the_indicators_known_in_both_years(client: Client) -> None:
    # 2023 on 2022: a, b and c are known in both. Index 68.75 -> 71.25, up 2.5.
    # b: 60 -> 80, its weight in the whole 3/4 * 1/2, so +7.5; c: score 80 -> 70, weight 1/2, so -5.
    text = page(client, "/en/real/")
    assert "Up 2.5 points on 2022" in text
    assert "Share of B (+7.5)" in text
    assert "Share of C (−5.0)" in text


def test_a_year_with_fewer_indicators_is_compared_only_on_those_it_shares(client: Client) -> None:
    # 2022 on 2021: c is new in 2022. On a and b alone: 55 -> 57.5, up 2.5, not 55 -> 68.75.
    from shenzhi.web.portal.editions import edition_of
    from shenzhi.web.portal.history import changed

    before, change = changed(edition_of("real"), "100", "2022")
    assert before == "2021"
    assert change is not None
    assert (change.before, change.now, change.common, change.whole) == (55.0, 57.5, 2, False)


def test_coverage_is_said_beside_the_index(client: Client) -> None:
    # three of four indicators, and two of three equal branches of the tree
    text = page(client, "/en/real/")
    assert "<strong>67% of the weight</strong>: 2 of the six domains, 3 of 4 indicators." in text
    assert "Scores the quality of the city in the six domains of the regulation." in text


def test_a_tie_is_said_and_no_bare_order_shown(client: Client) -> None:
    text = page(client, "/en/model/index/")
    # the city as a whole (64.5) lies between them and takes no part in the ranking of its districts
    assert text.count("2=") == 6  # each in the table, on its tile, and in what the tile is called
    assert "West River and South &lt;Lake have the same score and share a rank." in text
    assert ">1</td>" in text


def test_a_revised_figure_keeps_its_earlier_value_with_status_and_day(client: Client) -> None:
    for path in ("/en/real/indicators/b/", "/en/real/figures/b/100/2021/"):
        text = page(client, path)
        assert "61.5" in text
        assert "1 February 2022" in text
        assert "preliminary" in text


def test_a_break_in_a_series_is_told(client: Client) -> None:
    assert "Counted differently." in page(client, "/en/real/indicators/a/")


def test_a_change_is_worked_out_line_by_line_and_adds_up(client: Client) -> None:
    # 2023 on 2022, worked out above: b 60 -> 80 with 3/8 of the whole, c 80 -> 70 with 1/2, a unchanged with 1/8.
    text = page(client, "/en/real/changes/100/index/2022/2023/")
    found = {
        re.search(r"Share of (.)", row)[1]: [float(one) for one in DATA.findall(row)]
        for row in ROW.findall(text)[:3]
    }
    assert found == {"B": [60.0, 80.0, 7.5], "C": [80.0, 70.0, -5.0], "A": [50.0, 50.0, 0.0]}
    assert "+2.50" in text
    for figure in ("figures/b/100/2022/", "figures/b/100/2023/", "figures/c/100/2023/"):
        assert f'href="/en/real/{figure}"' in text


def test_a_change_between_unlike_periods_reaches_both_published_scores(client: Client) -> None:
    # 2021: 55 on a and b. 2022 on the same two: (50 + 180) / 4 = 57.5, so +2.5; published 68.75 with c: +11.25.
    text = page(client, "/en/real/changes/100/index/2021/2022/")
    bill = text[text.index('<ol class="bill">') : text.index("</ol>", text.index('<ol class="bill">'))]
    # each line opens to what is inside: a 40 -> 50 with a quarter; ecology, which has its first figure
    steps = [float(one) for one in DATA.findall(bill)]
    assert steps == pytest.approx([55.0, 2.5, 2.5, 11.25, 11.25, 68.75], abs=1e-12)
    assert "Indicators that came or went" in bill


def test_the_change_told_on_a_page_leads_to_how_it_was_worked_out(client: Client) -> None:
    link = 'href="/real/changes/100/index/2022/2023/"'
    assert link in page(client, "/real/")
    assert link in page(client, "/real/areas/100/")


@pytest.mark.parametrize(
    "path",
    [
        "/real/changes/100/index/2022/2022/",
        "/real/changes/100/index/1999/2023/",
        "/real/changes/100/a/2022/2023/",
        "/real/changes/999/index/2022/2023/",
    ],
)
def test_a_change_that_is_not_there_says_so(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert "的变化" in response.content.decode()
