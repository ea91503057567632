"""A question that nobody waits long for is given up in time, and nothing is left of it."""

from __future__ import annotations

import time

import pytest
from django.db import connection, transaction

from shenzhi.kernel.parties.models import Organisation
from shenzhi.kernel.patience import GivenUp, within

pytestmark = pytest.mark.django_db

ENDLESS = {
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT count(*) FROM generate_series(1, 1000000000000)",
}


def ask_without_end() -> None:
    with connection.cursor() as cursor:
        cursor.execute(ENDLESS[connection.vendor])


def test_a_question_without_end_is_given_up():
    started = time.perf_counter()
    with pytest.raises(GivenUp), within(50):
        ask_without_end()
    assert 0.05 <= time.perf_counter() - started < 5


def test_what_was_done_before_stays_and_what_comes_after_has_all_its_time(office):
    with transaction.atomic():
        before = Organisation.objects.count()
        with pytest.raises(GivenUp), within(20):
            ask_without_end()
        assert Organisation.objects.count() == before
    time.sleep(0.03)  # longer than the patience of above
    assert Organisation.objects.count() == before


def test_an_answer_in_time_is_an_answer(office):
    with within(5000):
        assert Organisation.objects.count() == 2


def test_another_fault_of_the_database_is_told_as_it_is():
    from django.db import DatabaseError

    table = "no_such_table"
    with transaction.atomic(), pytest.raises(DatabaseError) as fault, within(5000), transaction.atomic():
        Organisation.objects.raw(f"SELECT id FROM {table}")[0]
    assert not isinstance(fault.value, GivenUp)
