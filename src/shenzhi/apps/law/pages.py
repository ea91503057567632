"""The regulation on the portal: the register by chapter, and one page for each of its 97 articles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from shenzhi.apps.law.articles import (
    DOMAINS,
    IN_FORCE_FROM,
    KINDS,
    MODALS,
    REGULATION,
    Chapter,
    Duty,
    register,
)
from shenzhi.apps.law.coverage import (
    MEANINGS,
    RELATIONS,
    STATES,
    Evidence,
    Standing,
    as_data,
    coverage,
    tally,
)
from shenzhi.apps.law.importer import kept
from shenzhi.kernel.registry import Document
from shenzhi.kernel.words import Words

MARKS = {"carried": "●", "part": "◐", "measured": "△", "open": "○", "none": "–"}
"""A state's shape; its word always stands beside it."""

HOME = Words("法规", "Law")


@dataclass(frozen=True)
class Choice:
    """A link that filters the register; `count` articles remain under it."""

    title: Words
    href: str
    count: int
    here: bool


@dataclass(frozen=True)
class Piece:
    """A run of the coverage bar, in hundredths of its width."""

    state: str
    start: float
    width: float


@dataclass(frozen=True)
class Row:
    """An article in the register's table."""

    standing: Standing
    mark: str
    state: Words
    measures: int


@dataclass(frozen=True)
class ChapterRows:
    chapter: Chapter
    rows: list[Row]
    bar: list[Piece]
    counts: list[tuple[str, Words, int]]


@dataclass(frozen=True)
class DutyRow:
    duty: Duty
    modal: Words
    serving: list[tuple[Evidence, str]]


@dataclass(frozen=True)
class Relation:
    """Everything that serves an article in one way, each with its address ("" where it has no page)."""

    code: str
    title: Words
    evidence: list[tuple[Evidence, str]]


def home(request: HttpRequest) -> HttpResponse:
    """The register by chapter; `?domain=` and `?state=` narrow it down."""
    domain = _chosen(request, "domain", DOMAINS)
    state = _chosen(request, "state", STATES)
    everything = list(coverage().values())
    shown = [one for one in everything if _fits(one, domain, state)]
    chapters = []
    for chapter in register().chapters:
        rows = [_row(one) for one in shown if one.article.chapter == chapter]
        whole = tally(one for one in everything if one.article.chapter == chapter)
        if rows:
            counts = [(code, STATES[code], count) for code, count in whole.items() if count]
            chapters.append(ChapterRows(chapter, rows, _bar(whole), counts))
    counted = tally(everything)
    return render(
        request,
        "law/home.html",
        {
            "regulation": REGULATION,
            "in_force_from": IN_FORCE_FROM,
            "chapters": chapters,
            "shown": len(shown),
            "all": len(everything),
            "duties": sum(len(one.article.duties) for one in everything),
            "counts": counted,
            "bar": _bar(counted),
            "states": [(MARKS[code], STATES[code], MEANINGS[code], counted[code]) for code in STATES],
            "domain_choices": _choices(DOMAINS, "domain", domain, {"state": state}),
            "state_choices": _choices(STATES, "state", state, {"domain": domain}),
            "filtered": bool(domain or state),
        },
    )


def article(request: HttpRequest, number: int) -> HttpResponse:
    """One article: who must or may do what, what carries it out and measures it, and the text where it is imported."""
    standing = coverage().get(number)
    if standing is None:
        raise Http404(
            f"条例共 {len(register().articles)} 条。The regulation has {len(register().articles)} articles."
        )
    one = standing.article
    articles = register().articles
    text = kept()
    relations = [
        Relation(code, title, [(piece, _href(piece)) for piece in standing.of(code)])
        for code, title in RELATIONS.items()
    ]
    return render(
        request,
        "law/article.html",
        {
            "crumbs": [{"title": HOME, "href": reverse("law:home")}],
            "article": one,
            "regulation": REGULATION,
            "in_force_from": IN_FORCE_FROM,
            "domain": DOMAINS[one.domain],
            "kind": KINDS[one.kind],
            "mark": MARKS[standing.state],
            "state": STATES[standing.state],
            "meaning": MEANINGS[standing.state],
            "duties": [
                DutyRow(duty, MODALS[duty.modal], [(piece, _href(piece)) for piece in standing.serving(duty)])
                for duty in one.duties
            ],
            "relations": [relation for relation in relations if relation.evidence],
            "text": text,
            "paragraphs": text.articles[number] if text else (),
            "previous": articles.get(number - 1),
            "next": articles.get(number + 1),
        },
    )


def data(request: HttpRequest) -> HttpResponse:
    """The whole register with its coverage as JSON, in both languages."""
    return JsonResponse(
        {"regulation": asdict(REGULATION), "articles": [as_data(one) for one in coverage().values()]},
        json_dumps_params={"ensure_ascii": False},
    )


def documents() -> Iterator[Document]:
    """Every article for the portal's search: found by its number, its heading, and who must do what."""
    kind = Words("条文", "Articles of the regulation")
    for one in register().articles.values():
        body = Words(
            "；".join(_said(duty, "zh") for duty in one.duties),
            "; ".join(_said(duty, "en") for duty in one.duties),
        )
        yield Document(kind, one.full_title, body, f"/law/{one.number}/", str(one.number))


def _said(duty: Duty, language: str) -> str:
    """A duty in one breath: who must do what; only what, where the article names nobody."""
    what = duty.what.say(language)
    if duty.actor == "unnamed":
        return what
    gap = " " if language == "en" else ""
    return gap.join((duty.who.say(language), MODALS[duty.modal].say(language), what))


def _chosen(request: HttpRequest, name: str, known: Mapping[str, Words]) -> str:
    given = str(request.GET.get(name, ""))
    if given and given not in known:
        raise Http404(f"没有这个选项。No {name} called {given}; choose one of {', '.join(known)}.")
    return given


def _fits(standing: Standing, domain: str, state: str) -> bool:
    return (not domain or standing.article.domain == domain) and (not state or standing.state == state)


def _choices(known: Mapping[str, Words], name: str, chosen: str, others: dict[str, str]) -> list[Choice]:
    """One link for each value of a filter, the other filter kept, with the number of articles behind it."""
    found = []
    for code, title in {"": Words("全部", "All"), **known}.items():
        values = {**others, name: code}
        count = sum(_fits(one, values["domain"], values["state"]) for one in coverage().values())
        query = urlencode({key: value for key, value in values.items() if value})
        href = reverse("law:home") + (f"?{query}" if query else "")
        found.append(Choice(title, href, count, code == chosen))
    return found


def _row(standing: Standing) -> Row:
    state = standing.state
    return Row(standing, MARKS[state], STATES[state], sum(one.real for one in standing.of("measures")))


def _bar(counts: Mapping[str, int]) -> list[Piece]:
    total = sum(counts.values())
    pieces, start = [], 0.0
    for state, count in counts.items():
        if count:
            width = count / total * 100
            pieces.append(Piece(state, round(start, 2), round(width, 2)))
            start += width
    return pieces


def _href(piece: Evidence) -> str:
    """The address of the page where a piece of evidence can be seen, or "" when this installation has none."""
    if not piece.url_name:
        return ""
    try:
        address = str(reverse(piece.url_name, args=piece.args))
    except NoReverseMatch:
        return ""
    return f"{address}#{piece.anchor}" if piece.anchor else address
