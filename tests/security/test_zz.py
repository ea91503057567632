import pytest
from every_address import *
from test_addresses import one_of_each

pytestmark = pytest.mark.django_db


def test_t(city):
    b = city.client(city.people["head"])
    for path in one_of_each(city, RECORDS | ACCOUNTS):
        a = b.get(path)
        c = a.get("Cache-Control", "")
        if "no-store" not in c and not ("private" in c):
            print(path, a.status_code, repr(c), a.get("Location"))
    assert 0
