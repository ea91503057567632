"""The house plan is checked by import contracts; a contract counts only after it was broken on purpose."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]

# contract -> (module to add, what it imports against the plan)
BREACHES = {
    "floors": {"kernel/breach.py": "import shenzhi.pipeline.lake.city"},
    "pipeline": {"pipeline/statistics/breach.py": "import shenzhi.pipeline.index.published"},
    "apps": {"apps/other/__init__.py": "import shenzhi.apps.law"},
    "web": {"web/breach.py": "import shenzhi.apps.law"},
    "parts": {"web/registers/breach.py": "import shenzhi.web.api"},
    "calc": {"calc/composite/breach.py": "import duckdb"},
    "store": {"pipeline/index/breach.py": "import deltalake"},
    "cycles": {
        "kernel/breach_one/__init__.py": "import shenzhi.kernel.breach_two",
        "kernel/breach_two/__init__.py": "import shenzhi.kernel.breach_one",
    },
}


def check_plan(folder: Path, contract: str) -> subprocess.CompletedProcess[str]:
    """Run one contract over the copy of the house in `folder`."""
    code = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", code, "--config", "pyproject.toml", "--no-cache", "--contract", contract],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def copy_of_the_house(folder: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", folder)
    only_code = shutil.ignore_patterns("__pycache__", "cities", "static", "templates")
    shutil.copytree(ROOT / "src" / "shenzhi", folder / "src" / "shenzhi", ignore=only_code)
    return folder


def test_every_contract_has_a_breach():
    plan = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert {contract["id"] for contract in plan["tool"]["importlinter"]["contracts"]} == set(BREACHES)


@pytest.mark.parametrize("contract", BREACHES)
def test_a_contract_holds_now_and_fails_when_broken(contract, tmp_path):
    house = copy_of_the_house(tmp_path)
    before = check_plan(house, contract)
    assert before.returncode == 0, before.stdout
    for path, line in BREACHES[contract].items():
        file = house / "src" / "shenzhi" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(line + "\n", encoding="utf-8")
    after = check_plan(house, contract)
    assert after.returncode == 1, after.stdout
    assert "0 kept, 1 broken" in after.stdout


def test_a_new_room_without_a_floor_is_refused(tmp_path):
    house = copy_of_the_house(tmp_path)
    (house / "src" / "shenzhi" / "attic").mkdir()
    (house / "src" / "shenzhi" / "attic" / "__init__.py").touch()
    assert "shenzhi.attic" in check_plan(house, "floors").stdout
