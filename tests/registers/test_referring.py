"""The page of a record lists the records that speak of it, as far as this reader may see them."""

from __future__ import annotations

import datetime as dt

from django.test import Client

from shenzhi.apps.people.models import Officer
from shenzhi.kernel.cases.firing import file


def test_a_district_lists_its_organisations_and_links_to_all_of_them(office):
    page = Client().get(f"/registers/districts/{office.pine.number}/").content.decode()
    assert "松风精密制造有限公司" in page
    assert office.firm.number in page


def test_what_is_hidden_from_the_reader_is_neither_listed_nor_counted(office):
    case = Officer(
        organisation=office.firm, name="张三", phone="13800001111", appointed_on=dt.date(2026, 1, 5),
        department=office.quality, district=office.pine,
    )  # fmt: skip
    file(case, by=office.member)
    page = Client().get(f"/registers/districts/{office.pine.number}/").content.decode()
    assert case.number not in page
    assert "首席质量官" not in page
