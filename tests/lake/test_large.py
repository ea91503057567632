"""A file of two gigabytes, good and bad: the memory it takes does not grow with it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SIZE = 2_000_000_000
SOURCE = """
source: large
title: {zh: 大文件, en: Large}
publisher: {zh: 示范市, en: Example city}
licence: CC-BY-4.0
article: "84"
fields:
  area: {type: string, title: {zh: 地区, en: area}, required: true, references: areas.code}
  item: {type: string, title: {zh: 项目, en: item}, required: true}
  value: {type: float64, title: {zh: 数值, en: value}, range: [0, 1000]}
"""
HAND_IN = """
import sys
from shenzhi.pipeline.lake.city import load_city
from shenzhi.pipeline.lake.ingest import ingest
from shenzhi.pipeline.lake.lake import Lake
from shenzhi.pipeline.lake.reasons import Refused
lake = Lake(load_city(sys.argv[1]))
try:
    print("accepted", ingest(lake, "large", sys.argv[2], by="tester").rows)
except Refused as refused:
    print("refused", *((one.rule, one.count, *one.rows) for one in refused.reasons))
"""


def hand_in(box, path: Path) -> tuple[str, float]:
    """What a process of its own says of the file, and its peak memory in GiB."""
    command = [sys.executable, "-c", HAND_IN, str(box.root), str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ.copy())
    assert process.stdout is not None
    said = process.stdout.read().strip()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0
    return said, usage.ru_maxrss / 2**20


@pytest.mark.slow
def test_two_gigabytes_are_read_in_bounded_memory(box):
    box.declare(SOURCE)
    block = "".join(f"990{1 + n % 2}00,item {n:06d} of the large file,{n % 1000}.5\n" for n in range(25_000))
    times = SIZE // len(block)
    path = box.folder / "large.csv"
    with path.open("w") as file:
        file.write("area,item,value\n")
        for _ in range(times):
            file.write(block)
    assert path.stat().st_size > 1.9e9
    said, peak = hand_in(box, path)
    assert said == f"accepted {25_000 * times}"
    assert peak < 2

    # The same file with a bad row at its very end: one reason, with its row; the table stays as it was.
    with path.open("a") as file:
        file.write("990100,the last item,-1\n")
    said, peak = hand_in(box, path)
    assert said == f"refused ('range', 1, {25_000 * times + 2})"
    assert peak < 2
    assert [one.rows for one in box.lake.versions("large")] == [25_000 * times]
