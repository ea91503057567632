"""A box of the model city to be tried by strangers' clients, and an environment of their own for these clients."""

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
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Trial:
    """A box that is served at `address`, the interpreter of the `client`, the `environment` in which the box stands, and
    folders: `kept` for what the clients install, `scratch` for what is thrown away."""

    address: str
    client: Path
    environment: dict[str, str]
    kept: Path
    scratch: Path


@contextlib.contextmanager
def trial(told: str, requirements: Path) -> Iterator[Trial]:
    """Prepares and serves a box and furnishes the client, in the folders that the command line names or in new ones."""
    parser = argparse.ArgumentParser(description=told, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, help="folder of the box (default: a new one)")
    parser.add_argument(
        "--environment", type=Path, help="folder of the client's environment (default: a new one)"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="shenzhi-conformance-") as folder:
        scratch = Path(folder)
        kept = asked.environment or scratch / "environment"
        client = furnished(kept, requirements)
        environment = {
            **os.environ,
            "SHENZHI_HOME": str(asked.home or scratch / "box"),
            "SHENZHI_RATES": "none",
        }
        environment["PYTHONPATH"] = os.pathsep.join(
            [str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
        )
        with served(environment, scratch) as address:
            yield Trial(address, client, environment, kept, scratch)


def furnished(folder: Path, requirements: Path) -> Path:
    """The interpreter of the client's environment, which is made of these locked packages where it is missing."""
    program = folder / "bin" / "python"
    if not program.exists():
        venv.create(folder, with_pip=True)
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([str(program), *install, "-r", str(requirements)], check=True)
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
