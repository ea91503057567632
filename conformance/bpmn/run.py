"""Proves that strangers read the procedures as BPMN 2.0: prepares a box, serves it, lets an engine and a modeller at it.

    .venv/bin/python conformance/bpmn/run.py
    .venv/bin/python conformance/bpmn/run.py --home /var/tmp/box --environment /var/tmp/client    both kept for the next time

The clients run in environments of their own (requirements.txt and package-lock.json, locked with hashes) and know nothing
of the box but its address. The second needs Node; where it is missing, that half is left out and said to be.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--home", type=Path, help="folder of the box (default: a new one)")
    parser.add_argument(
        "--environment", type=Path, help="folder of the client's environment (default: a new one)"
    )
    asked = parser.parse_args()
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shenzhi-bpmn-")))
        client = furnished(asked.environment or scratch / "environment")
        environment = {
            **os.environ,
            "SHENZHI_HOME": str(asked.home or scratch / "box"),
            "SHENZHI_RATES": "none",
        }
        environment["PYTHONPATH"] = os.pathsep.join(
            [str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
        )
        address = stack.enter_context(served(environment, scratch))
        documents = scratch / "documents"
        documents.mkdir()
        engine = subprocess.run([str(client), str(HERE / "client.py"), address, str(documents)], check=False)
        modeller = modelled(documents, (asked.environment or scratch / "environment") / "node")
        return engine.returncode or modeller


def modelled(documents: Path, folder: Path) -> int:
    """How the modeller's client ended; 0 where there is no Node, which is said."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        print(
            "SKIPPED bpmn-moddle: Node is missing, so nobody has judged the drawings. Way out: install nodejs and npm"
        )
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "client.mjs"):
        shutil.copy(HERE / name, folder / name)
    subprocess.run([npm, "ci", "--silent", "--ignore-scripts", "--no-audit"], cwd=folder, check=True)
    return subprocess.run([node, "client.mjs", str(documents)], cwd=folder, check=False).returncode


def furnished(folder: Path) -> Path:
    """The interpreter of the client's environment, which is made where it is missing."""
    program = folder / "bin" / "python"
    if not program.exists():
        venv.create(folder, with_pip=True)
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([str(program), *install, "-r", str(HERE / "requirements.txt")], check=True)
    return program


@contextlib.contextmanager
def served(environment: dict[str, str], scratch: Path) -> Iterator[str]:
    """The address of the box of the model city while it is served; it is opened first where it is new."""
    said = scratch / "server.log"
    with said.open("w") as log:
        command = [
            sys.executable,
            "-m",
            "shenzhi.config",
            "serve",
            "--port",
            "0",
            "--workers",
            "1",
            "--no-work",
        ]
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        for _ in range(480):
            assert server.poll() is None, (
                f"the server stopped before it answered; it said:\n{said.read_text()}"
            )
            if (found := re.search(r"http://127\.0\.0\.1:\d+", said.read_text())) and alive(found[0]):
                break
            time.sleep(0.5)
        else:
            raise SystemExit(f"the box did not answer in four minutes; it said:\n{said.read_text()}")
        yield found[0]
    finally:
        server.terminate()
        server.wait(30)


def alive(address: str) -> bool:
    try:
        urllib.request.urlopen(f"{address}/alive", timeout=10).close()  # noqa: S310 - http, as just printed
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
