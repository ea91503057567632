"""Search over indicators, areas, sources and articles, made for Chinese words of one or two characters (article 84).

Every pair of neighbouring characters is indexed (calc/pairs.py), so that a query finds each text that contains it. The
index is one SQLite file (FTS5) for each city and edition, written aside and put in place whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from shenzhi.calc.pairs import fold, is_han, pairs, runs
from shenzhi.kernel.registry import Document
from shenzhi.kernel.words import Words

LONGEST_QUERY = 100
MOST = 500
COLUMNS = ("title_pairs", "title_letters", "title_words", "body_pairs", "body_letters", "body_words")
WEIGHTS = "10.0, 4.0, 10.0, 1.0, 0.2, 1.0"
LAYOUT = 3  # changes with the tables below, so that an older file is not read


@dataclass(frozen=True)
class Hit:
    """A found document; `exact` tells that the query is its very title or code."""

    document: Document
    exact: bool


@dataclass(frozen=True)
class Found:
    """What a query found. `loose`: no document has all of it, so these have some of it."""

    hits: tuple[Hit, ...]
    loose: bool = False


def _columns(texts: Sequence[str]) -> tuple[str, str, str]:
    """Pairs, single characters and words of some texts. A stop between stretches keeps a phrase inside one."""
    two: list[str] = []
    one: list[str] = []
    words: list[str] = []
    for text in texts:
        for run in runs(text):
            if is_han(run):
                two += [*pairs(run), "xx"]
                one += list(run)
            else:
                words.append(run)
        words.append("xx")
    return " ".join(two), " ".join(one), " ".join(words)


def query_of(text: str, *, loose: bool = False) -> str:
    """The question put to FTS5; "" when the text holds nothing to look for. Every part is quoted."""
    parts = []
    for run in runs(text[:LONGEST_QUERY]):
        if not is_han(run):
            stem = run[:-1] if len(run) > 4 and run.endswith("s") else run
            parts.append(f'{{title_words body_words}} : "{stem}" *')
        elif len(run) == 1:
            parts.append(f'{{title_letters body_letters}} : "{run}"')
        elif loose:
            parts += [f'{{title_pairs body_pairs}} : "{pair}"' for pair in pairs(run)]
        else:
            parts.append(f'{{title_pairs body_pairs}} : "{" ".join(pairs(run))}"')
    return (" OR " if loose else " AND ").join(parts)


def build(path: Path, documents: Iterable[Document]) -> None:
    """Write the index file whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    os.close(handle)
    try:
        with closing(sqlite3.connect(made)) as base:
            base.execute("PRAGMA journal_mode = OFF")
            base.execute(
                "CREATE TABLE document (id INTEGER PRIMARY KEY, given TEXT, code TEXT, zh TEXT, en TEXT)"
            )
            base.execute(f"CREATE VIRTUAL TABLE words USING fts5({', '.join(COLUMNS)}, content='')")
            for at, one in enumerate(documents, 1):
                base.execute(
                    "INSERT INTO document VALUES (?, ?, ?, ?, ?)",
                    (
                        at,
                        json.dumps(asdict(one), ensure_ascii=False),
                        fold(one.code),
                        fold(one.title.zh),
                        fold(one.title.en),
                    ),
                )
                titles = _columns((one.title.zh, one.title.en, one.code))
                bodies = _columns((one.body.zh, one.body.en))
                base.execute(
                    f"INSERT INTO words (rowid, {', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (at, *titles, *bodies),
                )
            base.commit()
        os.replace(made, path)
    finally:
        Path(made).unlink(missing_ok=True)


def ask(path: Path, text: str) -> Found:
    """The documents that contain every part of `text`, best first; where there are none, those that contain some."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
        for loose in (False, True):
            question = query_of(text, loose=loose)
            if not question:
                return Found(())
            hits = tuple(_hits(base, question, fold(text.strip())))
            if hits:
                return Found(hits, loose)
    return Found(())


def _hits(base: sqlite3.Connection, question: str, wanted: str) -> Iterator[Hit]:
    rows = base.execute(
        f"SELECT given, ? IN (code, zh, en) AS exact FROM words JOIN document ON document.id = words.rowid "
        f"WHERE words MATCH ? ORDER BY exact DESC, bm25(words, {WEIGHTS}), document.id LIMIT {MOST}",
        (wanted, question),
    )
    for given, exact in rows:
        one = json.loads(given)
        for key in ("kind", "title", "body"):
            one[key] = Words(**one[key])
        yield Hit(Document(**one), bool(exact))


def name(key: Sequence[str], documents: Sequence[Document]) -> str:
    """A file name that changes when anything to be found changes."""
    digest = hashlib.sha256(json.dumps([LAYOUT, *key]).encode())
    for one in documents:
        digest.update(json.dumps(asdict(one), ensure_ascii=False).encode())
    return f"search-{digest.hexdigest()[:24]}.sqlite"


def marked(text: str, query: str, *, room: int = 0) -> list[tuple[str, bool]]:
    """The text cut into pieces, each with whether it matches; `room` > 0 keeps that many characters around the
    first match."""
    wanted = sorted(set(runs(query)), key=len, reverse=True)
    if not wanted:
        return [(text[:room] if room else text, False)]
    pattern = re.compile("|".join(re.escape(run) for run in wanted), re.IGNORECASE)
    if room and len(text) > room:
        first = pattern.search(text)
        start = max(0, (first.start() if first else 0) - room // 3)
        cut = text[start : start + room]
        text = ("…" if start else "") + cut + ("…" if start + room < len(text) else "")
    pieces = []
    at = 0
    for hit in pattern.finditer(text):
        pieces += [(text[at : hit.start()], False), (hit[0], True)]
        at = hit.end()
    return [piece for piece in [*pieces, (text[at:], False)] if piece[0]]
