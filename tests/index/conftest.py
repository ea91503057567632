"""A small index that can be worked out by hand, as a method file and a table."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # test files are imported one by one, without their folder

METHOD = """\
method: small
version: "1.0"
title: {zh: 小指数, en: Small index}
screening: {unit: 0.3}
publish: {root: 0.5, node: 0.5}
normalise: {method: efficacy, lower: 60, upper: 100, cap: true}
aggregate: {default: arithmetic}
tree:
  code: index
  children:
    - code: economy
      title: {zh: 经济, en: Economy}
      weight: 2
      children:
        - {code: gdp, title: {zh: 产值, en: Output}, direction: 1, weight: 1, posts: [0, 100]}
        - {code: energy, title: {zh: 能耗, en: Energy}, direction: -1, weight: 3, posts: [0, 10]}
    - code: ecology
      title: {zh: 生态, en: Ecology}
      weight: 1
      children:
        - {code: pm25, title: {zh: 细颗粒物, en: PM2.5}, direction: -1, posts: [10, 60]}
"""

# A: gdp 50 -> 80, energy 5 -> 80, pm25 35 -> 80: 80 everywhere.
# B: gdp 120 is beyond its post -> 100, energy 10 -> 60: economy (100 + 3 * 60) / 4 = 70; pm25 10 -> 100;
#    index (2 * 70 + 100) / 3 = 80. A and B tie.
# C: only gdp and pm25: economy covers 1/4 of its weight and is withheld; the index covers 1/3 and is withheld.
# D: only economy: gdp 25 -> 70, energy 2.5 -> 90: (70 + 270) / 4 = 85; the index covers 2/3 and is 85.
# E: nothing in 2024; in 2023 everything at the worst post: 60.
TABLE = """\
area,period,name,gdp,energy,pm25
A,2024,甲区,50,5,35
B,2024,乙区,120,10,10
C,2024,丙区,50,,35
D,2024,丁区,25,2.5,
E,2024,戊区,,,
E,2023,戊区,0,10,60
"""


@pytest.fixture
def small(tmp_path: Path) -> tuple[Path, Path]:
    """The method file and the table."""
    method, table = tmp_path / "small.yml", tmp_path / "table.csv"
    method.write_text(METHOD, encoding="utf-8")
    table.write_text(TABLE, encoding="utf-8")
    return method, table
