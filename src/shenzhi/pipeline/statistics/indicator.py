"""An indicator is a function over tables: what it measures, by which article (11-71), and in which tables (article 84).

    @indicator(
        title=("空气优良天数比例", "Share of days with good air"), unit=PERCENT, direction=1, article="51",
        definition=("……", "..."), source=ENVIRONMENT,
    )
    def good_air_days(air_daily):
        ...                                   # an Ibis expression: area, period, value

The parameter names are the tables that it reads; that is the whole dependency graph.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import ibis
from ibis.expr.types import DateColumn, NumericColumn, StringColumn, Table

from shenzhi.kernel.words import Words

Pair = tuple[str, str]
Expression = Callable[..., Table]

DOMAINS: dict[str, Words] = {
    "economy": Words("经济质量", "Economy"),
    "culture": Words("文化质量", "Culture"),
    "society": Words("社会质量", "Society"),
    "ecology": Words("生态质量", "Ecology"),
    "urban": Words("城市建设管理质量", "Urban construction and management"),
    "government": Words("政府服务质量", "Government service"),
    "standards": Words("深圳标准", "Shenzhen standards"),
}
LAST_ARTICLE = 97


class IndicatorError(ValueError):
    """A declaration that cannot stand; the message names the indicator, the rule and the way out."""


@dataclass(frozen=True)
class Figure:
    """A declared row: one published figure, picked from a table as it stands.

    `key` is the item of a long table, or the column of a wide one; it is the code where nothing else is said.
    """

    code: str
    title: Pair
    unit: Pair
    direction: int
    article: str
    definition: Pair
    decimals: int | None = None
    key: str = ""
    source: Pair | None = None


@dataclass(frozen=True)
class Pick:
    """Where a picked figure stands, so that all figures of one table can be read in one scan.

    `area` is the column with the area's code. `period` is the period that the whole table describes, or "" where each
    row says so itself, in a column `period` or `year`.
    """

    table: str
    key: str
    wide: bool = False
    area: str = "area"
    period: str = ""


@dataclass(frozen=True)
class Indicator:
    """What is measured. `direction`: +1 more is better, -1 less is better, 0 context only, never scored.

    `looks_back`: how many earlier years a value depends on; `looks_across`: it also depends on other areas' rows.
    Both are promises to the lineage, which keeps just the rows that a value came from.
    """

    code: str
    title: Words
    definition: Words
    unit: Words
    direction: int
    article: str
    domain: str
    source: Words
    tables: tuple[str, ...]
    function: Expression
    decimals: int | None = None
    looks_back: int = 0
    looks_across: bool = False
    pick: Pick | None = None

    def expression(self, tables: Mapping[str, Table]) -> Table:
        """The indicator over `tables`: area, period, value and, where the table knows them, status, revision, known_on.

        KeyError names a table that is missing.
        """
        return self.function(*(tables[name] for name in self.tables))


INDICATORS: dict[str, Indicator] = {}


def indicator(
    *,
    title: Pair,
    definition: Pair,
    unit: Pair,
    direction: int,
    article: str,
    source: Pair,
    domain: str = "",
    decimals: int | None = None,
    looks_back: int = 0,
    looks_across: bool = False,
) -> Callable[[Expression], Expression]:
    """Declare the function below as an indicator; its name is the code, its file the domain unless one is given.

    IndicatorError refuses a declaration that a reader could not trust: a code used twice, an unknown domain, an
    article outside the regulation, a language left out, a function that names no table.
    """

    def declare(function: Expression) -> Expression:
        _register(
            Indicator(
                code=function.__name__,
                title=_words(function.__name__, "title", title),
                definition=_words(function.__name__, "definition", definition),
                unit=_words(function.__name__, "unit", unit),
                direction=direction,
                article=article,
                domain=domain or function.__module__.rpartition(".")[2],
                source=_words(function.__name__, "source", source),
                tables=tuple(inspect.signature(function).parameters),
                function=function,
                decimals=decimals,
                looks_back=looks_back,
                looks_across=looks_across,
            )
        )
        return function

    return declare


def figures(
    domain: str,
    rows: Sequence[Figure],
    *,
    table: str,
    source: Pair,
    wide: bool = False,
    area: str = "area",
    period: str = "",
) -> None:
    """Declare one indicator for each row: the figure `row.key` of `table`, picked as it stands.

    A long table has a line for each figure (area, period or year, item, value and what is known about it); a wide
    one has a column for each. `area` and `period` are explained at `Pick`.
    """
    for row in rows:
        pick = Pick(table=table, key=row.key or row.code, wide=wide, area=area, period=period)
        _register(
            Indicator(
                code=row.code,
                title=_words(row.code, "title", row.title),
                definition=_words(row.code, "definition", row.definition),
                unit=_words(row.code, "unit", row.unit),
                direction=row.direction,
                article=row.article,
                domain=domain,
                source=_words(row.code, "source", row.source or source),
                tables=(table,),
                function=_picking(pick),
                decimals=row.decimals,
                pick=pick,
            )
        )


def picked(table: Table, keys: Sequence[str], pick: Pick) -> Table:
    """The figures `keys` of a table, as `key, area, period, value` and what the table knows about each value."""
    area = table[pick.area].name("area")
    period = ibis.literal(pick.period) if pick.period else _period(table)
    if pick.wide:
        wide = table.select(area, period=period, **{key: table[key].cast("float64") for key in keys})
        long = wide.pivot_longer(list(keys), names_to="key", values_to="value")
        return long.filter(long.value.notnull())
    rows = table.filter(table.item.isin(list(keys)) if len(keys) > 1 else table.item == keys[0])
    known = [name for name in ("status", "revision", "known_on") if name in table.columns]
    return rows.select("value", *known, key="item", area=pick.area, period=_period(rows))


def latest(table: Table) -> Table:
    """A long table's figures as known now: `item, area, period, value, status`, the last revision of each."""
    when = "period" if "period" in table.columns else "year"
    now = table.group_by("item", "area", when).agg(
        value=table.value.argmax(table.revision), status=table.status.argmax(table.revision)
    )
    # the year becomes text only now: grouping by numbers takes less than half the time
    return now.select("item", "area", "value", "status", period=_period(now))


def yearly_mean(rows: Table, day: DateColumn, measure: NumericColumn) -> Table:
    """The mean of `measure` by area and year, as `area, period, value`.

    The measure should be a whole number (100 for yes, 0 for no): then the mean is the same on every run.
    """
    cases = rows.select("area", year=day.year(), measure=measure)
    year = cases.group_by("area", "year").agg(value=cases.measure.mean())
    return year.select("area", "value", period=year.year.cast("string"))


def _period(table: Table) -> StringColumn:
    return table.period if "period" in table.columns else table.year.cast("string")


def _picking(pick: Pick) -> Expression:
    def function(table: Table) -> Table:
        return picked(table, [pick.key], pick).drop("key")

    return function


def _words(code: str, what: str, given: Pair) -> Words:
    words = Words.of(given)
    for language, text in (("Chinese", words.zh), ("English", words.en)):
        if not text.strip():
            raise IndicatorError(
                f"{code}: the {what} has no {language}; write ({what} in Chinese, {what} in English)"
            )
    return words


def _register(new: Indicator) -> None:
    if new.code in INDICATORS:
        raise IndicatorError(f"{new.code}: this code is already declared; choose another code")
    if new.domain not in DOMAINS:
        raise IndicatorError(f"{new.code}: no domain called {new.domain!r}; domains are {', '.join(DOMAINS)}")
    if not (new.article.isdigit() and 1 <= int(new.article) <= LAST_ARTICLE):
        raise IndicatorError(
            f"{new.code}: article {new.article!r} is outside 1..{LAST_ARTICLE} of the regulation"
        )
    if new.direction not in (-1, 0, 1):
        raise IndicatorError(
            f"{new.code}: direction {new.direction!r} is none of 1 (more is better), -1, 0 (context)"
        )
    if not new.tables:
        raise IndicatorError(f"{new.code}: reads no table; name the tables as parameters of its function")
    INDICATORS[new.code] = new
