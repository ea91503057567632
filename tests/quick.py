"""Which tests `make check` runs: the quick ones. Which are not stands in tests/unhurried.txt, written by a measurement.

    make unhurried      run the tests without marks once, alone on the machine, and write the list anew

A test that no measurement has seen yet counts as quick. `make test` runs every test, whatever the list says.
"""

from __future__ import annotations

import collections
from pathlib import Path

import pytest

LIST = Path(__file__).with_name("unhurried.txt")
QUICK_SECONDS = 0.06
"""What one case of a test, with what is prepared for it, may take on average: so many thousands fit into a minute."""

_seconds: dict[str, list[float]] = collections.defaultdict(list)


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("quick")
    group.addoption("--quick", action="store_true", help="leave out the tests that tests/unhurried.txt names")
    group.addoption("--measure-quick", action="store_true", help="write tests/unhurried.txt anew")


def named(nodeid: str) -> str:
    """A test without its cases."""
    return nodeid.split("[", 1)[0]


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--quick") or not LIST.exists():
        return
    known = set(LIST.read_text(encoding="utf-8").splitlines())
    out = [item for item in items if named(item.nodeid) in known]
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if named(item.nodeid) not in known]


def note(report: pytest.TestReport) -> None:
    if report.when == "call":
        _seconds[named(report.nodeid)].append(report.duration)
    elif report.when == "setup":
        # what a test's own fixtures take counts for it; what is prepared once for a folder is far above, and spread
        _seconds[named(report.nodeid)].append(min(report.duration, QUICK_SECONDS))


def write(config: pytest.Config) -> None:
    if config.getoption("--measure-quick"):
        cases = {name: len(times) // 2 or 1 for name, times in _seconds.items()}
        slow = sorted(name for name, times in _seconds.items() if sum(times) / cases[name] > QUICK_SECONDS)
        LIST.write_text("".join(f"{name}\n" for name in slow), encoding="utf-8")
