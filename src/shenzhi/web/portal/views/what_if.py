"""What if the weights were others: anyone moves them and sees what becomes of the ranking (article 86)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index import whatif
from shenzhi.pipeline.index.scope import IndexFault
from shenzhi.pipeline.index.whatif import Trial, TrialError, Tried, Weighed
from shenzhi.web.portal import asked as asking
from shenzhi.web.portal import numbers, trial_rows
from shenzhi.web.portal.asked import Asked
from shenzhi.web.portal.editions import Edition
from shenzhi.web.portal.frame import Link
from shenzhi.web.portal.serve import of_question, page, unknown
from shenzhi.web.portal.views.index import RANKING


@dataclass(frozen=True)
class Line:
    """A part of the index in the form: its weight and share now, and what the reader may do with them."""

    title: Words
    domain: str
    weighed: Weighed
    entered: str
    published: str


@dataclass(frozen=True)
class Answer:
    """A sentence that answers one of the further questions, and the setting it leads to."""

    words: Words
    href: str = ""
    link: Words | None = None


@of_question
def what_if(request: HttpRequest, edition: Edition) -> HttpResponse:
    """`/<slug>/what-if/?period=...&w.<node>=...`: the ranking under other weights; see `asked` for the whole of it."""
    try:
        whatif.view_of(edition.publication)
    except (
        IndexFault
    ) as error:  # an edition that an earlier program computed by rules that are no longer allowed
        raise unknown(
            Words(
                "这一版指数不能试算：现在的程序算不出它",
                "No trial of this edition: the program of today cannot compute it",
            ),
            edition,
            reverse("portal:index", args=[edition.city.slug]),
            RANKING,
        ) from error
    tops = [
        asking.Top(one.code, edition.title(one.code), _published(edition)[one.code])
        for one in edition.method.root.children
    ]
    asked = asking.read(request.GET.dict(), tops, edition.latest)
    if not asked.faults and request.GET and _said(request) != asked.pairs:
        return redirect(reverse("portal:what_if", args=[edition.city.slug]) + asked.address())
    areas = [one for one in edition.publication.manifest["scope"]["areas"] if one != edition.city.root_area]
    faults = list(asked.faults)
    answers: list[Answer] = []
    try:
        trial = Trial(asked.period) if faults else asked.trial
        tried = whatif.tried(edition.publication, trial, areas)
        answers = [] if faults else _answers(edition, asked, tried, areas)
    except TrialError as error:
        faults += error.faults
        tried = whatif.tried(edition.publication, Trial(edition.latest), areas)
    shown = tried.trial.period
    response = page(
        request,
        "what_if",
        edition,
        _context(edition, asked, tried, shown, faults, answers, tops),
        _crumbs(edition, shown),
    )
    response.status_code = 400 if faults else 200
    return response


def _said(request: HttpRequest) -> list[tuple[str, str]]:
    return parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)


def _published(edition: Edition) -> dict[str, float]:
    """The weights in force right below the index; those taken from the data are not in the method file."""
    return whatif.view_of(edition.publication)[0].weights


def _crumbs(edition: Edition, period: str) -> tuple[Link, ...]:
    return (Link(RANKING, reverse("portal:index", args=[edition.city.slug, period])),)


def _context(
    edition: Edition,
    asked: Asked,
    tried: Tried,
    period: str,
    faults: list[Words],
    answers: list[Answer],
    tops: list[asking.Top],
) -> dict[str, Any]:
    language = get_language() or ""
    base = reverse("portal:city", args=[edition.city.slug])
    many = sum(one.before is not None or one.after is not None for one in tried.standings) > 1
    changes = tried.trial != Trial(period)
    lone = edition.city.root_area if edition.city.root_area in tried.scope.areas else tried.scope.areas[-1]
    whole = tried.course(lone, edition.publication) if not many or lone == edition.city.root_area else []
    total = sum(one.weight for one in tops)
    scored, ranked = set(tried.scope.areas), {one.area for one in tried.standings}
    steady = [
        one.area
        for one in tried.standings
        if one.after is not None and not one.places and one.before is not None
    ]
    return {
        "asked": asked,
        "period": period,
        "periods": [
            (one, replace(asked, period=one, faults=()).address()) for one in reversed(edition.periods)
        ],
        "faults": faults,
        "lines": _lines(edition, asked, tried, {one.code: one.weight for one in tops}),
        "most": asking.written(max([total, *(one.weight for one in tried.weights)])),
        "changes": changes,
        "agrees": tried.agrees,
        "many": many,
        "standings": tried.standings,
        "up": sum(one.places > 0 for one in tried.standings),
        "down": sum(one.places < 0 for one in tried.standings),
        "steady": len(steady),
        "steady_names": trial_rows.listed(edition, steady, language, 400),
        "first": trial_rows.first(edition, tried),
        "command": _command(edition, tried.trial),
        "told": trial_rows.told(edition, tried, language),
        "rows": trial_rows.ranking(base, edition, tried, language) if many else "",
        "whole": next((one for at, one in whole if at == period), None),
        "whole_area": edition.area(lone),
        "course": trial_rows.course(whole, period, language) if not many else "",
        "published_address": replace(asked, weights={}, value=None, faults=()).address(),
        "answers": answers,
        "areas": trial_rows.choices(
            [(one.code, one.title.say(language)) for one in edition.all_areas if one.code in scored],
            asked.area,
        ),
        "others": trial_rows.choices(
            [(one.code, one.title.say(language)) for one in edition.all_areas if one.code in ranked],
            asked.passes,
        )
        if many
        else "",
        "groups": [
            (
                edition.title(top.code),
                trial_rows.choices(
                    [
                        (leaf.code, edition.title(leaf.code).say(language))
                        for leaf in top.walk()
                        if leaf.is_leaf
                    ],
                    asked.indicator,
                ),
            )
            for top in edition.method.root.children
        ],
        "present": _present(edition, asked, period),
        "unit": edition.unit(asked.indicator),
    }


def _command(edition: Edition, trial: Trial) -> str:
    """The same trial for the command line."""
    words = [f"shenzhi index what-if --city {edition.city.slug} --period {trial.period}"]
    words += [f"--weight {code}={asking.written(weight)}" for code, weight in trial.weights.items()]
    words += [f"--value {one.area}/{one.indicator}={asking.written(one.value)}" for one in trial.figures]
    return " ".join(words)


def _lines(edition: Edition, asked: Asked, tried: Tried, published: Mapping[str, float]) -> list[Line]:
    return [
        Line(
            edition.title(one.code),
            edition.domain_of(one.code),
            one,
            asked.typed.get(asking.WEIGHT + one.code, "") or asking.written(published[one.code])
            if asked.faults
            else asking.written(one.weight),
            asking.written(published[one.code]),
        )
        for one in tried.weights
    ]


def _present(edition: Edition, asked: Asked, period: str) -> str:
    """The figure that was published, in words, for whom a figure is chosen."""
    if not (asked.area and asked.indicator):
        return ""
    found = edition.publication.observations(indicator=asked.indicator, area=asked.area, period=period)
    return numbers.with_unit(
        found[0].value if found else None,
        edition.unit(asked.indicator),
        get_language() or "",
        edition.decimals(asked.indicator),
    )


def _answers(edition: Edition, asked: Asked, tried: Tried, areas: list[str]) -> list[Answer]:
    """Answers to the questions about one area: what its score and rank become, which value, which weights."""
    if not asked.area:
        return []
    faults = []
    if asked.area not in tried.scope.areas:
        faults.append(
            Words(
                f"指数里没有代码为“{asked.area}”的区域", f"The index has no area with the code “{asked.area}”"
            )
        )
    if asked.indicator and asked.indicator not in edition.leaves:
        faults.append(
            Words(
                f"指数里没有叫“{asked.indicator}”的指标",
                f"The index has no indicator called “{asked.indicator}”",
            )
        )
    if faults:
        raise TrialError(faults)
    found: list[Answer] = []
    if asked.trial.figures:
        found.append(Answer(_became(edition, asked, tried)))
    if asked.indicator:
        goals: list[dict[str, Any]] = []
        goals += [{"score": asked.score}] if asked.score is not None else []
        goals += [{"rank": asked.rank}] if asked.rank is not None else []
        found += [_value(edition, asked, areas, **goal) for goal in goals]
    if asked.passes:
        found.append(_overtaking(edition, asked))
    return found


def _became(edition: Edition, asked: Asked, tried: Tried) -> Words:
    """What the score and rank of the area with another figure are in the trial."""
    area = edition.area_title(asked.area)
    one = (
        next((one for one in tried.standings if one.area == asked.area), None)
        or dict(tried.course(asked.area, edition.publication))[asked.period]
    )
    was, now = (numbers.plain(score, 2) for score in (one.before, one.after))
    if one.rank_before is None or one.rank_after is None:
        return Words(
            f"{area.zh}：公布{was}，试算{now}。", f"{area.en}: {was} as published, {now} in the trial."
        )
    return Words(
        f"{area.zh}：公布{was}，第{one.rank_before}；试算{now}，第{one.rank_after}。",
        f"{area.en}: {was} and rank {one.rank_before} as published; {now} and rank {one.rank_after} in the trial.",
    )


def _value(
    edition: Edition, asked: Asked, areas: list[str], score: float | None = None, rank: int | None = None
) -> Answer:
    area, indicator = edition.area_title(asked.area), edition.title(asked.indicator)
    goal = (
        Words(f"指数达到{numbers.plain(score)}分", f"an index of {numbers.plain(score)}")
        if score is not None
        else Words(f"排到第{rank}", f"rank {rank}")
    )
    value = whatif.value_for(
        edition.publication, asked.trial, asked.area, asked.indicator, score=score, rank=rank, areas=areas
    )
    if value is None:
        return Answer(
            Words(
                f"无论“{indicator.zh}”是多少，{area.zh}都不能{goal.zh}。",
                f"No value of “{indicator.en}” brings {area.en} to {goal.en}.",
            )
        )
    known = edition.publication.observations(indicator=asked.indicator, area=asked.area, period=asked.period)
    present = known[0].value if known else 0.0
    decimals = edition.decimals(asked.indicator)
    shown = trial_rows.outward(value, present, decimals)
    unit = edition.unit(asked.indicator)
    if shown == present and known:
        return Answer(Words(f"{area.zh}现在就能{goal.zh}。", f"{area.en} has {goal.en} as it is."))
    return Answer(
        Words(
            f"要使{area.zh}{goal.zh}，“{indicator.zh}”应当是{numbers.with_unit(shown, unit, 'zh')}。",
            f"For {goal.en}, “{indicator.en}” in {area.en} would have to be {numbers.with_unit(shown, unit, 'en')}.",
        ),
        asked.address(value=shown),
        Words("按这个数试算", "Try this value"),
    )


def _overtaking(edition: Edition, asked: Asked) -> Answer:
    area, other = edition.area_title(asked.area), edition.area_title(asked.passes)
    found = whatif.smallest_change(edition.publication, asked.trial, asked.area, asked.passes)
    if found.already:
        return Answer(
            Words(
                f"按这组权重，{area.zh}已经在{other.zh}之前。",
                f"Under these weights {area.en} is already ahead of {other.en}.",
            )
        )
    if found.weights is None:
        return Answer(
            Words(
                f"无论怎样调整这些权重，{area.zh}都不会超过{other.zh}。",
                f"No weights would bring {area.en} ahead of {other.en}.",
            )
        )
    now = {**_published(edition), **asked.weights}
    total, sum_now = sum(found.weights.values()), sum(now.values())
    moves = [
        (edition.title(code), now[code] / sum_now, weight / total)
        for code, weight in found.weights.items()
        if asking.written(weight) != asking.written(now[code])
    ]
    zh = "，".join(f"{t.zh}由{numbers.percent(a, 1)}到{numbers.percent(b, 1)}" for t, a, b in moves)
    en = ", ".join(f"{t.en} from {numbers.percent(a, 1)} to {numbers.percent(b, 1)}" for t, a, b in moves)
    published = _published(edition)
    weights = {
        code: weight
        for code, weight in found.weights.items()
        if asking.written(weight) != asking.written(published[code])
    }
    points = numbers.plain(found.moved * 100, 1)
    return Answer(
        Words(
            f"要使{area.zh}超过{other.zh}，至少要调整{points}个百分点的权重：{zh}。",
            f"For {area.en} to pass {other.en}, at least {points} percentage points of weight have to move: {en}.",
        ),
        asked.address(weights=weights),
        Words("按这组权重试算", "Try these weights"),
    )
