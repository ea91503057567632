"""Reads the official text of the regulation from a file, so that a city can show its articles (articles 1-97).

The software carries no text of the law. A city hands in the text file it has; the file is kept byte for byte, and its
articles, paragraphs and items become data beside it, in SHENZHI_HOME/law/. A file with a gap, a repeat or a stray line
is refused with every fault at once, and what was kept before stays.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from shenzhi.kernel.articles import LAST, called, from_chinese, in_chinese
from shenzhi.pipeline.lake.city import home

MOST_BYTES = 5_000_000
"""The regulation is some 40 kB; a file beyond this size is not it."""

_NUMERAL = "[〇零一二三四五六七八九十百0-9０-９]+"
_CHAPTER = re.compile(rf"第({_NUMERAL})章\s*(.*)")
_ARTICLE = re.compile(rf"第({_NUMERAL})条(?:[\s:：]+|$|(?=[^\s第、,，和至的规]))(.*)")
_ITEM = re.compile(rf"[(（]({_NUMERAL})[)）]\s*(.*)")


class TextError(ValueError):
    """A file is not the official text; the message lists every fault with its line and the way out."""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph (款) and its items (项), in order."""

    text: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Text:
    """The official text as data: paragraphs by article, and the SHA-256 of the file that they were read from."""

    sha256: str
    file_name: str
    articles: dict[int, tuple[Paragraph, ...]]


def read_text(content: bytes, file_name: str) -> Text:
    """The articles of an official text file; TextError lists every fault when it is not one."""
    articles: dict[int, list[Paragraph]] = {}
    faults: list[str] = []
    chapter, number = 0, 0
    for line_number, line in _lines(content):
        place = f"line {line_number}"
        if (match := _CHAPTER.fullmatch(line)) and "。" not in line:
            found = _number(match[1], place, faults)
            in_contents = found == 1 and not number  # a list of chapters may stand before article 1
            if found != chapter + 1 and not in_contents:
                faults.append(f"{place}: chapter {found} stands where chapter {chapter + 1} should")
            chapter = found or chapter + 1
        elif match := _ARTICLE.fullmatch(line):
            found = _number(match[1], place, faults)
            if found and found != number + 1:
                faults.append(
                    f"{place}: {called(found).zh} (article {found}) stands where "
                    f"{called(number + 1).zh} (article {number + 1}) should"
                )
            number = found or number + 1
            if number in articles:
                faults.append(f"{place}: article {number} stands twice")
            articles[number] = [Paragraph(match[2])] if match[2] else []
        elif not number:
            continue  # title, date of adoption and contents may stand before article 1
        elif match := _ITEM.fullmatch(line):
            _add_item(articles[number], match, place, faults)
        else:
            articles[number].append(Paragraph(line))
    if not articles:
        faults.append("no line begins with 第一条: is this the text of the regulation, one paragraph a line?")
    elif number != LAST:
        faults.append(f"the text ends with article {number}; the regulation has {LAST}")
    faults += [f"article {one} has no text" for one, paragraphs in articles.items() if not paragraphs]
    if faults:
        raise TextError(
            f"{file_name} is not the official text of the regulation:\n"
            + "\n".join(f"- {fault}" for fault in faults)
            + "\nNothing was kept. Hand in the complete text, articles 1 to 97 in order, as a text file."
        )
    return Text(
        hashlib.sha256(content).hexdigest(),
        file_name,
        {one: tuple(paragraphs) for one, paragraphs in articles.items()},
    )


def keep(path: Path, folder: Path | None = None) -> Text:
    """Read the file and keep it: the bytes under their hash, the articles as `text.json`. TextError refuses it."""
    folder = folder or kept_in()
    try:
        if path.stat().st_size > MOST_BYTES:
            raise TextError(
                f"{path.name} has {path.stat().st_size} bytes; the regulation is under {MOST_BYTES}"
            )
        content = path.read_bytes()
    except OSError as error:
        raise TextError(f"{path} cannot be read: {error.strerror}; name a text file") from error
    text = read_text(content, path.name)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / f"{text.sha256}.txt", content)
    _write(folder / "text.json", json.dumps(asdict(text), ensure_ascii=False, indent=1).encode())
    return text


def kept(folder: Path | None = None) -> Text | None:
    """The text that was imported, or None."""
    path = (folder or kept_in()) / "text.json"
    try:
        return _kept(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


def kept_in() -> Path:
    return home() / "law"


@lru_cache(maxsize=2)
def _kept(path: Path, changed: int) -> Text:
    """The text in `path` as of its time of change, so that an import shows without a restart."""
    given: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    articles = {
        int(number): tuple(Paragraph(one["text"], tuple(one["items"])) for one in paragraphs)
        for number, paragraphs in given["articles"].items()
    }
    return Text(given["sha256"], given["file_name"], articles)


def _lines(content: bytes) -> Iterator[tuple[int, str]]:
    """Lines with their number, without blank ones; wide spaces count as spaces."""
    for number, line in enumerate(_decoded(content).splitlines(), start=1):
        if text := line.replace("\u3000", " ").strip():
            yield number, text


def _decoded(content: bytes) -> str:
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "gb18030"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise TextError("the file is not text in UTF-8, UTF-16 or GB 18030: save it as plain text in UTF-8")


def _number(numeral: str, place: str, faults: list[str]) -> int:
    """The number, or 0 with the fault noted."""
    try:
        return from_chinese(numeral)
    except ValueError as error:
        faults.append(f"{place}: {error}")
        return 0


def _add_item(paragraphs: list[Paragraph], match: re.Match[str], place: str, faults: list[str]) -> None:
    """Put an item to the paragraph that it belongs to, and note when it is out of order."""
    if not paragraphs:
        paragraphs.append(Paragraph(""))
    last = paragraphs[-1]
    expected = len(last.items) + 1
    if _number(match[1], place, faults) != expected:
        faults.append(f"{place}: item ({match[1]}) stands where item ({in_chinese(expected)}) should")
    paragraphs[-1] = Paragraph(last.text, (*last.items, match[2]))


def _write(path: Path, content: bytes) -> None:
    """Write beside and rename: a reader sees the old file or the new one, never half of one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)
