"""A chief quality officer as the firm of the tests files one, with a text that nobody else may read."""

from __future__ import annotations

import datetime as dt
from typing import Any

SECRET = "绝不外泄ZZTOP"


def an_officer(town: Any, **more: Any) -> Any:
    from shenzhi.apps.people.models import Officer
    from shenzhi.kernel.cases.firing import file

    given = {
        "organisation": town.firm,
        "name": "张三",
        "phone": "13800001111",
        "appointed_on": dt.date(2026, 1, 5),
        "department": town.quality,
        "district": town.pine,
        "duties": SECRET,
        **more,
    }
    return file(Officer(**given), by=town.reader("member"))
