"""Monthly figures as figures of assessment years, from July to June or as the method says (article 86)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from shenzhi.calc.composite.practice import yearly
from shenzhi.pipeline.index.practice import AssessmentYear

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
Key = tuple[str, str, str]  # indicator, area, period


def brought(year: AssessmentYear, known: pa.Table) -> tuple[pa.Table, dict[Key, int]]:
    """The current figures `known` with months put together to years, and of how many months each of these is made.

    Figures of other periods stay: what is given for a year as it is need not be given by months. A year with too few months has
    no figure."""
    rows = known.to_pylist()
    stay = [row for row in rows if not MONTH.fullmatch(row["period"])]
    monthly: dict[tuple[str, str], dict[str, dict]] = defaultdict(dict)
    for row in rows:
        if MONTH.fullmatch(row["period"]):
            monthly[row["indicator"], row["area"]][row["period"]] = row
    weights = set(year.weigh.values())
    made: dict[Key, int] = {}
    for (indicator, area), by_month in monthly.items():
        weigh = year.weigh.get(indicator)
        if indicator in weights:
            continue
        for period, value, months in _years(year, indicator, by_month, monthly.get((weigh or "", area), {})):
            one = next(iter(by_month.values()))
            imputed = any(row["status"] == "imputed" for row in by_month.values())
            stay.append(
                {**one, "period": period, "value": value, "status": "imputed" if imputed else "final"}
            )
            made[indicator, area, period] = months
    return pa.Table.from_pylist(stay, schema=known.schema), made


def _years(
    year: AssessmentYear, indicator: str, by_month: Mapping[str, dict], weights: Mapping[str, dict]
) -> list[tuple[str, float, int]]:
    """(period, figure, months) of one indicator of one area; months without a weight weigh nothing."""
    months = sorted(by_month)
    values = np.array([by_month[month]["value"] for month in months])
    weigh = None
    if indicator in year.weigh:
        weigh = np.array([weights[month]["value"] if month in weights else 0.0 for month in months])
    found = yearly(
        values,
        months,
        weights=weigh,
        first_month=year.first_month,
        named_by=year.named_by,
        least=year.least,
        total=indicator in year.sum,
    )
    return [
        (str(int(one)), float(value), int(count))
        for one, value, count in zip(found.years, found.values, found.months, strict=True)
        if not np.isnan(value)
    ]
