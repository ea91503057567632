"""Proves that strangers' clients of Open311 GeoReport v2 get on with the box: prepares one, serves it, lets the client loose.

    .venv/bin/python conformance/open311/run.py
    .venv/bin/python conformance/open311/run.py --home /var/tmp/box --environment /var/tmp/client    both kept for the next time

The client runs in an environment of its own (requirements.txt, locked with hashes) and knows nothing of the box but its
address, and a command with which the office moves a problem on.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
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
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shenzhi-open311-")))
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
        shared = Path(os.environ.get("SHENZHI_SHARED") or ROOT.parent / "shared")
        schemas = shared / "data" / "open311"
        # the platform's interpreter beside the client's: only to move the problem on, as its clerk would
        move = [sys.executable, str(HERE / "office.py")]
        given = [address, str(schemas) if schemas.is_dir() else "", *move]
        return subprocess.run(
            [str(client), str(HERE / "client.py"), *given], env=environment, check=False
        ).returncode


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
