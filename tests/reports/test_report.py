"""The statistical report: sentences that say what the figures say, every number with its derivation."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from shenzhi.config.commands.report import report as command
from shenzhi.pipeline.reports import report as reports
from shenzhi.pipeline.reports.blocks import Hero, Linked, Note, Paragraph, Points, Table
from shenzhi.pipeline.reports.change import between
from shenzhi.pipeline.reports.frozen import Frozen, differences
from shenzhi.pipeline.reports.reading import Reading
from shenzhi.pipeline.reports.sections import SECTIONS
from shenzhi.pipeline.reports.sentences import change_sentence, main_drivers, ranking_sentence, ties_sentence

from .conftest import ECONOMY, HOSTILE, declare, leaf, method_file, publish

VOID = {"br", "img", "hr", "meta", "input", "link", "circle", "polyline", "path", "line", "rect"}


def told(spans) -> str:
    return "".join(span.text if isinstance(span, Linked) else span for span in spans)


def statements(blocks) -> list[str]:
    found = []
    for block in blocks:
        if isinstance(block, Paragraph | Note):
            found.append(told(block.spans))
        if isinstance(block, Points):
            found += [told(item) for item in block.items]
        if isinstance(block, Hero):
            found.append(told((block.label, block.value, block.unit, *block.beside)))
    return found


def table_named(blocks, start: str) -> Table:
    return next(block for block in blocks if isinstance(block, Table) and block.caption.startswith(start))


def plain(table: Table) -> list[list[str]]:
    return [[told(s for s in cell if isinstance(s, str | Linked)) for cell in row] for row in table.rows]


# --- sentences


def test_the_change_names_what_it_came_from(veracity):
    city, publication = veracity
    zh, en = Reading(city, publication, "zh"), Reading(city, publication, "en")
    root = publication.method.root
    assert told(change_sentence(zh, "100", root)) == "比2022年高2.5分，主要来自乙指标。"
    assert (
        told(change_sentence(en, "100", root))
        == "It was 2.5 points higher than in 2022, mainly because of beta."
    )


def test_the_change_between_years_with_different_figures_says_on_what_it_rests(veracity):
    city, publication = veracity
    reading = Reading(city, publication, "zh")
    # On a and b alone the index is the economy: 57.5 - 55 = 2.5, all of it from a (10 * 1/4).
    sentence = told(change_sentence(reading, "100", publication.method.root, "2022", "2021"))
    assert sentence == "按2022年与2021年都有数的2项指标比较，比2021年高2.5分，主要来自甲指标。"


def test_a_fall_is_said_as_a_fall(veracity):
    city, publication = veracity
    reading = Reading(city, publication, "zh")
    ecology = publication.method.nodes["ecology"]
    assert told(change_sentence(reading, "100", ecology)) == "比2022年低10.0分，主要来自丙浓度。"


def test_no_cause_is_named_when_none_made_up_a_third(tmp_path):
    city = declare(
        tmp_path / "reports-even", ("平", "Even"), fictional=False, areas="100,平,Even,city,,,,,,,\n"
    )
    leaves = [leaf(code, f"指标{code}", f"Indicator {code}") for code in "abcd"]
    rows = [(code, "100", year, value) for code in "abcd" for year, value in (("2022", 50), ("2023", 54))]
    publication = publish(city, method_file("even-1", {ECONOMY: leaves}), rows)
    reading = Reading(city, publication, "zh")
    sentence = told(change_sentence(reading, "100", publication.method.root))
    assert sentence == "比2022年高4.0分，涉及多项指标，没有哪一项占到三分之一。"
    change = reading.change("100", publication.method.root)
    assert main_drivers(change) == []


def test_a_change_too_small_to_print_is_no_change(tmp_path):
    city = declare(
        tmp_path / "reports-flat", ("稳", "Flat"), fictional=False, areas="100,稳,Flat,city,,,,,,,\n"
    )
    rows = [("a", "100", "2022", 50), ("a", "100", "2023", 50.04)]
    publication = publish(city, method_file("flat-1", {ECONOMY: [leaf("a", "甲", "Alpha")]}), rows)
    reading = Reading(city, publication, "en")
    assert told(change_sentence(reading, "100", publication.method.root)) == "It was level with 2022."


def test_the_ranking_sentence_subtracts_as_printed_and_names_ties(fabula):
    city, publication = fabula
    reading = Reading(city, publication, "en")
    scores = publication.scores(node="index", period="2023")
    assert told(ranking_sentence(reading, scores)) == (
        f"Of the 3 areas with a score for 2023, North {HOSTILE} stands highest (65.0 points) and East lowest (45.0): "
        "20.0 points apart."
    )
    assert told(ties_sentence(reading, scores)) == f"North {HOSTILE} and South share rank 1."


# --- chapters


def test_the_summary_says_the_figure_its_change_and_what_it_rests_on(veracity):
    city, publication = veracity
    blocks = reports.report_sections(city, publication, "zh").blocks
    said = statements(blocks)
    # 71.25 prints as 71.3: halves go up
    assert (
        said[0]
        == "实城：质量指数，2023年71.3分比2022年高2.5分，主要来自乙指标。3项指标中有3项有数，占方法权重的100%。"
    )
    assert "有得分的2个领域中，经济质量最高（72.5分），生态质量最低（70.0分）。" in said
    assert (
        "与2022年相比，按两期都有数的指标，经济质量升得最多（15.0分），生态质量降得最多（10.0分）。" in said
    )


def test_the_index_table_shows_every_year_with_its_coverage(veracity):
    city, publication = veracity
    blocks = reports.report_sections(city, publication, "zh").blocks
    rows = plain(table_named(blocks, "实城：历期质量指数"))
    # 2021: a and b of three leaves; they carry half of the weight
    assert [row[:4] for row in rows] == [
        ["2021年", "55.0", "2/3", "50%"],
        ["2022年", "68.8", "3/3", "100%"],
        ["2023年", "71.3", "3/3", "100%"],
    ]


def test_the_lines_of_the_index_add_up_to_it(veracity):
    city, publication = veracity
    blocks = reports.report_sections(city, publication, "zh").blocks
    rows = plain(table_named(blocks, "2023年质量指数的构成"))
    assert rows == [
        ["经济质量", "72.5", "1", "50.0%", "36.25"],
        ["生态质量", "70.0", "1", "50.0%", "35.00"],
        ["质量指数", "71.3", "", "", "71.25"],
    ]


def test_a_domain_shows_values_scores_and_what_is_preliminary(veracity):
    city, publication = veracity
    blocks = reports.report_sections(city, publication, "en").blocks
    table = table_named(blocks, "Economy: indicators in the index")
    rows = plain(table)
    assert [row[0] for row in rows] == ["Alpha", "Beta"]
    assert [row[3:5] for row in rows] == [["50", "50"], ["80†", "60"]]
    assert [row[6:] for row in rows] == [["50.0", "25.0%"], ["80.0", "75.0%"]]
    assert table.note == "† preliminary"


def test_a_revised_figure_is_told_with_its_first_and_its_present_value(veracity):
    city, publication = veracity
    blocks = reports.report_sections(city, publication, "zh").blocks
    assert "1个数字公布过不止一次，其中1个先后数值不同。每次公布的数都保留，可以逐一查到。" in statements(
        blocks
    )
    rows = plain(table_named(blocks, "数值有变动的数字"))
    assert [row[:6] for row in rows] == [["乙指标", "实城", "2023", "78", "80†", "2"]]


def test_a_missing_figure_is_named_and_not_filled(tmp_path):
    city = declare(tmp_path / "reports-gap", ("缺", "Gap"), fictional=False, areas="100,缺,Gap,city,,,,,,,\n")
    leaves = [leaf("a", "甲指标", "Alpha"), leaf("b", "乙指标", "Beta")]
    rows = [("a", "100", "2022", 50), ("b", "100", "2022", 50), ("a", "100", "2023", 60)]
    publication = publish(city, method_file("gap-1", {ECONOMY: leaves}), rows)
    report = reports.report_sections(city, publication, "zh")
    notes = [block for block in report.blocks if isinstance(block, Note)]
    assert any(note.title == "2023年没有数据" and told(note.spans).startswith("乙指标。") for note in notes)
    values = plain(table_named(report.blocks, "经济质量：计入指数的指标"))
    assert [row[3] for row in values] == ["60", ""]
    assert any(note.title == "各期不能直接相减" for note in notes)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_score_and_every_figure_links_to_where_it_comes_from(veracity, language):
    city, publication = veracity
    blocks = reports.report_sections(city, publication, language).blocks
    prefix = "/en" if language == "en" else ""
    hrefs = {
        span.href
        for block in blocks
        if isinstance(block, Table)
        for row in block.rows
        for cell in row
        for span in cell
        if isinstance(span, Linked)
    }
    for node in ("index", "economy", "ecology", "a", "b", "c"):
        assert f"{prefix}/{city.slug}/derivation/100/2023/{node}/" in hrefs
    for code in "abc":
        assert f"{prefix}/{city.slug}/figures/{code}/100/2023/" in hrefs
    # and the other way round: what a table calls a score is never a bare number
    table = table_named(blocks, "各领域一览" if language == "zh" else "The domains at a glance")
    assert all(isinstance(row[1][0], Linked) for row in table.rows)


def test_numbers_in_the_text_are_numbers_of_the_edition(veracity):
    city, publication = veracity
    scores = {
        (one.area, one.period, one.node): one.score for one in publication.scores() if one.score is not None
    }
    linked = []
    for block in reports.report_sections(city, publication, "zh").blocks:
        if isinstance(block, Table):
            for row in block.rows:
                linked += [span for cell in row for span in cell if isinstance(span, Linked)]
    checked = 0
    for span in linked:
        found = re.fullmatch(r"/[^/]+/derivation/([^/]+)/([^/]+)/([^/]+)/", span.href)
        if not (found and found.groups() in scores):
            continue
        area, period, node = found.groups()
        score, parts = publication.score(area, period, node), publication.parts(area, period, node)
        if "/" in span.text:
            assert span.text == f"{score.available}/{score.total}"
        elif span.text.endswith("%"):
            shares = [score.coverage, *(part.share for part in parts if part.share is not None)]
            assert min(abs(float(span.text[:-1]) - 100 * share) for share in shares) <= 0.5 + 1e-9
        else:
            # the text is within half of its last place of a score of the edition, or of a part of one
            exact = [
                scores[found.groups()],
                *(part.contribution for part in parts if part.contribution is not None),
            ]
            places = len(span.text.partition(".")[2])
            assert min(abs(float(span.text) - one) for one in exact) <= 0.5 * 10**-places + 1e-9
        checked += 1
    assert checked >= 12


def test_every_change_in_the_text_leads_to_where_it_is_worked_out(veracity):
    city, publication = veracity
    nodes = publication.method.nodes
    found = {
        span.href: float(span.text.replace("−", "-"))
        for language in ("zh", "en")
        for block in reports.report_sections(city, publication, language).blocks
        for row in (block.rows if isinstance(block, Table) else [])
        for cell in row
        for span in cell
        if isinstance(span, Linked) and "/changes/" in span.href
    }
    assert len(found) >= 4  # two domains or the index, in both languages
    for href, told_as in found.items():
        area, node, before, now = href.strip("/").split("/")[-4:]
        change = between(publication, area, nodes[node], before, now)
        assert abs(change.difference - told_as) <= 0.05 + 1e-9


# --- the page


class Outline(HTMLParser):
    """Checks nesting while it reads, and keeps headings, ids and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append(given["href"])

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("which", ["veracity", "fabula"])
def test_the_page_is_well_formed_and_in_order(which, language, request):
    city, publication = request.getfixturevalue(which)
    text = reports.report_html(city, publication, language)
    outline = Outline()
    outline.feed(text)
    assert outline.open == []
    assert outline.headings[0] == 2
    assert all(
        later - earlier <= 1 for earlier, later in zip(outline.headings, outline.headings[1:], strict=False)
    )
    assert len(outline.ids) == len(set(outline.ids))
    anchors = [link[1:] for link in outline.links if link.startswith("#")]
    assert set(anchors) <= set(outline.ids)
    assert len(anchors) >= 8
    root = ElementTree.fromstring(f"<div>{text}</div>")
    for table in root.iter("table"):
        assert table.find("caption") is not None
        assert all(cell.get("scope") in ("col", "row") for cell in table.iter("th"))
    for figure in root.iter("figure"):
        assert figure.find(".//details/div/table") is not None


def test_hostile_titles_stay_text_on_the_page(fabula):
    city, publication = fabula
    text = reports.report_html(city, publication, "en")
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_the_page_of_a_fictional_city_says_so(fabula):
    city, publication = fabula
    assert "虚构数据" in reports.report_html(city, publication, "zh")
    assert "Fictional data" in reports.report_html(city, publication, "en")


def test_every_chapter_names_an_article_and_two_languages():
    codes = [section.code for section in SECTIONS]
    assert len(codes) == len(set(codes))
    for section in SECTIONS:
        assert section.article.isdigit()
        assert section.title.zh.strip()
        assert section.title.en.strip()


# --- frozen questions


def test_a_report_remembers_what_it_asked_and_notices_another_answer(veracity, tmp_path):
    city, publication = veracity
    report = reports.report_sections(city, publication, "zh")
    assert len(report.queries) > 10
    assert differences(publication, list(report.queries)) == []
    other = declare(
        tmp_path / "reports-other", ("异", "Other"), fictional=False, areas="100,异,Other,city,,,,,,,\n"
    )
    from .conftest import VERACITY, VERACITY_ROWS

    changed = [
        ("c", "100", "2023", 31) if row[0] == "c" and row[2] == "2023" else row for row in VERACITY_ROWS
    ]
    edition = publish(other, method_file("veracity-1", VERACITY), changed)
    wrong = differences(edition, list(report.queries))
    # c gave 70, and gives 69: the questions about ecology and the index in 2023 have other answers, those on 2021 not
    assert 'scores {"area": "100", "node": "ecology", "period": "2023"}' in wrong
    assert 'parts {"area": "100", "parent": "economy", "period": "2023"}' not in wrong


def test_the_same_question_is_asked_once(veracity):
    _, publication = veracity
    frozen = Frozen(publication)
    frozen.scores(node="index")
    frozen.scores(node="index")
    assert [one["query"] for one in frozen.record()] == ["scores"]


# --- files


@pytest.mark.slow
def test_a_report_is_written_once_and_checked(veracity, tmp_path):
    city, publication = veracity
    steps = []
    paths = reports.write_report(city, publication, progress=lambda step, done, total: steps.append(step.en))
    assert [path.name for path in paths] == ["report.zh.pdf", "report.en.pdf"]
    assert paths[0].parent == city.published_dir / f"{publication.edition}-report"
    assert steps == ["setting the Chinese report", "setting the English report"]
    before = [path.stat().st_mtime_ns for path in paths]
    assert reports.write_report(city, publication) == paths
    assert [path.stat().st_mtime_ns for path in paths] == before
    assert reports.check_report(publication, paths[0].parent) == []
    manifest = json.loads((paths[0].parent / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["edition"] == publication.edition
    assert {one["query"] for one in manifest["queries"]["zh"]} >= {"scores", "parts", "observations"}
    # a damaged file is set again
    paths[1].write_bytes(b"broken")
    assert reports.write_report(city, publication)[1].read_bytes().startswith(b"%PDF")
    # the report beside the edition is not taken for an edition
    from shenzhi.pipeline.index.published import Publication

    assert Publication.current(city).edition == publication.edition


def test_a_folder_with_other_files_is_left_alone(veracity, tmp_path):
    city, publication = veracity
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(reports.ReportError, match=r"letter\.txt"):
        reports.write_report(city, publication, out=tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "mine"


@pytest.mark.slow
def test_the_command_sets_one_language_and_checks_it(veracity, tmp_path):
    city, _ = veracity
    out = tmp_path / "out"
    run = CliRunner().invoke(command, ["--city", str(city.root), "--language", "en", "--out", str(out)])
    assert run.exit_code == 0, run.output
    assert sorted(path.name for path in out.iterdir()) == ["manifest.json", "report.en.pdf"]
    run = CliRunner().invoke(command, ["--city", str(city.root), "--out", str(out), "--check"])
    assert run.exit_code == 0
    assert "equal" in run.output


def test_the_command_says_what_to_do_first(tmp_path):
    city = declare(tmp_path / "reports-empty", ("空", "Empty"), fictional=False, areas="")
    run = CliRunner().invoke(command, ["--city", str(city.root)])
    assert run.exit_code == 1
    assert "has no published index to report on: run shenzhi index publish" in run.output
    run = CliRunner().invoke(command, ["--city", "atlantis"])
    assert "no city called atlantis" in run.output
