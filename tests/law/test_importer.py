"""The importer of the official text, over made-up texts in its shape and over the real one where it is at hand."""

from __future__ import annotations

import hashlib

import pytest

from shenzhi.apps.law.importer import Paragraph, TextError, keep, kept, read_text
from shenzhi.kernel.articles import in_chinese


def made_up(last=97, **replaced):
    """A text of `last` short articles in two chapters; `a7="..."` puts other lines in place of article 7's."""
    lines = ["某市质量条例", "(2020年1月1日通过)", "第一章 总则"]
    for number in range(1, last + 1):
        if number == 50:
            lines.append("第二章 其余")
        lines.append(replaced.get(f"a{number}", f"第{in_chinese(number)}条 第{number}号内容。"))
    return "\n".join(lines)


def refused(content):
    with pytest.raises(TextError) as error:
        read_text(content if isinstance(content, bytes) else content.encode(), "law.txt")
    return str(error.value)


def test_articles_paragraphs_and_items_are_told_apart():
    text = made_up(a7="第七条 应当做:\n(一)甲;\n（二）乙。\n另一款。")
    read = read_text(text.encode(), "law.txt")
    assert read.articles[7] == (Paragraph("应当做:", ("甲;", "乙。")), Paragraph("另一款。"))
    assert read.articles[97] == (Paragraph("第97号内容。"),)
    assert read.sha256 == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_every_usual_encoding_gives_the_same_articles(encoding):
    assert (
        read_text(made_up().encode(encoding), "law.txt").articles
        == read_text(made_up().encode(), "x").articles
    )


def test_wide_spaces_and_windows_line_ends_are_read():
    text = made_up().replace("条 ", "条\u3000").replace("\n", "\r\n\r\n\u3000\u3000")
    assert read_text(text.encode(), "law.txt").articles[12] == (Paragraph("第12号内容。"),)


def test_a_reference_at_the_head_of_a_line_is_not_an_article():
    text = made_up(a9="第九条 甲。\n第七条、第八条规定的情形除外。\n第七条规定的情形,从其规定。")
    assert len(read_text(text.encode(), "law.txt").articles[9]) == 3


def test_a_list_of_chapters_may_stand_before_the_first_article():
    text = made_up().replace("第一章 总则", "目录\n第一章 总则\n第二章 其余\n第一章 总则", 1)
    assert list(read_text(text.encode(), "law.txt").articles) == list(range(1, 98))


def test_a_missing_chapter_is_named():
    assert "chapter 3 stands where chapter 2 should" in refused(made_up().replace("第二章", "第三章"))


def test_a_missing_article_is_named_with_its_line():
    told = refused(made_up(a8=""))
    # three lines of head, then one article a line: article 8's line is left blank, so article 9 stands on line 12
    assert "line 12: 第九条 (article 9) stands where 第八条 (article 8) should" in told


def test_a_repeated_article_is_refused():
    assert "第七条 (article 7) stands where 第九条 (article 9) should" in refused(
        made_up(a9="第七条 又一次。")
    )


def test_a_text_that_breaks_off_is_refused():
    assert "the text ends with article 60; the regulation has 97" in refused(made_up(last=60))


def test_a_text_that_runs_on_is_refused():
    assert "the text ends with article 98; the regulation has 97" in refused(made_up(last=98))


def test_items_out_of_order_are_refused():
    assert "item (三) stands where item (二) should" in refused(made_up(a7="第七条 做:\n(一)甲;\n(三)丙。"))


def test_an_article_without_text_is_refused():
    assert "article 7 has no text" in refused(made_up(a7="第七条"))


def test_every_fault_is_told_at_once():
    told = refused(made_up(last=96, a7="第七条", a20="第二十条 做:\n(二)乙。"))
    assert told.count("\n- ") == 3


@pytest.mark.parametrize("content", [b"", "一篇别的文章。".encode()])
def test_another_text_is_refused(content):
    assert "no line begins with 第一条" in refused(content)


@pytest.mark.parametrize("content", [b"%PDF-1.7\x00\xff\xfe\x81", b"PK\x03\x04\x00\x00\xff\xff"])
def test_a_file_that_is_not_text_is_refused(content):
    assert "not text in UTF-8, UTF-16 or GB 18030" in refused(content)


def test_what_is_kept_comes_back_and_the_file_is_kept_byte_for_byte(tmp_path):
    file = tmp_path / "law.txt"
    file.write_bytes(made_up().encode("gb18030"))
    text = keep(file, tmp_path / "law")
    assert kept(tmp_path / "law") == text
    assert (tmp_path / "law" / f"{text.sha256}.txt").read_bytes() == file.read_bytes()


def test_a_refused_file_leaves_the_text_before_it_in_place(tmp_path):
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text(made_up(), encoding="utf-8")
    bad.write_text(made_up(last=12), encoding="utf-8")
    before = keep(good, tmp_path / "law")
    with pytest.raises(TextError):
        keep(bad, tmp_path / "law")
    assert kept(tmp_path / "law") == before
    assert len(list((tmp_path / "law").iterdir())) == 2


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path):
    with pytest.raises(TextError, match="cannot be read"):
        keep(tmp_path / "none.txt", tmp_path / "law")
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(6_000_000)
    with pytest.raises(TextError, match="6000000 bytes"):
        keep(large, tmp_path / "law")
    assert kept(tmp_path / "law") is None


def test_the_official_text_is_read_whole(shared):
    path = shared / "regulation" / "深圳经济特区质量条例.txt"
    if not path.exists():
        pytest.skip(f"official text not found at {path}")
    text = read_text(path.read_bytes(), path.name)
    assert list(text.articles) == list(range(1, 98))
    # counted in the printed text: article 7 has seven items, article 39 four paragraphs, article 93 two
    assert [len(text.articles[7][0].items), len(text.articles[39]), len(text.articles[93])] == [7, 4, 2]
    joined = "".join(p.text + "".join(p.items) for one in text.articles.values() for p in one)
    assert joined.startswith("为了加快推动深圳质量建设")
    assert joined.endswith("本条例自2017年7月1日起施行。")
