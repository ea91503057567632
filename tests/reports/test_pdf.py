"""The typeset report: tagged for readers who listen, complete for the archive, the same figures as the page.

Claims of PDF/UA-1 and PDF/A-2a are made by Typst, which refuses to write a file that breaks the rules it checks. No
validator works without Java here; these tests look at the marks themselves.
"""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject

from shenzhi.pipeline.reports import report as reports

from .conftest import HOSTILE

pytestmark = pytest.mark.slow


def read(which, language: str) -> PdfReader:
    city, publication = which
    pdf, _ = reports.report_pdf(city, publication, language, base="https://quality.example")
    return PdfReader(io.BytesIO(pdf))


@pytest.fixture(scope="module")
def chinese(veracity) -> PdfReader:
    return read(veracity, "zh")


@pytest.fixture(scope="module")
def fictional(fabula) -> dict[str, PdfReader]:
    return {language: read(fabula, language) for language in ("zh", "en")}


def text_of(reader: PdfReader) -> str:
    """The text without spaces and line ends, which a PDF has in places of its own."""
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in reader.pages))


def structure(reader: PdfReader) -> list[DictionaryObject]:
    """Every element of the structure tree."""
    found, waiting = [], [reader.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        one = waiting.pop()
        one = one.get_object() if isinstance(one, IndirectObject) else one
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, DictionaryObject):
            if "/S" in one:
                found.append(one)
            if "/K" in one:
                waiting.append(one["/K"])
    return found


def test_it_is_tagged_and_says_so(chinese):
    root = chinese.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == "zh-CN"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    xmp = root["/Metadata"].get_data().decode()
    assert re.search(r"pdfuaid:part>1<|pdfuaid:part=\"1\"", xmp)
    assert re.search(r"pdfaid:part>2<|pdfaid:part=\"2\"", xmp)
    assert re.search(r"pdfaid:conformance>A<|pdfaid:conformance=\"A\"", xmp)
    assert chinese.metadata.title == "实城质量统计报告（2023年）"


def test_headings_tables_figures_and_links_are_marked(chinese):
    elements = structure(chinese)
    kinds = [str(one["/S"]) for one in elements]
    assert kinds.count("/H1") >= 9
    assert {"/H2", "/Table", "/TH", "/TD", "/Link", "/TOC", "/Caption", "/Figure"} <= set(kinds)
    figures = [one for one in elements if one["/S"] == "/Figure"]
    assert figures
    assert all(str(one.get("/Alt", "")).strip() for one in figures)
    assert any("2023年 71.3分" in str(one["/Alt"]) for one in figures)


def test_every_font_is_embedded_and_every_character_has_its_glyph(chinese, fictional):
    for reader in (chinese, fictional["zh"], fictional["en"]):
        fonts = {}
        for page in reader.pages:
            for name, font in page["/Resources"].get("/Font", {}).items():
                fonts[(id(page), name)] = font.get_object()
        names = {str(font["/BaseFont"]) for font in fonts.values()}
        assert all(re.fullmatch(r"/[A-Z]{6}\+Noto(Serif|Sans)SC-Regular.*", name) for name in names), names
        for font in fonts.values():
            descendant = font["/DescendantFonts"][0].get_object()
            assert set(descendant["/FontDescriptor"].get_object()) & {"/FontFile3", "/FontFile2"}
        text = text_of(reader)
        assert "\ufffd" not in text
        assert "\x00" not in text


def test_the_chinese_comes_back_as_text_with_the_figures_of_the_edition(chinese):
    text = text_of(chinese)
    for words in (
        "质量统计报告",
        "要点",
        "比2022年高2.5分，主要来自乙指标。",
        "有得分的2个领域中，经济质量最高（72.5分），生态质量最低（70.0分）。",
        "2023年71.33/3100%",
        "经济质量72.5150.0%36.25",
        "甲指标",
        "版本与核验",
    ):
        assert words in text, words


def test_the_page_and_the_document_say_the_same(veracity, chinese):
    city, publication = veracity
    page = reports.report_html(city, publication, "zh")
    document = text_of(chinese)
    for paragraph in re.findall(r"<(?:p|li)>(.*?)</(?:p|li)>", page):
        if "<svg" in paragraph or 'href="#' in paragraph:
            continue
        words = re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", paragraph))
        assert words.replace("&quot;", '"') in document, words


def test_links_lead_to_the_portal(chinese):
    addresses = {
        str(note.get_object()["/A"]["/URI"])
        for page in chinese.pages
        for note in page.get("/Annots", [])
        if "/A" in note.get_object() and "/URI" in note.get_object()["/A"]
    }
    assert "https://quality.example/reports-veracity/derivation/100/2023/index/" in addresses
    assert "https://quality.example/reports-veracity/figures/b/100/2023/" in addresses
    assert all(address.startswith("https://quality.example/") for address in addresses)


@pytest.mark.parametrize(("language", "label"), [("zh", "虚构数据"), ("en", "Fictionaldata")])
def test_every_page_of_a_fictional_city_says_so(fictional, language, label):
    reader = fictional[language]
    assert len(reader.pages) > 8
    for number, page in enumerate(reader.pages, 1):
        assert label in re.sub(r"\s+", "", page.extract_text()), f"page {number}"
    assert ("虚构数据" if language == "zh" else "Fictional data") in reader.metadata.title
    assert reader.trailer["/Root"]["/Lang"].startswith(language)


def test_hostile_titles_are_set_as_they_are(fictional):
    for reader in fictional.values():
        assert HOSTILE.replace(" ", "") in text_of(reader)


def test_a_real_city_is_not_called_fictional(chinese):
    assert "虚构" not in text_of(chinese)


def test_the_same_edition_gives_the_same_bytes(veracity):
    city, publication = veracity
    first, _ = reports.report_pdf(city, publication, "zh")
    assert reports.report_pdf(city, publication, "zh")[0] == first
