"""A city in which every field holds a secret of its own, and everybody who may ask for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # test files are imported one by one, without their folder

from marked_city import City


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker: Any) -> Iterator[City]:
    """One city for all tests of a module, which are marked `django_db`: each takes back what it wrote, and the last one all."""
    from django.db import transaction
    from marked_city import build

    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def letters(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """The city full of letters, for all tests of a module: each takes back what it wrote."""
    import letters_city
    from django.db import transaction

    from office import furnish

    with django_db_blocker.unblock(), transaction.atomic():
        yield letters_city.build(furnish())
        transaction.set_rollback(True)
