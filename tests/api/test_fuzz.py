"""The API under requests that nobody meant: made from its own description, by a tool that we did not write."""

from __future__ import annotations

import datetime as dt

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from shenzhi.apps.people.models import Officer
from shenzhi.kernel.access.accounts import Account, Membership
from shenzhi.kernel.access.keys import EVERY, make
from shenzhi.kernel.cases.firing import file

pytestmark = pytest.mark.slow

ROLES = ("public", "member", "reviewer", "administrator")
EXAMPLES = 5


@pytest.fixture
def headers(office, request):
    """What a caller of the role sends: a key for everything, or nothing."""
    if request.param == "public":
        return {}
    where = {"member": {"organisation": office.firm}, "reviewer": {"department": office.quality}}
    account = Account.objects.create_user("fuzzer")
    Membership.objects.create(account=account, role=request.param, **where.get(request.param, {}))
    expires = timezone.localdate() + dt.timedelta(30)
    _, text = make(account, "fuzz", registers=[EVERY], may_write=True, expires_on=expires)
    return {"Authorization": f"Bearer {text}"}


@pytest.fixture(autouse=True)
def one_connection():
    """A request does not close the connection at its end, on which the transaction of the test stands."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("headers", ROLES, indirect=True)
def test_no_request_breaks_the_server_and_every_answer_is_as_described(office, headers):
    case = Officer(
        organisation=office.firm, name="张三", phone="13800001111", appointed_on=dt.date(2026, 1, 5),
        department=office.quality, district=office.pine,
    )  # fmt: skip
    file(case, by=office.member)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    asked = []

    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def answers(case):
            response = case.call(headers={**headers, "Accept-Encoding": "identity"})
            assert response.status_code < 500, response.text
            # a request of the right shape may still name nothing that is there: it is refused with 400, 404 or 422
            case.validate_response(response, excluded_checks=[positive_data_acceptance])
            asked.append(response.status_code)

        answers()
    assert len(asked) > 100
    assert {200, 404} <= set(asked)
