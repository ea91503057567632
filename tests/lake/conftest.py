"""A small fictional city whose lake lies in a temporary folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from shenzhi.kernel.files.reasons import Reason
from shenzhi.pipeline.lake.city import load_city
from shenzhi.pipeline.lake.ingest import ingest
from shenzhi.pipeline.lake.lake import Lake
from shenzhi.pipeline.lake.reasons import Refused

ANNUAL = """
source: annual
title: {zh: 年度数字, en: Annual figures}
publisher: {zh: 示范市统计局, en: Bureau of statistics of the example city}
licence: CC-BY-4.0
article: "84"
key: [area, year, item]
area: area
period: {field: year, grain: year}
fields:
  area: {type: string, title: {zh: 地区代码, en: area}, required: true, references: areas.code}
  year: {type: int64, title: {zh: 年份, en: year}, required: true, range: [1979, 2030]}
  item: {type: string, title: {zh: 项目, en: item}, required: true, allowed: [gdp, people]}
  value: {type: float64, title: {zh: 数值, en: value}, unit: 亿元, range: [0, 100000], aliases: [金额]}
  share: {type: float64, title: {zh: 比重, en: share}, unit: "%", range: [0, 100]}
  of: {type: float64, title: {zh: 总额, en: total}, unit: 亿元}
checks:
  - {rule: "value <= of + 0.5", message: {zh: 数值高于总额, en: the value is above the total}}
"""
EVENTS = """
source: events
title: {zh: 事件, en: Events}
publisher: {zh: 示范市, en: Example city}
licence: CC-BY-4.0
article: "84"
period: {field: month, grain: month}
fields:
  day: {type: date, title: {zh: 日期, en: day}}
  open: {type: bool, title: {zh: 公开, en: public}}
  month: {type: string, title: {zh: 月份, en: month}}
"""
FIRMS = """
source: firms
title: {zh: 企业, en: Firms}
publisher: {zh: 示范市, en: Example city}
licence: CC-BY-4.0
article: "84"
key: [code]
fields:
  code: {type: string, title: {zh: 代码, en: code}}
"""
PAIRS = """
source: pairs
title: {zh: 对, en: Pairs}
publisher: {zh: 示范市, en: Example city}
licence: CC-BY-4.0
article: "84"
key: [one, two]
fields:
  one: {type: string, title: {zh: 一, en: one}}
  two: {type: string, title: {zh: 二, en: two}}
"""
OUTPUT = """
source: output
title: {zh: 产量, en: Output}
publisher: {zh: 示范市, en: Example city}
licence: CC-BY-4.0
article: "84"
fields:
  firm: {type: string, title: {zh: 企业, en: firm}, references: firms.code}
  made: {type: float64, title: {zh: 产量, en: made}}
"""
HEADING = "area,year,item,value,share,of"


def _yaml(text: str) -> dict[str, Any]:
    return yaml.load(text, Loader=yaml.CSafeLoader)


class Box:
    """What a test does with a lake, in few words."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.root = folder / "town"
        (self.root / "sources").mkdir(parents=True)
        (self.root / "city.yml").write_text(
            "slug: town\ntitle: {zh: 示范市, en: Example city}\nfictional: true\nnote: {zh: 虚构, en: fictional}\n",
            encoding="utf-8",
        )
        (self.root / "areas.csv").write_text(
            "code,zh,en,level,parent\n990100,甲区,District A,district,\n990200,乙区,District B,district,\n",
            encoding="utf-8",
        )
        self.declare(ANNUAL)

    def declare(self, text: str, **changes: Any) -> Lake:
        """Declare a source (with some keys changed) and open the lake anew."""
        given = _yaml(text) | changes
        path = self.root / "sources" / f"{given['source']}.yml"
        said = yaml.dump(given, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
        path.write_text(said, encoding="utf-8")
        self.lake = Lake(load_city(self.root))
        return self.lake

    def declare_item_freely(self) -> None:
        fields = _yaml(ANNUAL)["fields"]
        del fields["item"]["allowed"]
        self.declare(ANNUAL, fields=fields)

    def declare_value_required(self) -> None:
        fields = _yaml(ANNUAL)["fields"]
        fields["value"]["required"] = True
        self.declare(ANNUAL, fields=fields)

    def declare_without_ranges(self) -> None:
        fields = _yaml(ANNUAL)["fields"]
        for field in fields.values():
            field.pop("range", None)
        self.declare(ANNUAL, fields=fields)

    def declare_sheet(self, sheet: str) -> None:
        self.declare(ANNUAL, sheet=sheet)

    def declare_revisions(self) -> None:
        fields = _yaml(ANNUAL)["fields"]
        fields["revision"] = {"type": "int64", "title": {"zh": "修订号", "en": "revision"}}
        self.declare(ANNUAL, fields=fields, vintage="revision")

    def declare_by_year(self) -> None:
        self.declare(ANNUAL, arrives={"by": ["year"]})

    def declare_firms(self) -> None:
        self.declare(FIRMS)
        self.declare(OUTPUT)

    def declare_pairs(self) -> None:
        self.declare(PAIRS)

    def declare_note(self, by: list[str] | None = None) -> None:
        """One more column, which files need not have."""
        fields = _yaml(ANNUAL)["fields"]
        fields["note"] = {"type": "string", "title": {"zh": "备注", "en": "note"}}
        self.declare(ANNUAL, fields=fields, arrives={"by": by} if by else "whole")

    def declare_item_freely_without_ranges(self) -> None:
        fields = _yaml(ANNUAL)["fields"]
        del fields["item"]["allowed"]
        for field in fields.values():
            field.pop("range", None)
        self.declare(ANNUAL, fields=fields)

    def declare_firms_again(self) -> None:
        self.declare(FIRMS, source="firms_again")

    def declare_events(self) -> None:
        self.declare(EVENTS)

    def file(self, content: str | bytes, name: str = "figures.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def book(self, rows: list[list[Any]], merge: tuple[str, ...] = (), formats: dict[str, str] | None = None,
             name: str = "figures.xlsx") -> Path:  # fmt: skip
        book = openpyxl.Workbook()
        sheet = book.active
        for row in rows:
            sheet.append(row)
        for cells in merge:
            sheet.merge_cells(cells)
        for cell, form in (formats or {}).items():
            sheet[cell].number_format = form
        book.save(self.folder / name)
        return self.folder / name

    def hand_in(self, content: str | bytes | Path, source: str = "annual") -> list[dict[str, Any]]:
        """Hand in a file; returns the rows of the table without their snapshot."""
        path = content if isinstance(content, Path) else self.file(content)
        self.snapshot = ingest(self.lake, source, path, by="tester")
        return self.rows(source)

    def rows(self, source: str = "annual", version: int | None = None) -> list[dict[str, Any]]:
        table = self.lake.table(source, version).drop("_snapshot").order_by("_row")
        return table.to_pyarrow().to_pylist()

    def values(self, *cells: str) -> list[float | None]:
        """The `value` column of a file with one row for each cell."""
        lines = [f'990100,{2000 + number},gdp,"{cell}",,' for number, cell in enumerate(cells)]
        return [row["value"] for row in self.hand_in("\n".join([HEADING, *lines]) + "\n")]

    def refused(self, content: str | bytes | Path, source: str = "annual") -> list[Reason]:
        """The reasons why a file is refused; the table must be as it was before."""
        before = self.lake.versions(source)
        with pytest.raises(Refused) as caught:
            self.hand_in(content, source)
        assert self.lake.versions(source) == before
        self.refusal = caught.value
        return caught.value.reasons

    def told(self) -> dict[tuple[str, str], int]:
        """How often cells were read in which way, by field."""
        return {(one["field"], one["how"]): one["count"] for one in self.snapshot.readings}


def named(reasons: list[Reason]) -> list[tuple[str, str, int, tuple[int, ...]]]:
    """Reasons without their words: rule, field, how many, first rows."""
    return [(one.rule, one.field, one.count, one.rows) for one in reasons]


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setenv("SHENZHI_HOME", str(tmp_path / "home"))
    return Box(tmp_path)


@pytest.fixture
def names() -> Callable[[list[Reason]], list[tuple[str, str, int, tuple[int, ...]]]]:
    return named
