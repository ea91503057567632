"""The audit of an index, on one that was made to have something wrong with it, and its workbook.

Six areas in 2024, posts 0 and 100, more is better. Economy: a (weight 3) and b (weight 1), its mirror image; ecology: c,
the same everywhere; d, the same as a; e, half of d; f, without a figure. In 2025 only f is known, and only in A and B.

    area      A     B     C     D     E     F
    a        10    20    30    40    50    60
    b        60    50    40    30    20    10
    c        50    50    50    50    50    50
    d        10    20    30    40    50    60
    e         5    10    15    20    25    30
"""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow.parquet as pq
import pytest
import python_calamine
from click.testing import CliRunner

from shenzhi.config.commands.index import index
from shenzhi.pipeline.index.audit import Audit, audit
from shenzhi.pipeline.index.export import as_csv, workbook
from shenzhi.pipeline.index.findings import Finding, findings
from shenzhi.pipeline.index.grid import Grid
from shenzhi.pipeline.index.local import run_table
from shenzhi.pipeline.index.published import Publication
from shenzhi.pipeline.index.sheets import audit_tables

METHOD = """\
method: audited
version: "1.0"
title: {zh: 受检指数, en: Audited index}
publish: {root: 0.1, node: 0.1}
data: {columns: {name: name}}
normalise: {method: goalposts, lower: 0, upper: 100}
tree:
  code: index
  children:
    - code: economy
      title: {zh: 经济, en: Economy}
      children:
        - {code: a, title: {zh: 甲, en: Alpha}, direction: 1, weight: 3, posts: [0, 100]}
        - {code: b, title: {zh: 乙, en: Beta}, direction: 1, weight: 1, posts: [0, 100]}
    - code: ecology
      title: {zh: 生态, en: Ecology}
      children:
        - {code: c, title: {zh: 丙, en: Gamma}, direction: 1, posts: [0, 100]}
        - {code: d, title: {zh: 丁, en: Delta}, direction: 1, posts: [0, 100]}
        - {code: e, title: {zh: 戊, en: Epsilon}, direction: 1, posts: [0, 100]}
        - {code: f, title: {zh: "=1+1", en: "=cmd()"}, direction: 1, posts: [0, 100]}
"""
AREAS = "ABCDEF"
TABLE = "area,name,period,a,b,c,d,e,f\n" + "".join(
    f"{area},{area}区,2024,{10 * at},{70 - 10 * at},50,{10 * at},{5 * at},\n" for at, area in enumerate(AREAS, 1)
) + "A,A区,2025,,,,,,30\nB,B区,2025,,,,,,40\n"  # fmt: skip


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    folder = tmp_path_factory.mktemp("audited")
    (folder / "method.yml").write_text(METHOD, encoding="utf-8")
    (folder / "table.csv").write_text(TABLE, encoding="utf-8")
    return run_table(folder / "method.yml", folder / "table.csv", folder / "out")[0]


@pytest.fixture(scope="module")
def done(published: Publication) -> Audit:
    return audit(published)


@pytest.fixture(scope="module")
def found(done: Audit) -> dict[str, Finding]:
    return {one.kind: one for one in findings(done)}


def codes(finding: Finding) -> list[tuple[str, ...]]:
    return [item.codes for item in finding.items]


def test_it_looks_at_the_latest_period_with_enough_areas(done: Audit) -> None:
    # 2025 is later, but only A and B have an index there
    assert (done.period, done.areas) == ("2024", tuple(AREAS))


def test_an_indicator_without_figures_is_named_with_when_it_has_some(found: dict[str, Finding]) -> None:
    assert codes(found["silent"]) == [("f",)]
    assert found["silent"].items[0].told.en == "has figures in 1 other period"
    assert found["silent"].what.zh == "这一期没有任何数字的指标：1项"


def test_an_indicator_that_is_the_same_everywhere_is_named_once(found: dict[str, Finding]) -> None:
    assert codes(found["constant"]) == [("c",)]
    assert found["constant"].items[0].told.en == "50 in all 6 areas"
    assert "steps" not in found  # that it has few different values need not be said again


def test_a_mirror_image_runs_against_its_sibling_and_its_group(found: dict[str, Finding]) -> None:
    # economy = (3a + b) / 4 rises with a, so b falls with it: r = -1
    assert codes(found["opposed"]) == [("a", "b")]
    assert codes(found["against"]) == [("b", "economy")]
    assert found["against"].items[0].told.zh == "相关−1.00（p<0.001）"


def test_two_that_say_the_same_are_a_pair(found: dict[str, Finding]) -> None:
    # e is half of d; and both groups rise by equal steps from A to F
    assert codes(found["alike"]) == [("economy", "ecology"), ("d", "e")]


def test_influence_is_the_share_of_squared_correlations(done: Audit, found: dict[str, Finding]) -> None:
    # d and e both follow ecology exactly and share its influence; each was given a quarter of the weight
    by_code = {one.code: one for one in done.counts}
    assert (by_code["d"].weight, by_code["d"].importance) == (0.25, pytest.approx(0.5, abs=1e-12))
    assert math.isnan(by_code["c"].importance)
    assert (by_code["b"].r, by_code["b"].importance) == (pytest.approx(-1.0, abs=1e-12), 0.0)
    assert sorted(codes(found["importance"])) == [("d", "ecology"), ("e", "ecology")]
    assert found["importance"].items[0].told.en == "weight 25%, counts for 50%"


def test_alpha_is_of_those_that_have_figures(done: Audit) -> None:
    # variances of c, d, e: 0, 350, 87.5; covariance of d and e 175: 3/2 * (787.5 - 437.5) / 787.5 = 2/3
    of = {one.code: one.alpha for one in done.groups}
    assert of["ecology"] == pytest.approx(2 / 3, abs=1e-12)
    # a and b cancel out: their covariances add up to 350 + 350 - 2 * 350 = 0
    assert math.isnan(of["economy"])


def test_without_a_part_the_order_stays_where_the_rest_agrees(done: Audit) -> None:
    first, below = done.without
    assert first.codes == ("economy", "ecology")
    assert first.mean_rank_change.tolist() == [0.0, 0.0]
    assert below.codes == ("a", "b", "c", "d", "e", "f")
    # without a, economy is b: (60 + 65/3) / 2 = 40.83 for A, (50 + 80/3) / 2 = 38.33 for B: the order turns round,
    # 5 + 3 + 1 + 1 + 3 + 5 places in all, 3 on average
    assert below.mean_rank_change[0] == 3.0


def test_statistics_are_of_the_figures_as_given(done: Audit) -> None:
    assert done.described.mean.tolist()[:5] == [35.0, 35.0, 50.0, 35.0, 17.5]
    assert done.described.available.tolist() == [6, 6, 6, 6, 6, 0]
    assert done.known_periods == (1, 1, 1, 1, 1, 1)


def test_with_too_few_areas_only_availability_is_told(published: Publication) -> None:
    few = audit(published, period="2025")
    assert not few.enough
    assert [one.kind for one in findings(few)] == ["silent"]
    assert few.silent == ("a", "b", "c", "d", "e")


def test_an_area_can_be_set_aside(published: Publication) -> None:
    assert audit(published, aside=("F",)).areas == tuple("ABCDE")
    # where nobody would be left it stays
    assert audit(published, aside=tuple(AREAS)).areas == tuple(AREAS)


def test_a_grid_is_the_publication_in_order(published: Publication) -> None:
    grid = Grid(published)
    scores = grid.scores("score")
    for at, area in enumerate(grid.areas):
        for when, period in enumerate(grid.periods):
            for node, code in enumerate(grid.codes):
                one = published.score(area, period, code)
                assert one is not None
                value = scores[at, when, node]
                assert (None if np.isnan(value) else value) == one.score


def sheet_rows(data: bytes) -> dict[str, list[list[object]]]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {page.title.split(" ")[0]: [[cell.value for cell in row] for row in page.rows] for page in book}


def test_the_workbook_holds_every_score_exactly(published: Publication) -> None:
    buffer = io.BytesIO()
    workbook(published, buffer)
    pages = sheet_rows(buffer.getvalue())
    head, *rows = pages["各期得分"]
    nodes = [str(name).rpartition("\n")[2] for name in head[4:]]
    read = {(row[0], row[3], node): value for row in rows for node, value in zip(nodes, row[4:], strict=True)}
    table = pq.read_table(published.table("scores")).to_pylist()
    assert read == {(row["area"], row["period"], row["node"]): row["score"] for row in table}
    raw = {row[0]: row[4:] for row in pages["各期原始数"][1:] if row[3] == "2024"}
    assert raw["B"] == [20, 50, 50, 20, 10, None]
    assert pages["框架"][2][:8] == ["economy", "经济", "Economy", "index", 2, 1, 0.5, 0.5]
    assert [row[0] for row in pages["相关"][1:]] == nodes
    about = {row[0]: row[1] for row in pages["说明"]}
    assert about["方法文件 SHA-256 Method file, SHA-256"] == published.method.sha256


def test_two_readers_find_the_same_workbook_and_no_formula(published: Publication) -> None:
    buffer = io.BytesIO()
    workbook(published, buffer)
    book = openpyxl.load_workbook(io.BytesIO(buffer.getvalue()))
    other = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(buffer.getvalue()))
    assert book.sheetnames == other.sheet_names
    hostile = []
    for page in book:
        assert page.freeze_panes is not None
        again = other.get_sheet_by_name(page.title).to_python()
        ours = [["" if cell.value is None else cell.value for cell in row] for row in page.rows]
        assert ours == again
        for row in page.rows:
            for cell in row:
                assert cell.data_type != "f"
                if cell.value in ("=1+1", "=cmd()"):
                    hostile.append(cell.quotePrefix)
    assert hostile
    assert all(hostile)


def test_the_same_publication_gives_the_same_workbook(published: Publication) -> None:
    books = [io.BytesIO(), io.BytesIO()]
    for one in books:
        workbook(published, one)
    assert books[0].getvalue() == books[1].getvalue()


def test_a_csv_keeps_every_digit_and_runs_nothing(published: Publication, done: Audit) -> None:
    tables = {one.name: one for one in audit_tables(done, findings(done), published.method.nodes)}
    lines = as_csv(tables["statistics"], fictional=True).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("node,node_zh,node_en,available,")
    assert lines[0].endswith(",fictional")
    assert lines[1].startswith(f"a,甲,Alpha,6,1.0,10.0,35.0,35.0,60.0,{math.sqrt(350)!r},")
    assert lines[6].startswith("f,'=1+1,'=cmd(),0,0.0,,")


def shenzhi(*words: str | Path):
    return CliRunner().invoke(index, [str(word) for word in words])


def test_the_commands_print_findings_and_write_the_workbook(published: Publication, tmp_path: Path) -> None:
    printed = shenzhi("audit", published.folder)
    assert printed.exit_code == 0
    assert "乙（属经济） Beta (in Economy)：相关−1.00（p<0.001）" in printed.output
    assert "Check its direction first" in printed.output
    assert "没有2030这一期" in shenzhi("audit", published.folder, "--period", "2030").output
    out = tmp_path / "book.xlsx"
    assert shenzhi("export", published.folder, "--out", out).exit_code == 0
    # the names of areas are those of the table
    assert sheet_rows(out.read_bytes())["得分"][1][:3] == ["A", "A区", "A区"]
    assert shenzhi("export", published.folder, "--out", tmp_path / "book.csv").exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["book.xlsx"]
