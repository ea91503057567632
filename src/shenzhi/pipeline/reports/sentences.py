"""Sentences made from figures: how much, against when, and by what it came about (article 86).

A sentence says only what the figures carry. A change is stated on the indicators known in both periods; a cause is
named only when it made up a third or more of the movement in its direction; what is not published is said to be so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from shenzhi.pipeline.index.method import Node
from shenzhi.pipeline.index.published import Score
from shenzhi.pipeline.reports import measures
from shenzhi.pipeline.reports.blocks import Linked, Span, Spans
from shenzhi.pipeline.reports.change import Change, Driver
from shenzhi.pipeline.reports.multiples import SparkLine
from shenzhi.pipeline.reports.reading import Reading

# The least part of a movement that a cause must have made up to be named for it.
MAIN_SHARE = 1 / 3
_SLOT = re.compile(r"\{(\w+)\}")


def put(template: str, **values: Span | Sequence[Span]) -> Spans:
    """A sentence with its numbers: `put("高{by}分", by=Linked(...))`."""
    spans: list[Span] = []
    at = 0
    for slot in _SLOT.finditer(template):
        spans.append(template[at : slot.start()])
        value = values[slot[1]]
        spans += [value] if isinstance(value, str | Linked | SparkLine) else list(value)
        at = slot.end()
    spans.append(template[at:])
    return tuple(span for span in spans if span != "")


def joined(*sentences: Spans) -> Spans:
    """Sentences one after the other; empty ones leave no trace."""
    spans: list[Span] = []
    for sentence in sentences:
        if sentence:
            close = not spans or (isinstance(spans[-1], str) and spans[-1].endswith("。"))
            spans += [*([] if close else [" "]), *sentence]
    return tuple(spans)


def score_sentence(reading: Reading, area: str, score: Score) -> Spans:
    """2024年，深圳市质量指数为82.7分。 — or that it is not published, and why."""
    name, when = reading.title(score.node), reading.period(score.period)
    place = reading.area_title(area)
    if score.score is None:
        why = reading.say(score.why).rstrip("。.")
        tail = reading.say(f"：{why}" if why else "", f": {why}" if why else "")
        return put(
            reading.say(
                "{when}，{place}“{name}”没有得分{tail}。", "{name} of {place} has no score for {when}{tail}."
            ),
            when=when,
            place=place,
            name=name,
            tail=tail,
        )
    return put(
        reading.say(
            "{when}，{place}“{name}”为{value}分。", "In {when}, {name} of {place} stood at {value} points."
        ),
        when=when,
        place=place,
        name=name,
        value=reading.points(area, score.period, score.node, score.score),
    )


def change_sentence(reading: Reading, area: str, node: Node, now: str = "", before: str = "") -> Spans:
    """比2022年高1.8分，主要来自空气质量。 Empty when there is no earlier period to compare with."""
    now, before = now or reading.latest, before or reading.before
    change = reading.change(area, node, now, before)
    if change is None:
        return ()
    when, unit = reading.period(before), reading.say("分", " points")
    text = measures.number(abs(change.difference), 1)
    if change.whole:
        basis = ""
    else:
        basis = reading.say(
            f"按{reading.period(now)}与{when}都有数的{change.common}项指标比较，",
            f"On the {change.common} indicators known in both years, ",
        )
    if not any(digit in "123456789" for digit in text):
        same = reading.say(f"{basis}与{when}基本持平。", f"{basis}it was level with {when}.")
        return (_sentence_case(same),)
    up = change.difference > 0
    by = Linked(text, reading.change_page(area, node.code, now, before))
    moved = reading.say(
        f"{basis}比{when}{'高' if up else '低'}{{by}}{unit}",
        f"{basis}it was {{by}}{unit} {'higher' if up else 'lower'} than in {when}",
    )
    return put(
        _sentence_case(moved) + "{cause}" + reading.say("。", "."), by=by, cause=_cause(reading, change)
    )


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def main_drivers(change: Change) -> list[Driver]:
    """The one or two indicators that made up a third or more of the movement in the direction of the change."""
    same = change.rises if change.difference > 0 else change.falls
    moved = sum(abs(driver.effect) for driver in same)
    return [driver for driver in same if moved and abs(driver.effect) >= MAIN_SHARE * moved][:2]


def _cause(reading: Reading, change: Change) -> str:
    main = main_drivers(change)
    if not main:
        return reading.say("，涉及多项指标，没有哪一项占到三分之一", ", spread over many indicators")
    names = reading.listed([reading.title(driver.code) for driver in main])
    return reading.say(f"，主要来自{names}", f", mainly because of {_lower(names)}")


def _lower(text: str) -> str:
    """A title inside an English sentence: the first letter small, unless the word is a name (PM2.5, GDP)."""
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def coverage_sentence(reading: Reading, score: Score) -> Spans:
    """覆盖方法权重的63%，46项指标中有29项有数。"""
    share = measures.percent(score.coverage)
    return (
        reading.say(
            f"{score.total}项指标中有{score.available}项有数，占方法权重的{share}。",
            f"{score.available} of {score.total} indicators have figures; they carry {share} of the method's weight.",
        ),
    )


def standing_sentence(reading: Reading, area: str, scores: Sequence[Score]) -> Spans:
    """有得分的五个领域中，生态质量最高（91.2分），社会质量最低（70.1分）。 Needs two scored domains."""
    known = sorted(
        (score for score in scores if score.score is not None),
        key=lambda score: (-(score.score or 0.0), score.node),
    )
    if len(known) < 2:
        return ()
    best, worst = known[0], known[-1]
    template = reading.say(
        "有得分的{n}个领域中，{best}最高（{high}分），{worst}最低（{low}分）。",
        "Of the {n} domains with a score, {best} stands highest ({high} points) and {worst} lowest ({low}).",
    )
    return put(
        template,
        n=str(len(known)),
        best=reading.title(best.node),
        worst=reading.title(worst.node),
        high=reading.points(area, best.period, best.node, best.score),
        low=reading.points(area, worst.period, worst.node, worst.score),
    )


def unpublished_sentence(reading: Reading, scores: Sequence[Score]) -> Spans:
    """文化质量、城市建设管理质量因有数的指标不够，没有得分。"""
    missing = [reading.title(score.node) for score in scores if score.score is None]
    if not missing:
        return ()
    names = reading.listed(missing, most=8)
    return (
        reading.say(
            f"{names}有数的指标不足，没有得分，也没有用别的数填补。",
            f"{names} {'has' if len(missing) == 1 else 'have'} too few figures for a score; nothing was filled in.",
        ),
    )


def moved_most(reading: Reading, area: str) -> Spans:
    """The domain that rose most and the one that fell most, each on its own like-for-like comparison."""
    found: list[tuple[float, Node]] = []
    for domain in reading.domains:
        now = reading.score(area, reading.latest, domain.code)
        then = reading.score(area, reading.before, domain.code) if reading.before else None
        change = reading.change(area, domain)
        if change and now and then and now.score is not None and then.score is not None:
            found.append((change.difference, domain))
    if len(found) < 2:
        return ()
    found.sort(key=lambda pair: pair[0])
    (fall, lowest), (rise, highest) = found[0], found[-1]
    pieces: list[Spans] = []
    for amount, domain, zh, en in ((rise, highest, "升", "rose"), (fall, lowest, "降", "fell")):
        if (amount > 0.05) if zh == "升" else (amount < -0.05):
            by = Linked(measures.number(abs(amount), 1), reading.change_page(area, domain.code))
            pieces.append(
                put(
                    reading.say(f"{{name}}{zh}得最多（{{by}}分）", f"{{name}} {en} most ({{by}} points)"),
                    name=reading.title(domain.code),
                    by=by,
                )
            )
    if not pieces:
        return ()
    when = reading.period(reading.before)
    joined: list[Span] = [
        reading.say(
            f"与{when}相比，按两期都有数的指标，", f"Since {when}, on the indicators known in both periods, "
        )
    ]
    for index, piece in enumerate(pieces):
        joined += [*([reading.say("，", "; ")] if index else []), *piece]
    return (*joined, reading.say("。", "."))


def ranking_sentence(reading: Reading, scores: Sequence[Score]) -> Spans:
    """10个区中，甲区最高（88.1分），乙区最低（71.0分），相差17.1分。"""
    known = sorted(
        (score for score in scores if score.score is not None),
        key=lambda score: (-(score.score or 0.0), score.area),
    )
    if len(known) < 2:
        return ()
    best, worst = known[0], known[-1]
    assert best.score is not None
    assert worst.score is not None
    # The difference of the figures as printed, so that a reader who subtracts finds the same.
    apart = float(measures.number(best.score, 1)) - float(measures.number(worst.score, 1))
    return put(
        reading.say(
            "{when}有得分的{n}个地区中，{best}最高（{high}分），{worst}最低（{low}分），相差{apart}分。",
            "Of the {n} areas with a score for {when}, {best} stands highest ({high} points) and {worst} lowest "
            "({low}): {apart} points apart.",
        ),
        when=reading.period(best.period),
        n=str(len(known)),
        best=reading.area_title(best.area),
        worst=reading.area_title(worst.area),
        high=reading.points(best.area, best.period, best.node, best.score),
        low=reading.points(worst.area, worst.period, worst.node, worst.score),
        apart=measures.number(apart, 1),
    )


def ties_sentence(reading: Reading, scores: Sequence[Score]) -> Spans:
    """Areas of equal rank, said in words; empty when there are none."""
    by_rank: dict[int, list[str]] = {}
    for score in scores:
        if score.rank is not None and score.score is not None:
            by_rank.setdefault(score.rank, []).append(reading.area_title(score.area))
    tied = [(rank, names) for rank, names in sorted(by_rank.items()) if len(names) > 1]
    if not tied:
        return ()
    said = [
        reading.say(f"{reading.listed(names)}并列第{rank}", f"{reading.listed(names)} share rank {rank}")
        for rank, names in tied
    ]
    return (reading.say("；".join(said) + "。", "; ".join(said) + "."),)


def provisional_sentence(reading: Reading, counts: dict[str, int]) -> Spans:
    """其中3项为初步数、1项为估计数，以后可能修订。"""
    names = {
        "preliminary": (("项为初步数"), ("is preliminary", "are preliminary")),
        "estimated": (("项为估计数"), ("is estimated", "are estimated")),
        "imputed": (("项为推算数"), ("is imputed", "are imputed")),
    }
    found = [(counts[status], words) for status, words in names.items() if counts.get(status)]
    if not found:
        return ()
    zh = "、".join(f"{count}{words[0]}" for count, words in found)
    en = ", ".join(f"{count} {words[1][count > 1]}" for count, words in found)
    return (reading.say(f"其中{zh}，以后可能修订。", f"Of these figures {en} and may be revised."),)


def risers_sentence(reading: Reading, scores: Sequence[Score]) -> Spans:
    """与2023年相比，可比的10个地区中8个上升，甲区升得最多（2.0分）。 Changes are like for like."""
    changes = [
        (change.difference, one.area)
        for one in scores
        if one.score is not None
        and (change := reading.change(one.area, reading.method.nodes[one.node], one.period)) is not None
    ]
    if len(changes) < 2:
        return ()
    # A change that prints as 0.0 is neither a rise nor a fall.
    up, down = sum(amount >= 0.05 for amount, _ in changes), sum(amount <= -0.05 for amount, _ in changes)
    node, when = scores[0].node, reading.period(reading.before)
    spans: list[Span] = [
        reading.say(
            f"与{when}相比，可比的{len(changes)}个地区中{up}个上升、{down}个下降",
            f"Since {when}, of {len(changes)} areas that can be compared {up} rose and {down} fell",
        )
    ]
    for amount, code, zh, en in (
        (*max(changes), "升得最多", "rose most"),
        (*min(changes), "降得最多", "fell most"),
    ):
        if (amount >= 0.05) if zh == "升得最多" else (amount <= -0.05):
            by = Linked(measures.number(abs(amount), 1), reading.change_page(code, node))
            spans += put(
                reading.say(f"，{{name}}{zh}（{{by}}分）", f"; {{name}} {en} ({{by}} points)"),
                name=reading.area_title(code),
                by=by,
            )
    return (*spans, reading.say("。", "."))
