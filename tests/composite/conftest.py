"""The peer's answers on the ASEM data (51 countries, 49 indicators), read once for all tests that compare with them."""

from __future__ import annotations

import csv
import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from shenzhi.calc.composite.tree import Tree

# How long an example takes says more about what else the machine does than about the code.
settings.register_profile("composite", deadline=None)
settings.load_profile("composite")

Rows = list[dict[str, str]]


class Asem:
    """`rows` and `matrix` read the peer's files; `tree`, `scores` (units, nodes) and `raw` (units, leaves) are its
    framework and figures, with the names of the `units`, in its order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.meta = [
            row for row in self.rows("coinr/input/ASEM_iMeta") if row["Type"] in ("Indicator", "Aggregate")
        ]
        ordered = sorted(self.meta, key=lambda row: -int(row["Level"]))
        self.tree = Tree.of(
            [(row["iCode"], row["Parent"].replace("NA", "")) for row in ordered],
            [float(row["Weight"]) for row in ordered],
        )
        self.codes = list(self.tree.codes)
        self.leaves = [self.codes[leaf] for leaf in self.tree.leaves]
        self.units = [row["uCode"] for row in self.rows("coinr/pipeline/7_Aggregated")]
        self.scores = self.matrix("coinr/pipeline/7_Aggregated", self.codes)
        self.raw = self.matrix("coinr/pipeline/1_Raw", self.leaves)
        direction = {row["iCode"]: float(row["Direction"]) for row in self.meta}
        self.direction = np.array([direction[leaf] for leaf in self.leaves])

    @cache  # noqa: B019  one object for the whole run
    def rows(self, file: str) -> Rows:
        with (self.folder / f"{file}.csv").open(encoding="utf-8-sig", newline="") as text:
            return list(csv.DictReader(text))

    def matrix(self, file: str, columns: list[str]) -> np.ndarray:
        return np.array([[self.number(row[column]) for column in columns] for row in self.rows(file)])

    @staticmethod
    def number(cell: str) -> float:
        return math.nan if cell in ("", "NA") else float(cell)

    def nodes(self, level: int) -> np.ndarray:
        return np.flatnonzero(self.tree.level == level)


@pytest.fixture(scope="session")
def asem(shared) -> Asem:
    return Asem(shared / "data" / "index")
