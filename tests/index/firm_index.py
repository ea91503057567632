"""A small index whose firmness is tested, computed, and scored by plain loops."""

from __future__ import annotations

from pathlib import Path

import pytest

from shenzhi.pipeline.index.local import run_table
from shenzhi.pipeline.index.method import MethodError, parse_method

METHOD = """\
method: firm
version: "1.0"
title: {zh: 稳不稳, en: How firm}
normalise: {method: minmax, lower: 1, upper: 101}
SECTION
tree:
  code: index
  children:
    - {code: a, title: {zh: 甲项, en: A}, direction: 1, weight: 1}
    - {code: b, title: {zh: 乙项, en: B}, direction: 1, weight: 1}
    - {code: c, title: {zh: 丙项, en: C}, direction: 1, weight: 2}
"""
SECTION = """\
robustness:
  normalise: prank
  aggregate: [geometric]
  leave_out: [a, b]
  top: [1, 2]
"""
TABLE = "area,period,a,b,c\nX,2024,10,4,3\nY,2024,8,9,2\nZ,2024,2,7,5\n"
FIGURES = {"X": (10.0, 4.0, 3.0), "Y": (8.0, 9.0, 2.0), "Z": (2.0, 7.0, 5.0)}
WEIGHTS = (1.0, 1.0, 2.0)


def written(tmp_path: Path, section: str = SECTION, table: str = TABLE) -> tuple[Path, Path]:
    method, data = tmp_path / "firm.yml", tmp_path / "firm.csv"
    method.write_text(METHOD.replace("SECTION\n", section), encoding="utf-8")
    data.write_text(table, encoding="utf-8")
    return method, data


def ran(tmp_path: Path, section: str = SECTION, table: str = TABLE):
    publication, _ = run_table(*written(tmp_path, section, table), tmp_path / "out")
    return publication


def faults(section: str) -> list[str]:
    with pytest.raises(MethodError) as error:
        parse_method(METHOD.replace("SECTION\n", section).encode())
    return error.value.faults


def scored(column: list[float], way: str) -> list[float]:
    if way == "minmax":
        low, high = min(column), max(column)
        return [1 + 100 * (x - low) / (high - low) for x in column]
    return [sum(other < x for other in column) / (len(column) - 1) for x in column]  # prank: 0..1
