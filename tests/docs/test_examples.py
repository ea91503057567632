"""Examples in documents are run, so that a reader can trust them.

<!-- run -->              the block below (sh or python) is executed; blocks of one page share a folder
<!-- file: NAME -->       the block below is written to NAME in that folder
<!-- shows -->            every line of the block below stands, in order, in what the run before it printed;
                          runs of spaces count as one
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
MARKED = re.compile(
    r"^(?P<pad> *)<!-- (?P<mark>run|shows|file: (?P<name>\S+)) -->\n+"
    r"(?P=pad)```(?P<kind>\w*)\n(?P<body>.*?)^(?P=pad)```$",
    re.M | re.S,
)


@dataclass(frozen=True)
class Block:
    mark: str
    name: str
    kind: str
    body: str
    line: int


def blocks(text: str) -> list[Block]:
    return [
        Block(
            found["mark"],
            found["name"] or "",
            found["kind"],
            textwrap.dedent(found["body"]),
            text[: found.start()].count("\n") + 1,
        )
        for found in MARKED.finditer(text)
    ]


def folded(text: str) -> str:
    return " ".join(text.split())


def run_page(text: str, folder: Path) -> None:
    """Write, run and compare the marked blocks of a page; AssertionError names the line of the first that fails."""
    printed = ""
    environment = {
        **os.environ,
        "SHENZHI_HOME": str(folder / "var"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONUTF8": "1",
        "COLUMNS": "200",
        "NO_COLOR": "1",
    }
    for block in blocks(text):
        if block.name:
            file = folder / block.name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.body, encoding="utf-8")
        elif block.mark == "run":
            shell = [sys.executable, "-"] if block.kind == "python" else ["bash", "-e", "-o", "pipefail"]
            done = subprocess.run(
                shell,
                input=block.body,
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            printed = done.stdout
            assert done.returncode == 0, f"line {block.line}: the example failed\n{printed}"
        else:
            at, said = 0, folded(printed)
            for line in filter(None, map(folded, block.body.splitlines())):
                found = said.find(line, at)
                assert found >= 0, f"line {block.line}: {line!r} is not in the output\n{printed}"
                at = found + len(line)


RUNNABLE = sorted(path for path in DOCS.rglob("*.md") if blocks(path.read_text(encoding="utf-8")))


@pytest.mark.slow
@pytest.mark.parametrize("path", RUNNABLE, ids=lambda path: path.relative_to(DOCS).as_posix())
def test_the_examples_of_a_page_run(path, tmp_path):
    run_page(path.read_text(encoding="utf-8"), tmp_path)


def test_a_mark_that_is_misspelt_is_noticed():
    for path in DOCS.rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        prose = re.sub(r"`[^`]*`", "", text)  # a mark named in running text is not one
        marks = re.findall(r"^ *<!-- (?:run|shows?|files?)\b.*-->", prose, re.M)
        assert len(marks) == len(blocks(text)), path


PAGE = """<!-- file: a/b.txt -->
```text
深质
```

<!-- run -->
```sh
cat a/b.txt; echo "$SHENZHI_HOME"
```

<!-- shows -->
```text
深质
var
```
"""


def test_the_runner_writes_runs_and_compares(tmp_path):
    run_page(PAGE, tmp_path)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("cat a/b", "cat a/c", "line 6: the example failed"),
        ("深质\nvar", "var\n深质", "line 11: '深质' is not in the output"),
    ],
)
def test_the_runner_fails_when_an_example_is_wrong(tmp_path, before, after, told):
    with pytest.raises(AssertionError, match=told):
        run_page(PAGE.replace(before, after), tmp_path)


def test_a_python_example_runs_in_the_same_folder(tmp_path):
    run_page(PAGE + "\n<!-- run -->\n```python\nprint(open('a/b.txt').read())\n```\n", tmp_path)
