"""A register in the lake: what the public may read of it, and nothing else, as one table like any other (article 84)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from shenzhi.apps.people.models import Officer, Professional
from shenzhi.apps.plans.models import Plan
from shenzhi.calc.codes import uscc
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.parties.models import District, Organisation, Person
from shenzhi.kernel.registers.catalogue import register_of, registers
from shenzhi.kernel.registers.writing import change, create
from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake import registers as taking
from shenzhi.pipeline.lake.city import load_city
from shenzhi.pipeline.lake.ingest import ingest
from shenzhi.pipeline.lake.lake import Lake
from shenzhi.pipeline.lake.source import load_source
from shenzhi.pipeline.statistics import INDICATORS, indicator
from shenzhi.pipeline.statistics.series import series

SECRETS = ("13800001111", "机密职责", "机密培训", "未公开者", "机密证书", "机密住所", "机密人员")
"""What stands in closed fields, in records that are not public, and in a register that is not."""


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """The lake of a fictional city without sources of its own."""
    monkeypatch.setenv("SHENZHI_HOME", str(tmp_path / "var"))
    root = tmp_path / "town"
    (root / "sources").mkdir(parents=True)
    (root / "city.yml").write_text(
        "slug: town\ntitle: {zh: 示范市, en: Example City}\nfictional: true\nnote: {zh: 虚构, en: fictional}\n",
        encoding="utf-8",
    )
    return Lake(load_city(root))


@pytest.fixture
def filled(office):
    """A listed officer and one who is not listed yet, a professional, a person; with secrets wherever they are closed."""
    listed, _ = (
        file(
            Officer(
                organisation=office.firm, name=name, phone="13800001111", appointed_on=dt.date(2026, 1, 5),
                department=office.quality, district=office.pine, training="机密培训", duties="机密职责",
            ),
            by=office.member,
        )
        for name in ("李四", "未公开者")
    )  # fmt: skip
    fire(listed, "list", by=office.reviewer)
    create(
        Professional(
            organisation=office.firm, name="张小三", field="testing", qualification="高级工程师",
            certificate="机密证书", obtained_on=dt.date(2024, 6, 1), phone="13800001111",
        ),
        by=office.clerk,
    )  # fmt: skip
    firm = Organisation.objects.get(pk=office.firm.pk)
    change(firm, by=office.clerk, address="机密住所")
    create(Person(name="机密人员", phone="13800001111"), by=office.clerk)
    return listed


def rows(lake: Lake, name: str) -> list[dict[str, object]]:
    return lake.table(name).drop("_snapshot").to_pyarrow().to_pylist()


def test_the_table_of_a_register_holds_its_public_records_masked_where_they_are_published_masked(
    office, filled, lake
):
    taking.take_in(lake, register_of(Professional))
    (record,) = Professional.objects.all()
    assert rows(lake, "people_professional") == [
        {
            "fictional": "虚构 fictional",
            "number": record.number,
            "organisation": office.firm.code,
            "organisation__name": "松风精密制造有限公司",
            "name": "张**",  # three characters: the surname, and a star for each of the others
            "field": "testing",
            "qualification": "高级工程师",
            "obtained_on": dt.date(2024, 6, 1),
            "valid_to": None,
            "source": "trained",
            "_row": 2,
        }
    ]


def test_a_record_that_is_not_public_yet_is_not_in_the_table(office, filled, lake):
    taking.take_in(lake, register_of(Officer))
    assert [(row["number"], row["name"], row["state"], row["district"]) for row in rows(lake, "people_officer")] == [
        (filled.number, "李四", "listed", "990001")
    ]  # fmt: skip


def test_nothing_closed_ever_reaches_the_folder_of_the_lake(office, filled, lake):
    """Every file below the lake is read: those of the tables with their columns spelt out, since Parquet compresses."""
    for register in registers():
        taking.take_in(lake, register)
    found = [path for path in lake.home.rglob("*") if path.is_file()]
    said = b"".join(path.read_bytes() for path in found).decode("utf-8", "replace")
    said += "".join(str(rows(lake, name)) for name in lake.tables())
    assert "高级工程师" in said  # what is public is there to be found
    assert [secret for secret in SECRETS if secret in said] == []
    assert {path.parent.name for path in found if path.suffix == ".parquet"} == {
        f"_snapshot={lake.versions(name)[-1].snapshot}" for name in lake.tables()
    }  # no other Parquet file lies about whose columns nobody looked at


def test_a_register_with_nothing_public_gives_no_source(office, lake):
    person = register_of(Person)
    assert taking.source_of(person, lake.city) is None
    assert taking.take_in(lake, person) is None
    assert lake.sources == {}


def test_a_public_register_without_records_is_an_empty_table(office, lake):
    taking.take_in(lake, register_of(Plan))
    assert rows(lake, "plans_plan") == []
    assert [one.rows for one in lake.versions("plans_plan")] == [0]


def test_a_table_whose_last_public_record_is_gone_is_empty_and_its_older_version_stays(db, lake, tmp_path):
    district = register_of(District)
    taking.take_in(lake, district)
    one_row = tmp_path / "districts.csv"
    one_row.write_text("fictional,number,code\n虚构 fictional,DS-X,990009\n", encoding="utf-8")
    ingest(lake, "kernel_district", one_row, by="clerk")
    taking.take_in(lake, district)
    assert [one.rows for one in lake.versions("kernel_district")] == [0, 1, 0]
    assert rows(lake, "kernel_district") == []
    assert lake.table("kernel_district", 1).count().to_pyarrow().as_py() == 1


def test_the_same_content_twice_is_one_snapshot_and_one_version(office, filled, lake):
    register = register_of(Organisation)
    first, second = taking.take_in(lake, register), taking.take_in(lake, register)
    assert first.sha256 == second.sha256
    assert [one.version for one in lake.versions("kernel_organisation")] == [0]
    change(Organisation.objects.get(pk=office.other.pk), by=office.clerk, name="竹雨食品股份有限公司")
    taking.take_in(lake, register)
    assert [one.version for one in lake.versions("kernel_organisation")] == [0, 1]


def test_a_source_says_whose_figures_these_are_and_is_written_beside_the_lake(office, lake):
    register = register_of(District)
    taking.take_in(lake, register)
    source = taking.source_of(register, lake.city)
    assert (source.name, source.register, source.article, source.key) == (
        "kernel_district",
        "districts",
        "8",
        ("number",),
    )
    assert source.title == Words("区划", "Districts")
    assert source.publisher == Words("示范市质量工作部门", "Quality office of Example City")
    assert (source.fictional, source.licence) == (True, Words("CC0-1.0", "CC0-1.0"))
    assert {name: one.type for name, one in source.fields.items()} == {
        "fictional": "string", "number": "string", "code": "string", "name": "string", "name_en": "string",
        "valid_from": "date", "valid_to": "date",
    }  # fmt: skip
    written = load_source(lake.home / "registers" / "kernel_district.yml")
    assert written.fields == source.fields
    assert list(Lake(lake.city).sources) == ["kernel_district"]


def test_a_reader_of_the_lake_learns_of_a_register_taken_in_by_another_process(office, lake):
    reading = Lake(lake.city)
    assert reading.sources == {}
    taking.take_in(lake, register_of(District))
    assert list(reading.sources) == ["kernel_district"]


def test_a_table_that_the_city_declares_itself_comes_as_a_file(office, lake, tmp_path):
    taking.take_in(lake, register_of(District))
    declared = (lake.home / "registers" / "kernel_district.yml").read_text(encoding="utf-8")
    (tmp_path / "town" / "sources" / "kernel_district.yml").write_text(
        declared.replace("register: districts\n", "").replace("区划", "各区"), encoding="utf-8"
    )
    again = Lake(lake.city)
    assert again.source("kernel_district").title.zh == "各区"
    assert taking.take_in(again, register_of(District)) is None


def test_the_table_of_a_register_with_districts_knows_its_areas(office, lake):
    # the code of a district is the code of the area, so an indicator by district needs no other table
    assert taking.source_of(register_of(Officer), lake.city).area == "district"
    assert taking.source_of(register_of(District), lake.city).area == ""


def test_text_stands_as_it_was_entered_even_where_it_looks_like_an_error_of_a_spreadsheet(office, lake):
    odd = ("#REF!", "　ＡＢＣ１２３ 有限公司", "1_000", "无")
    for serial, name in enumerate(odd, 10):
        code = uscc.make("91990000", f"{serial:08d}")
        create(Organisation(code=code, name=name, district=office.pine), by=office.clerk)
    taking.take_in(lake, register_of(Organisation))
    assert [row["name"] for row in rows(lake, "kernel_organisation")][-4:] == list(odd)


def test_batches_give_the_same_rows_as_one(office, filled, lake, monkeypatch):
    whole = taking.take_in(lake, register_of(Organisation))
    before = rows(lake, "kernel_organisation")
    monkeypatch.setattr(taking, "BATCH", 1)
    taking.take_in(lake, register_of(Organisation))
    assert rows(lake, "kernel_organisation") == before
    assert whole.rows == 2


def test_one_query_a_batch_however_many_references(office, filled, lake, django_assert_num_queries):
    taking.take_in(lake, register_of(Officer))
    with django_assert_num_queries(2):  # the batch with the record, and the one that is empty
        taking.take_in(lake, register_of(Officer))


@pytest.fixture
def kept_indicators():
    kept = dict(INDICATORS)
    yield
    INDICATORS.clear()
    INDICATORS.update(kept)


def test_an_indicator_can_read_the_table_of_a_register(office, filled, lake, kept_indicators):
    @indicator(
        title=("在册首席质量官", "Officers listed"),
        definition=("在册的首席质量官人数", "Chief quality officers on the list"),
        unit=("人", "persons"),
        direction=1,
        article="91",
        domain="economy",
        source=("首席质量官登记簿", "Register of officers"),
    )
    def officers_listed(people_officer):
        listed = people_officer.filter(people_officer.state == "listed")
        place, year = listed.district, listed.appointed_on.year().cast("string")
        return listed.group_by(area=place, period=year).agg(value=listed.count().cast("float64"))

    taking.take_in(lake, register_of(Officer))
    # one listed officer, appointed in 2026, in the district of the office's test rows
    assert [
        (one["area"], one["period"], one["value"]) for one in series(lake, ["officers_listed"]).to_pylist()
    ] == [("990001", "2026", 1.0)]


@pytest.mark.parametrize("register", registers(), ids=lambda register: register.code)
def test_every_register_gives_a_sound_source_or_none(register, lake):
    source = taking.source_of(register, lake.city)
    if source is not None:
        assert set(source.fields) - {"fictional", "number"} != set()
        assert source.key == ("number",)


def test_a_file_handed_in_to_the_source_of_a_register_gives_way_to_the_register(office, lake, tmp_path):
    taking.take_in(lake, register_of(District))
    by_hand = tmp_path / "districts.csv"
    by_hand.write_text("fictional,number,code\n虚构 fictional,DS-X,990009\n", encoding="utf-8")
    ingest(lake, "kernel_district", by_hand, by="clerk")
    taking.take_in(lake, register_of(District))
    assert [one.by for one in lake.versions("kernel_district")] == ["registers", "clerk", "registers"]
