"""People who sign in: an administrator, a clerk, an applicant, and browsers that keep their cookies."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for `browsers`, which the tests import

from browsers import PASSWORD, Browser


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """Hashing is slow on purpose; only tests about hashing need it so."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def slow_hash(settings):
    """From here on, the hashing of the real settings."""
    from shenzhi.config.settings import PASSWORD_HASHERS

    settings.PASSWORD_HASHERS = PASSWORD_HASHERS


@pytest.fixture
def people(db):
    """ada and bo administer, chen is a clerk of the quality office, dora has no role."""
    from shenzhi.kernel import staff
    from shenzhi.kernel.access.roles import PLATFORM
    from shenzhi.kernel.parties.models import Department
    from shenzhi.kernel.registers.writing import create

    quality = create(Department(code="quality", name="质量办", name_en="Quality office"), by=PLATFORM)
    found = {
        name: staff.open_account(name, by=PLATFORM, password=PASSWORD)
        for name in ("ada", "bo", "chen", "dora")
    }
    for name in ("ada", "bo"):
        staff.give(found[name], "administrator", by=PLATFORM)
    staff.give(found["chen"], "clerk", by=PLATFORM, department=quality)
    return found


@pytest.fixture
def browser(db):
    return Browser()


@pytest.fixture
def as_(people):
    """`as_("ada")`: a browser in which ada has signed in and confirmed who she is."""

    def signed_in(name):
        made = Browser()
        assert made.sign_in(name).status_code == 302
        assert made.confirm().status_code == 302
        return made

    return signed_in
