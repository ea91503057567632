"""Publications for the portal's tests: a thin real-like city and a fictional one with a ranking, small enough to work
out by hand, and one of any size for measuring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import yaml

from shenzhi.pipeline.index.method import parse_method
from shenzhi.pipeline.index.publish import files_of, manifest_of, release
from shenzhi.pipeline.index.run import compute
from shenzhi.pipeline.index.scope import SERIES, scope_of
from shenzhi.pipeline.lake.city import load_city

DOMAINS = ("economy", "culture", "society", "ecology", "urban", "government")


@dataclass(frozen=True)
class Value:
    """One row of a series."""

    indicator: str
    area: str
    period: str
    value: float
    status: str = "final"
    revision: int = 1
    known_on: str = ""
    current: bool = True


def leaf(code: str, direction: int = 1, posts: Sequence[float] = (0, 100), weight: float = 1) -> dict:
    return {
        "code": code,
        "title": {"zh": f"指标{code.upper()}的比例", "en": f"Share of {code.upper()}"},
        "direction": direction,
        "posts": list(posts),
        "weight": weight,
    }


def method(name: str, tree: dict[str, list[dict]], **more: object) -> bytes:
    """A method file with one group for each domain in `tree`."""
    given = {
        "method": name,
        "version": "1.0",
        "title": {"zh": "测试质量指数", "en": "Quality index for testing"},
        "note": {"zh": "仅用于测试。", "en": "For tests only."},
        "publish": {"root": 0.1, "node": 0.1},
        "normalise": {"method": "goalposts", "lower": 0, "upper": 100},
        "tree": {
            "code": "index",
            "title": {"zh": "质量指数", "en": "Quality index"},
            "children": [
                {
                    "code": code,
                    "title": {"zh": f"领域{code}", "en": code.title()},
                    "weight": 1,
                    "children": leaves,
                }
                for code, leaves in tree.items()
            ],
        },
        **more,
    }
    return yaml.dump(given, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False).encode()


def city(root: Path, slug: str, *, fictional: bool, areas: str, **more: object) -> Path:
    """Declare a city in `root`/<slug>/."""
    folder = root / slug
    folder.mkdir(parents=True)
    given = {
        "slug": slug,
        "title": {"zh": "虚构市" if fictional else "实城", "en": slug.title()},
        "fictional": fictional,
        "note": {"zh": "测试用的城市。", "en": "A city for tests."},
        "root_area": "100",
        **more,
    }
    (folder / "city.yml").write_text(yaml.safe_dump(given, allow_unicode=True), encoding="utf-8")
    head = "code,zh,en,level,parent,valid_from,valid_to,column,row,note_zh,note_en\n"
    (folder / "areas.csv").write_text(head + areas, encoding="utf-8")
    return folder


def publish(folder: Path, source: bytes, values: Sequence[Value]) -> None:
    """Compute and publish the index of a declared city from series given as rows."""
    declared = load_city(folder)
    one = parse_method(source)
    ordered = sorted(values, key=lambda row: (row.indicator, row.area, row.period, row.revision))
    series = pa.Table.from_pylist([vars(row) for row in ordered], schema=SERIES)
    publish_series(declared, one, series)


def publish_series(declared, one, series: pa.Table, vintage: dict | None = None) -> None:
    scope = scope_of(one, series, {area.code: area.level for area in declared.areas.values()})
    computed = compute(one, series, scope)
    manifest = manifest_of(
        one, scope, city=declared.slug, fictional=declared.fictional, vintage=vintage or {}
    )
    release(declared.published_dir, files_of(one, series, computed), manifest)


REAL_AREAS = "100,实城,Realton,city,,,,,,,\n"
MODEL_AREAS = (
    "100,虚构市,Modelton,city,,,,,,,\n"
    "101,东山区,East Hill,district,100,,,0,0,东山区包括港口。,East Hill includes the port.\n"
    "102,西河区,West River,district,100,,,1,0,,\n"
    "103,南<湖区,South <Lake,district,100,,,1,1,,\n"
)


def real(root: Path) -> None:
    """One area, three years. Economy: a (posts 0..100, weight 1) and b (weight 3); ecology: c (less is better).

    2021: a=40, b=60            economy = (1*40 + 3*60)/4 = 55; ecology missing; index = 55
    2022: a=50, b=60, c=20      economy = (50 + 180)/4 = 57.5; c scores 80; index = (57.5 + 80)/2 = 68.75
    2023: a=50, b=80, c=30      economy = (50 + 240)/4 = 72.5; c scores 70; index = 71.25
    """
    folder = city(
        root,
        "real",
        fictional=False,
        areas=REAL_AREAS,
        breaks=[
            {"since": "2022", "indicators": ["a"], "note": {"zh": "口径有变。", "en": "Counted differently."}}
        ],
    )
    tree = {"economy": [leaf("a"), leaf("b", weight=3)], "ecology": [leaf("c", -1)], "culture": [leaf("d")]}
    values = [
        Value("a", "100", "2021", 40.0),
        Value("b", "100", "2021", 61.5, "preliminary", 1, "2022-02-01", False),
        Value("b", "100", "2021", 60.0, "final", 2, "2022-09-30", True),
        Value("a", "100", "2022", 50.0),
        Value("b", "100", "2022", 60.0),
        Value("c", "100", "2022", 20.0),
        Value("a", "100", "2023", 50.0),
        Value("b", "100", "2023", 80.0, "preliminary"),
        Value("c", "100", "2023", 30.0),
        Value("=loose", "100", "2023", -3.25),
    ]
    publish(folder, method("real-test", tree), values)


def model(root: Path) -> None:
    """Three districts and the city as a whole in two years; 102 and 103 share a rank in 2023."""
    folder = city(root, "model", fictional=True, areas=MODEL_AREAS)
    tree = {code: [leaf(f"{code}_one"), leaf(f"{code}_two", -1)] for code in DOMAINS}
    values = []
    for year, step in (("2022", 0.0), ("2023", 4.0)):
        for area, base in (("100", 60.0), ("101", 70.0), ("102", 50.0), ("103", 50.0)):
            for at, code in enumerate(DOMAINS):
                values.append(Value(f"{code}_one", area, year, base + step + at))
                values.append(Value(f"{code}_two", area, year, 100 - base - at))
    publish(folder, method("model-test", tree), values)


def sized(root: Path, *, areas: int, indicators: int, years: int, lake: bool = False) -> None:
    """A fictional city of any size, with a tenth of its values missing and every twentieth revised once.

    With a `lake`, the values are handed in as one file and its indicators read them there, as those of real cities do.
    """
    import numpy as np

    listed = "100,虚构市,Modelton,city,,,,,,,\n" + "".join(
        f"{1000 + at},第{at}区,District {at},district,100,,,{at % 25},{at // 25},,\n" for at in range(areas)
    )
    folder = city(root, "sized", fictional=True, areas=listed)
    tree = {
        code: [leaf(f"i{at}", 1 if at % 3 else -1) for at in range(indicators) if at % len(DOMAINS) == place]
        for place, code in enumerate(DOMAINS)
    }
    declared, one = load_city(folder), parse_method(method("sized-test", tree))
    codes = [f"i{at}" for at in range(indicators)]
    places = ["100", *(str(1000 + at) for at in range(areas))]
    periods = [str(2014 + at) for at in range(years)]
    chance = np.random.default_rng(7)
    shape = (len(codes), len(places), len(periods))
    grid = np.indices(shape).reshape(3, -1)
    kept = chance.random(grid.shape[1]) > 0.1
    grid = grid[:, kept]
    value = chance.normal(60, 12, grid.shape[1]).clip(1, 99).round(2)
    table = pa.table(
        {
            "indicator": pa.array(codes).take(pa.array(grid[0])),
            "area": pa.array(places).take(pa.array(grid[1])),
            "period": pa.array(periods).take(pa.array(grid[2])),
            "value": value,
            "status": pa.array(["final"] * len(value)),
            "revision": pa.array(np.ones(len(value), dtype=np.int64)),
            "known_on": pa.array(["2024-01-01"] * len(value)),
            "current": pa.array([True] * len(value)),
        }
    )
    again = chance.random(len(value)) < 0.05
    earlier = table.filter(pa.array(again))
    earlier = earlier.set_column(4, "status", pa.array(["preliminary"] * len(earlier)))
    earlier = earlier.set_column(7, "current", pa.array([False] * len(earlier)))
    later = np.where(again, 2, 1)
    table = pa.concat_tables([table.set_column(5, "revision", pa.array(later)), earlier.cast(table.schema)])
    table = table.sort_by([(name, "ascending") for name in ("indicator", "area", "period", "revision")])
    vintage = hand_in(folder, table) if lake else None
    publish_series(declared, one, table.cast(SERIES), vintage)


FIGURES = """
source: sized_figures
fictional: true
title: {zh: 年度数字（虚构）, en: Annual figures (fictional)}
publisher: {zh: 由程序生成, en: Made by a program}
licence: CC0-1.0
article: "84"
description: {zh: 一行一个数字。, en: "One row, one figure."}
update: annual
key: [area, year, item]
vintage: revision
area: area
period: {field: year, grain: year}
arrives: whole
fields:
  area: {type: string, title: {zh: 区划代码, en: Area code}, required: true, references: areas.code, open: true}
  year: {type: int64, title: {zh: 年份, en: Year}, required: true, range: [1900, 2100], open: true}
  item: {type: string, title: {zh: 项目, en: Item}, required: true, open: true}
  value: {type: float64, title: {zh: 数值, en: Value}, required: true, open: true}
  status: {type: string, title: {zh: 状态, en: Status}, required: true, open: true}
  revision: {type: int64, title: {zh: 修订次序, en: Revision}, required: true, open: true}
  known_on: {type: string, title: {zh: 公布日, en: Known on}, required: true, open: true}
  document: {type: string, title: {zh: 文件, en: Document}, required: true, open: true}
  note: {type: string, title: {zh: 说明, en: Note}, open: false}
"""


def hand_in(folder: Path, series: pa.Table) -> dict:
    """Hand the series in as a file with a line for each value, by area, year and item; returns the lake's vintage."""
    import pyarrow.csv as pacsv

    from shenzhi.pipeline.lake.ingest import ingest
    from shenzhi.pipeline.lake.lake import Lake

    (folder / "sources").mkdir()
    (folder / "sources" / "sized_figures.yml").write_text(FIGURES, encoding="utf-8")
    lines = series.rename_columns({"indicator": "item", "period": "year"}).drop_columns("current")
    lines = lines.sort_by([(name, "ascending") for name in ("area", "year", "item", "revision")])
    address = pa.array([f"https://example.org/yearbook/{year}.html" for year in lines["year"].to_pylist()])
    lines = lines.append_column("document", address)
    lines = lines.append_column("note", pa.array(["印刷页旁有铅笔校注"] * len(lines)))
    pacsv.write_csv(lines, folder / "sized_figures.csv")
    declare(series["indicator"].unique().to_pylist())
    store = Lake(load_city(folder))
    ingest(store, "sized_figures", folder / "sized_figures.csv", by="program")
    return store.vintage()


def declare(codes: Sequence[str]) -> None:
    """Declare the indicators of a sized city, once in a process: they stand in the one list of all indicators."""
    from shenzhi.pipeline.statistics.indicator import INDICATORS, Figure, figures

    for code in codes:
        if code not in INDICATORS:
            title = (f"指标{code.upper()}的比例", f"Share of {code.upper()}")
            row = Figure(code, title, ("%", "%"), 1, "84", ("测试用。", "For tests."))
            domain = DOMAINS[int(code[1:]) % len(DOMAINS)]
            figures(domain, [row], table="sized_figures", source=("年度数字", "Annual figures"))
