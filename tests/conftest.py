"""What every test may rely on: Django set up over a temporary home, and the folder of shared reference data."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # test files are imported one by one, without their folder

# before Django reads its settings: a test must never touch the data of the person who runs it
os.environ["SHENZHI_HOME"] = tempfile.mkdtemp(prefix="shenzhi-test-")
os.environ["DJANGO_SETTINGS_MODULE"] = "shenzhi.config.settings"
os.environ["SHENZHI_RATES"] = "none"  # one test asks more than any reader; tests about rates set their own
os.environ["SHENZHI_SECOND_FACTOR"] = "none"  # whatever database the tests run on
os.environ["SHENZHI_DATABASE"] = os.environ.get("SHENZHI_TEST_SERVER", "")
if os.environ.get("SHENZHI_TEST_DATABASE") == "postgresql" and not os.environ["SHENZHI_DATABASE"]:
    from postgres import serve

    # the processes that share the tests are started with these and use the same server
    os.environ["SHENZHI_TEST_SERVER"] = os.environ["SHENZHI_DATABASE"] = serve()

import quick
from office import Office, office

__all__ = ["Office", "office"]

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure(config: pytest.Config) -> None:
    import django
    from django.conf import settings

    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]
    django.setup()


def pytest_addoption(parser: pytest.Parser) -> None:
    quick.add_options(parser)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    quick.leave_out(config, items)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    quick.note(report)


def pytest_sessionfinish(session: pytest.Session) -> None:
    quick.write(session.config)


def pytest_collection_finish() -> None:
    gc.freeze()  # modules and tests live to the end: the collector need not look through them again and again


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared reference data; a clone outside has none, and its tests say so and are skipped."""
    folder = Path(os.environ.get("SHENZHI_SHARED") or ROOT.parent / "shared")
    if not (folder / "data").is_dir():
        pytest.skip(f"reference data not found in {folder}: set SHENZHI_SHARED to run this test")
    return folder
