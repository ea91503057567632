"""A procedure as a drawing (SVG): states, the moves between them with who makes them, and where each clock starts and ends.

The drawing has no colours of its own: lines and letters take the colour of the text around it (`currentColor`), so it
is right on light and dark pages, in print and by itself; a page may style the classes state, public, final, move, clock.
Whoever cannot see it finds every move as a sentence in its description.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from shenzhi.kernel.access.roles import ROLES
from shenzhi.kernel.procedures.declaration import FILE, Clock, Move, Procedure, State
from shenzhi.kernel.procedures.layout import Box, Layout, laid_out
from shenzhi.kernel.words import Words

BOX, PASS, GAP, RISE, EDGE = 128.0, 14.0, 14.0, 30.0, 8.0
"""Widths of a box and of a passing arrow, the gaps beside and below, and the margin, in pixels."""
LINE, LETTER, SMALL = 17.0, 13.0, 11.0
BESIDE = 14.0
"""How far beside the middle an arrow leads back up, so that it does not lie on one that leads down."""
CIRCLED = "①②③④⑤⑥⑦⑧⑨"
CLOSING = "，。、：；）》”"
"""What begins no line."""
PLATFORM = Words("平台", "the platform")

SIGNS: tuple[tuple[str, str, Words], ...] = (
    ("starts", "▸", Words("起", "starts")),
    ("ends", "■", Words("止", "ends")),
    ("pauses", "‖", Words("停", "pauses")),
    ("resumes", "▹", Words("续", "resumes")),
    ("extends", "+", Words("延", "extended by")),
)
"""What an act does to a clock: a field of `Clock`, the sign in a box, the word in the list of clocks."""


@dataclass(frozen=True)
class Place:
    """Where a box or a passing arrow stands: its middle, its upper and its lower edge."""

    x: float
    top: float
    bottom: float


def svg(procedure: Procedure, language: str) -> str:
    """The drawing in one language, as one <svg> element that can stand in a page or in a file."""
    layout = laid_out(procedure)
    lines = {code: _lines(procedure, box, language) for code, box in layout.boxes.items()}
    places, width, height = _places(layout, {code: len(said) for code, said in lines.items()})
    name = f"procedure-{procedure.code}-{'en' if language.startswith('en') else 'zh'}"
    clocks = [
        line
        for clock in _clock_lines(procedure, language)
        for line in wrapped(clock, width - 2 * EDGE, SMALL)
    ]
    bottom = height + (len(clocks) * LINE + EDGE if clocks else 0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="procedure" role="img" aria-labelledby="{name}-title {name}-desc" '
        f'viewBox="0 0 {width:g} {bottom:g}" width="{width:g}" height="{bottom:g}" font-family="sans-serif" '
        f'font-size="{LETTER:g}" fill="currentColor">',
        f'<title id="{name}-title">{escape(procedure.title.say(language))}</title>',
        f'<desc id="{name}-desc">{escape(" ".join(sentences(procedure, language)))}</desc>',
        *(_arrow(layout, number, places) for number in range(len(layout.arrows))),
        *(_box(layout.boxes[code], said, places[code]) for code, said in lines.items()),
    ]
    for number, line in enumerate(clocks):
        y = height + (number + 1) * LINE - 4
        parts.append(
            f'<text class="clock" x="{EDGE:g}" y="{y:g}" font-size="{SMALL:g}">{escape(line)}</text>'
        )
    return "\n".join([*parts, "</svg>"])


def sentences(procedure: Procedure, language: str) -> Iterator[str]:
    """The procedure in sentences, one for the beginning, one for each move and one for each clock."""
    first = procedure.first.title
    yield Words(f"提交后为“{first.zh}”。", f"A case that is handed in is “{first.en}”.").say(language)
    for move in procedure.moves:
        sources = _joined([procedure.state[code].title for code in move.source])
        who = roles_of(move)
        to = procedure.state[move.to].title if move.to else Words("原状态", "the same state")
        yield Words(
            f"{who.zh}可从“{sources.zh}”办理“{move.title.zh}”，转为“{to.zh}”。",
            f"From “{sources.en}”, {who.en.lower()} may “{move.title.en}”; it becomes “{to.en}”.",
        ).say(language)
    yield from _clock_lines(procedure, language)


def roles_of(move: Move) -> Words:
    """Who may make the move."""
    return _joined([ROLES.get(role, PLATFORM) for role in move.by])


def _joined(words: list[Words]) -> Words:
    return Words("、".join(one.zh for one in words), ", ".join(one.en for one in words))


def _clock_lines(procedure: Procedure, language: str) -> Iterator[str]:
    """One line for each clock: its number in the drawing, its name, and which acts do what to it."""
    colon, semicolon = (": ", "; ") if language.startswith("en") else ("：", "；")
    for number, clock in enumerate(procedure.clocks):
        said = [
            f"{sign} {words.say(language)} "
            + _joined([procedure.act_title(act) for act in getattr(clock, name)]).say(language)
            for name, sign, words in SIGNS
            if getattr(clock, name)
        ]
        yield f"{CIRCLED[number % 9]} {clock.title.say(language)}{colon}{semicolon.join(said)}"


def _lines(procedure: Procedure, box: Box, language: str) -> list[tuple[str, float]]:
    """What stands in a box: lines of text with their size."""
    room = BOX - 12
    if box.state is not None:
        return [(line, LETTER) for line in wrapped(box.state.title.say(language), room, LETTER)]
    act = box.move.code if box.move else FILE
    said = [(line, LETTER) for line in wrapped(procedure.act_title(act).say(language), room, LETTER)]
    if box.move:
        said += [(line, SMALL) for line in wrapped(roles_of(box.move).say(language), room, SMALL)]
    if signs := " ".join(_signs(procedure.clocks, act)):
        said.append((signs, SMALL))
    return said


def _signs(clocks: tuple[Clock, ...], act: str) -> Iterator[str]:
    for number, clock in enumerate(clocks):
        signs = "".join(sign for name, sign, _ in SIGNS if act in getattr(clock, name))
        if signs:
            yield f"{CIRCLED[number % 9]}{signs}"


def wide(text: str, size: float) -> float:
    """About how wide a text is: a Chinese sign takes its whole size, a Latin letter a little more than half of it."""
    return sum(size if ord(sign) > 0x2E7F or sign in CIRCLED else size * 0.56 for sign in text)


def wrapped(text: str, room: float, size: float) -> list[str]:
    """The text in lines that fit: Chinese breaks before any sign but a closing one, Latin words stay whole."""
    words: list[str] = []
    for sign in text:
        within = words and max(ord(sign), ord(words[-1][-1])) <= 0x2E7F and words[-1][-1] != " "
        if within or (words and sign in CLOSING):
            words[-1] += sign
        else:
            words.append(sign)
    lines = [""]
    for word in words:
        if lines[-1] and wide((lines[-1] + word).rstrip(), size) > room:
            lines.append("")
        lines[-1] += word if lines[-1] else word.lstrip()
    return [line.rstrip() for line in lines]


def _places(layout: Layout, lines: dict[str, int]) -> tuple[dict[str, Place], float, float]:
    """Where everything stands, and how wide and high it is together."""
    widths = [
        sum(BOX if code in lines else PASS for code in row) + GAP * (len(row) - 1) for row in layout.layers
    ]
    width, places, top = max(widths) + 2 * EDGE, {}, EDGE
    for row, wide in zip(layout.layers, widths, strict=True):
        bottom = top + max(lines.get(code, 0) for code in row) * LINE + 12
        x = (width - wide) / 2
        for code in row:
            own = BOX if code in lines else PASS
            low = top + lines[code] * LINE + 12 if code in lines else bottom
            places[code] = Place(round(x + own / 2, 1), top, low)
            x += own + GAP
        top = bottom + RISE
    return places, width, top - RISE + EDGE


def _arrow(layout: Layout, number: int, places: dict[str, Place]) -> str:
    """An arrow through the places that it passes; one that leads back up runs beside those that lead down."""
    source, to = (places[code] for code in layout.arrows[number])
    back = source.top > to.top
    passed = [places[code] for code in layout.passing.get(number, ())]
    beside = BESIDE if back else 0.0
    points = [(source.x + beside, source.top if back else source.bottom)]
    for place in reversed(passed) if back else passed:
        points += (
            [(place.x, place.bottom), (place.x, place.top)]
            if back
            else [(place.x, place.top), (place.x, place.bottom)]
        )
    points.append((to.x + beside, to.bottom if back else to.top))
    path = f"M{points[0][0]:g} {points[0][1]:g}"
    for (x, y), (x_to, y_to) in pairwise(points):
        middle = (y + y_to) / 2
        path += f"C{x:g} {middle:g} {x_to:g} {middle:g} {x_to:g} {y_to:g}"
    x, y = points[-1]
    head = y + 6 if back else y - 6
    return (
        f'<path class="arrow" d="{path}" fill="none" stroke="currentColor" stroke-opacity=".55"/>'
        f'<path class="arrow" d="M{x:g} {y:g}L{x - 4:g} {head:g}L{x + 4:g} {head:g}Z" fill-opacity=".7"/>'
    )


def _box(box: Box, said: list[tuple[str, float]], place: Place) -> str:
    """A state has round corners, a final one a thick line, a move straight corners and a thin line."""
    kinds = _classes(box.state) if box.state is not None else "move"
    height = place.bottom - place.top
    corner = min(16.0, height / 2) if box.state is not None else 2
    stroke = 1 if box.state is None else 2.5 if box.state.final else 1.5
    lines = [
        f'<rect x="{place.x - BOX / 2:g}" y="{place.top:g}" width="{BOX:g}" height="{height:g}" rx="{corner:g}" fill="none" '
        f'stroke="currentColor" stroke-width="{stroke:g}"{"" if box.state else " stroke-opacity=" + chr(34) + ".55" + chr(34)}/>'
    ]
    for number, (text, size) in enumerate(said):
        y = place.top + number * LINE + 6 + LINE - 4.5
        weight = ' font-weight="600"' if box.state is not None else ""
        lines.append(
            f'<text x="{place.x:g}" y="{y:g}" text-anchor="middle" font-size="{size:g}"{weight}>{escape(text)}</text>'
        )
    return f'<g class="{kinds}">{"".join(lines)}</g>'


def _classes(state: State) -> str:
    return " ".join(filter(None, ("state", "public" if state.public else "", "final" if state.final else "")))
