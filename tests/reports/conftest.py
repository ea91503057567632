"""Two small cities with published indexes that can be worked out by hand: one real in kind, one fictional.

Veracity (one area). Economy: a (weight 1) and b (weight 3), ecology: c, where less is better; posts 0 and 100.

    2021: a=40, b=60         economy = (40 + 3*60)/4 = 55;   c is missing, ecology has no score; index = 55
    2022: a=50, b=60, c=20   economy = (50 + 3*60)/4 = 57.5; ecology = 80; index = (57.5 + 80)/2 = 68.75
    2023: a=50, b=80, c=30   economy = (50 + 3*80)/4 = 72.5; ecology = 70; index = (72.5 + 70)/2 = 71.25

From 2022 to 2023 all three are known in both: the index rises by 2.5. b gives 20 * 3/4 * 1/2 = +7.5, c gives
-10 * 1/2 = -5, a nothing; so b made up all of the rise.

Fabula (fictional; three districts, 2022 and 2023; economy: a, ecology: c). 2023: North and South tie.

    2022: North a=60, c=40 -> 60   South a=50, c=50 -> 50   East a=40, c=60 -> 40
    2023: North a=70, c=40 -> 65   South a=80, c=50 -> 65   East a=40, c=50 -> 45
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from shenzhi.pipeline.index.method import parse_method
from shenzhi.pipeline.index.publish import files_of, manifest_of, release
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.index.run import compute
from shenzhi.pipeline.index.scope import SERIES, scope_of
from shenzhi.pipeline.lake.city import City, load_city

AREAS = "code,zh,en,level,parent,valid_from,valid_to,column,row,note_zh,note_en\n"

# Text that would be markup for Typst, HTML or a shell, if anything took it for markup.
HOSTILE = '#panic("x") *b* _i_ $x^2$ <script>alert(1)</script> @ref \\ ` ]]> &amp; "q"'


def leaf(code: str, zh: str, en: str, direction: int = 1, weight: float = 1) -> dict:
    return {
        "code": code,
        "title": {"zh": zh, "en": en},
        "direction": direction,
        "posts": [0, 100],
        "weight": weight,
    }


def method_file(name: str, tree: dict[tuple[str, str, str], list[dict]]) -> bytes:
    given = {
        "method": name,
        "version": "1.0",
        "title": {"zh": "试验质量指数", "en": "Trial index of quality"},
        "publish": {"root": 0.1, "node": 0.1},
        "areas": "all",
        "normalise": {"method": "goalposts", "lower": 0, "upper": 100},
        "tree": {
            "code": "index",
            "title": {"zh": "质量指数", "en": "Quality index"},
            "children": [
                {"code": code, "title": {"zh": zh, "en": en}, "weight": 1, "children": leaves}
                for (code, zh, en), leaves in tree.items()
            ],
        },
    }
    return yaml.safe_dump(given, allow_unicode=True, sort_keys=False).encode()


def declare(folder: Path, title: tuple[str, str], *, fictional: bool, areas: str) -> City:
    folder.mkdir(parents=True)
    given = {
        "slug": folder.name,
        "title": {"zh": title[0], "en": title[1]},
        "fictional": fictional,
        "note": {"zh": "测试用的城市。", "en": "A city for tests."},
        "root_area": "100",
    }
    (folder / "city.yml").write_text(yaml.safe_dump(given, allow_unicode=True), encoding="utf-8")
    (folder / "areas.csv").write_text(AREAS + areas, encoding="utf-8")
    return load_city(folder)


def publish(city: City, source: bytes, rows: list[tuple]) -> Publication:
    """Publish from rows of (indicator, area, period, value[, status, revision, current])."""
    values = []
    for indicator, area, period, value, *more in rows:
        status, revision, current = (*more, *("final", 1, True)[len(more) :])
        values.append(
            {
                "indicator": indicator,
                "area": area,
                "period": period,
                "value": float(value),
                "status": status,
                "revision": revision,
                "known_on": "",
                "current": current,
            }
        )
    values.sort(key=lambda row: (row["indicator"], row["area"], row["period"], row["revision"]))
    series = pa.Table.from_pylist(values, schema=SERIES)
    method = parse_method(source)
    scope = scope_of(method, series, {area.code: area.level for area in city.areas.values()})
    computed = compute(method, series, scope)
    manifest = manifest_of(method, scope, city=city.slug, fictional=city.fictional, vintage={})
    return release(city.published_dir, files_of(method, series, computed), manifest)


ECONOMY = ("economy", "经济质量", "Economy")
ECOLOGY = ("ecology", "生态质量", "Ecology")
VERACITY = {
    ECONOMY: [leaf("a", "甲指标", "Alpha"), leaf("b", "乙指标", "Beta", weight=3)],
    ECOLOGY: [leaf("c", "丙浓度", "Gamma", -1)],
}
VERACITY_ROWS = [
    ("a", "100", "2021", 40),
    ("b", "100", "2021", 60),
    ("a", "100", "2022", 50),
    ("b", "100", "2022", 60),
    ("c", "100", "2022", 20),
    ("a", "100", "2023", 50),
    ("b", "100", "2023", 78, "preliminary", 1, False),
    ("b", "100", "2023", 80, "preliminary", 2, True),
    ("c", "100", "2023", 30),
]


@pytest.fixture(scope="session")
def veracity(tmp_path_factory: pytest.TempPathFactory) -> tuple[City, Publication]:
    """One area, three years, a missing figure, a revised and preliminary one."""
    folder = tmp_path_factory.mktemp("cities") / "reports-veracity"
    city = declare(folder, ("实城", "Veracity"), fictional=False, areas="100,实城,Veracity,city,,,,,,,\n")
    return city, publish(city, method_file("veracity-1", VERACITY), VERACITY_ROWS)


@pytest.fixture(scope="session")
def fabula(tmp_path_factory: pytest.TempPathFactory) -> tuple[City, Publication]:
    """Three fictional districts with a tie; titles that try to be markup."""
    folder = tmp_path_factory.mktemp("cities") / "reports-fabula"
    quoted = HOSTILE.replace('"', '""')
    areas = (
        "100,寓言市,Fabula,city,,,,,,,\n"
        f'101,"北区{quoted}","North {quoted}",district,100,,,,,,\n'
        "102,南区,South,district,100,,,,,,\n"
        "103,东区,East,district,100,,,,,,\n"
    )
    city = declare(folder, (f"寓言市{HOSTILE}", f"Fabula {HOSTILE}"), fictional=True, areas=areas)
    tree = {
        ECONOMY: [leaf("a", f"甲指标{HOSTILE}", f"Alpha {HOSTILE}")],
        ECOLOGY: [leaf("c", "丙浓度", "Gamma", -1)],
    }
    rows = [
        ("a", "101", "2022", 60),
        ("c", "101", "2022", 40),
        ("a", "102", "2022", 50),
        ("c", "102", "2022", 50),
        ("a", "103", "2022", 40),
        ("c", "103", "2022", 60),
        ("a", "101", "2023", 70),
        ("c", "101", "2023", 40),
        ("a", "102", "2023", 80),
        ("c", "102", "2023", 50),
        ("a", "103", "2023", 40),
        ("c", "103", "2023", 50),
    ]
    return city, publish(city, method_file("fabula-1", tree), rows)
