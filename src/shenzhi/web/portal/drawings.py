"""Which chart stands on which page; the charts themselves come from the reports' chart layer."""

from __future__ import annotations

from collections.abc import Sequence

from shenzhi.kernel.words import Words
from shenzhi.pipeline.index.published import Observation
from shenzhi.pipeline.reports import charts
from shenzhi.pipeline.reports.charts import Chart
from shenzhi.pipeline.reports.measures import period_words
from shenzhi.web.portal import numbers
from shenzhi.web.portal.editions import Edition
from shenzhi.web.portal.numbers import given

POINTS = Words("分", "points")


def colour(domain: str) -> str:
    return f"domain-{domain}" if domain else "accent"


def own_source(edition: Edition) -> Words:
    """What stands under a chart of scores: whose numbers they are, and which edition of which day."""
    return source_of(edition, Words("深质计算", "computed by Shenzhi"))


def source_of(edition: Edition, publisher: Words) -> Words:
    """What stands under a chart. Figures that a program made up never go out under the name of an office."""
    if edition.city.fictional:
        publisher = Words("虚构数据，由程序生成", "fictional data, made by a program")
    return Words(
        f"来源：{publisher.zh}；版本 {edition.name}，{numbers.day(edition.created_at, 'zh')}发布",
        f"Source: {publisher.en}; edition {edition.name}, published {numbers.day(edition.created_at, 'en')}",
    )


def indicator_source(edition: Edition, code: str) -> Words:
    """What stands under a chart of an indicator: who publishes it, where that is known."""
    known = edition.indicator(code)
    return source_of(edition, known.source) if known and known.source.zh else own_source(edition)


def index_trend(edition: Edition, area: str, node: str | None = None) -> Chart | None:
    """The course of one score; None when fewer than two periods have one."""
    node = node or edition.root
    points = tuple(
        charts.Point(one.period, one.score)
        for one in sorted(edition.publication.scores(node=node, area=area), key=lambda one: one.period)
    )
    if sum(point.value is not None for point in points) < 2:
        return None
    name, place = edition.title(node), edition.area_title(area)
    title = Words(f"{place.zh}：{name.zh}", f"{place.en}: {name.en}")
    if node == edition.root and area == edition.city.root_area:
        title = name  # the index carries the name of its city
    line = charts.Line(
        node, name, points, "accent" if node == edition.root else colour(edition.domain_of(node))
    )
    return charts.trend([line], title=title, unit=POINTS, source=own_source(edition))


def places(edition: Edition, code: str, values: Sequence[Observation]) -> int | None:
    """The decimals to which a chart rounds; None where no value has more than declared, so that each stands as given
    and 38,700 is not drawn as 38,700.00."""
    declared = edition.decimals(code)
    most = max((len(given(one.value).partition(".")[2]) for one in values), default=0)
    return declared if declared is not None and most > declared else None


def indicator_trend(edition: Edition, code: str, area: str, values: Sequence[Observation]) -> Chart | None:
    """The course of an indicator in one area, as known now."""
    if len(values) < 2:
        return None
    broken = edition.broken_at(code, [one.period for one in values])
    points = tuple(
        charts.Point(one.period, one.value, one.status, broken=one.period in broken) for one in values
    )
    title, place = edition.title(code), edition.area_title(area)
    line = charts.Line(code, title, points, colour(edition.domain_of(code)))
    unit = edition.unit(code) or Words("", "")
    return charts.trend(
        [line],
        title=Words(f"{place.zh}：{title.zh}", f"{place.en}: {title.en}"),
        unit=unit,
        source=indicator_source(edition, code),
        decimals=places(edition, code, values),
    )


def indicator_bars(edition: Edition, code: str, values: Sequence[Observation]) -> Chart | None:
    """The areas beside each other in one period, as bars from zero, largest first; the city as a whole marked."""
    if len(values) < 2 or len(values) > 40:
        return None
    ordered = sorted(values, key=lambda one: -one.value)
    bars = [
        charts.Bar(
            one.area,
            edition.area_title(one.area),
            one.value,
            colour(edition.domain_of(code)),
            highlight=one.area == edition.city.root_area,
        )
        for one in ordered
    ]
    title = edition.title(code)
    when = period_words(ordered[0].period)
    return charts.bars(
        bars,
        title=Words(f"{title.zh}，{when.zh}", f"{title.en}, {when.en}"),
        unit=edition.unit(code) or Words("", ""),
        source=indicator_source(edition, code),
        decimals=places(edition, code, values),
    )
