"""Indicators of complaints about the quality of goods and services, over counts that tell of no person (article 90).

The table `complaint_counts` holds counts by area and year of receipt; one that is too small to be published is empty,
and then there is no value. Outcome, satisfaction, recurrence and reopening each have a figure and a base of their own:
closing a case raises none of them.
"""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from shenzhi.pipeline.statistics.indicator import indicator, latest
from shenzhi.pipeline.statistics.terms import DAYS, MARKET, PERCENT

ITEMS = (
    "filed", "open", "decided", "remedied", "denied", "explained", "refused", "withdrawn", "transferred", "due", "in_time",
    "late", "ended", "reopened", "rested", "rated", "satisfied", "dissatisfied", "answered", "fixed", "not_fixed", "came_back",
)  # fmt: skip
"""What is counted, beside the classes of days."""

ALL = "all"
"""Stands for every category in the column of that name."""

SMALLEST_BASE = 5
"""Of fewer cases no share is made, also where their number may be shown."""


def _share(counts: Table, part: str, whole: str) -> Table:
    """`part` in percent of `whole`; no value where either is withheld, or the whole is too small for a share."""
    rows = counts.filter(counts.item.isin([part, whole]), counts.category == ALL)
    year = rows.group_by("area", "year").agg(
        part=(rows.item == part).ifelse(rows.cases, None).max(),
        whole=(rows.item == whole).ifelse(rows.cases, None).max(),
        status=rows.status.max(),  # one for all rows of a year
    )
    held = year.filter(year.whole >= SMALLEST_BASE)
    return held.select(
        "area", "status", period=held.year.cast("string"), value=held.part * 100.0 / held.whole
    )


def _per(counts: Table, annual: Table, units: int) -> Table:
    """Complaints received per so many units of an annual figure of the same area and year; preliminary where either is."""
    filed = counts.filter(counts.item == "filed", counts.category == ALL)
    received = filed.select("area", "cases", "status", period=filed.year.cast("string"))
    both = received.join(annual, ["area", "period"], rname="annual_{name}")
    return both.select(
        "area",
        "period",
        value=both.cases * units / both.value,
        status=(both.status == "final").ifelse(both.annual_status, both.status),
    )


@indicator(
    domain="economy",
    title=("每万人质量投诉件数", "Quality complaints per 10,000 people"),
    unit=("件/万人", "per 10,000 people"),
    direction=0,
    article="90",
    source=MARKET,
    decimals=1,
    definition=(
        "当年收到的质量投诉件数除以年末常住人口（万人）；举报和城市问题不计，没有当年人口数的不计算。投诉多少也取决于投诉是否方便，只作参考，不评分。",
        "Complaints about quality received in the year per 10,000 residents at its end; reports of breaches and problems in "
        "the street are not counted, and without a population of the same year there is no value. How many complain "
        "also depends on how easy it is, so this is context and is never scored.",
    ),
)
def complaints_10k(complaint_counts: Table, annual_figures: Table) -> Table:
    people = latest(annual_figures.filter(annual_figures.item == "pop"))  # in 10,000
    return _per(complaint_counts, people, 1)


@indicator(
    domain="economy",
    title=("每千家企业质量投诉件数", "Quality complaints per 1,000 firms"),
    unit=("件/千家", "per 1,000 firms"),
    direction=-1,
    article="90",
    source=MARKET,
    decimals=1,
    definition=(
        "当年收到的质量投诉件数除以年末实有企业数（千家）；不论投诉是否属实，撤回、不予受理和移送的也计；企业不含个体工商户。",
        "Complaints about quality received in the year per 1,000 firms at its end; whether a complaint was justified is not "
        "asked, and those withdrawn, refused or transferred count too. One-person businesses are no firms here.",
    ),
)
def complaints_1000_firms(complaint_counts: Table, annual_figures: Table) -> Table:
    firms = latest(annual_figures.filter(annual_figures.item == "firms"))
    return _per(complaint_counts, firms, 1000)


@indicator(
    domain="government",
    title=("质量投诉按期办理率", "Quality complaints handled in time"),
    unit=PERCENT,
    direction=1,
    article="90",
    source=MARKET,
    decimals=1,
    definition=(
        "当年收到的质量投诉中，已有结果或者已超期的件数里各个期限都没有超过的所占百分比；放着不办不会使它变好，期限内未办结的不计。",
        "Complaints received in the year of which no limit was exceeded, in percent of those decided or overdue: leaving one "
        "lying makes this no better. Those undecided within their limits are left out.",
    ),
)
def complaints_in_time(complaint_counts: Table) -> Table:
    return _share(complaint_counts, "in_time", "due")


@indicator(
    domain="government",
    title=("质量投诉办理用时中位数", "Working days to decide a complaint, median"),
    unit=DAYS,
    direction=-1,
    article="90",
    source=MARKET,
    decimals=1,
    definition=(
        "当年收到并已决定的质量投诉从收到到（最后一次）决定所用工作日的中位数，由各档件数内插；检验检测时间计入，未决定的和撤回的不计。",
        "Half of the complaints received in the year and decided took no longer, in working days from receipt to the last "
        "decision, interpolated within a class of days; time for testing counts, the undecided and withdrawn do not.",
    ),
)
def complaint_days(complaint_counts: Table) -> Table:
    days = complaint_counts.filter(complaint_counts.least.notnull(), complaint_counts.category == ALL)
    place = ["area", "year"]
    sums = days.mutate(
        up_to=days.cases.sum().over(ibis.cumulative_window(group_by=place, order_by="least")),
        total=days.cases.sum().over(ibis.window(group_by=place)),
        held=days.cases.isnull().sum().over(ibis.window(group_by=place)),
    )
    told = sums.filter(sums.held == 0, sums.total >= SMALLEST_BASE)
    middle = told.filter(told.up_to * 2 >= told.total, (told.up_to - told.cases) * 2 < told.total)
    # a class of whole days from 6 to 10 reaches from 5.5 to 10.5; the one without an end has no middle, and gives no value
    into = (middle.total / 2 - (middle.up_to - middle.cases)) / middle.cases
    return middle.select(
        "area",
        "status",
        period=middle.year.cast("string"),
        value=middle.least - 0.5 + into * (middle.most - middle.least + 1),
    )


@indicator(
    domain="government",
    title=("质量投诉得到解决的比率", "Quality complaints remedied"),
    unit=PERCENT,
    direction=1,
    article="90",
    source=MARKET,
    decimals=1,
    definition=(
        "当年收到并已有结果的质量投诉中问题得到解决、投诉人也没有说未解决的所占百分比；已解释未解决、不予受理、撤回和移送的都在分母中。办结不等于解决。",
        "Complaints received in the year that were remedied, and of which the complainant does not say otherwise, in percent "
        "of all with an outcome: explained, refused, withdrawn and transferred ones stay in the base. A case that is closed "
        "is not thereby remedied.",
    ),
)
def complaints_remedied(complaint_counts: Table) -> Table:
    return _share(complaint_counts, "remedied", "decided")


@indicator(
    domain="government",
    title=("质量投诉办理满意率", "Satisfied with the handling of their complaint"),
    unit=PERCENT,
    direction=1,
    article="90",
    source=MARKET,
    decimals=1,
    definition=(
        "当年收到的质量投诉中，作了评价的投诉人里满意和非常满意的所占百分比；没有评价的不计，也不当作满意。",
        "Satisfied or very satisfied complainants, in percent of those of the year who judged the handling; those who said "
        "nothing are left out, and are not taken for satisfied.",
    ),
)
def complaints_satisfaction(complaint_counts: Table) -> Table:
    return _share(complaint_counts, "satisfied", "rated")


@indicator(
    domain="government",
    title=("质量投诉问题复发率", "Complaints whose fault came back"),
    unit=PERCENT,
    direction=-1,
    article="90",
    source=MARKET,
    decimals=1,
    definition=(
        "当年收到的质量投诉中，答复回访的投诉人里说解决后又出现的所占百分比；没有答复的不计。",
        "Complainants who say that the fault was put right and came back, in percent of those of the year who answered; "
        "those who did not answer are left out.",
    ),
)
def complaints_recurrence(complaint_counts: Table) -> Table:
    return _share(complaint_counts, "came_back", "answered")


@indicator(
    domain="government",
    title=("质量投诉复查率", "Complaints reopened"),
    unit=PERCENT,
    direction=-1,
    article="90",
    source=MARKET,
    decimals=1,
    definition=(
        "当年收到、曾有结果的质量投诉中投诉人要求复查的所占百分比，不论复查结果。",
        "Complaints received in the year and once decided that the complainant asked to look at again, in percent, whatever "
        "came of it.",
    ),
)
def complaints_reopened(complaint_counts: Table) -> Table:
    return _share(complaint_counts, "reopened", "ended")
