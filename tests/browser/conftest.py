"""A box prepared as `make run` prepares it, served by the real server, looked at with a real browser."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


def shenzhi(*words: str) -> list[str]:
    return [sys.executable, "-m", "shenzhi.config", *words]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a box in which both cities are loaded, published and reported: made once for all workers."""
    home = tmp_path_factory.getbasetemp().parent / "prepared-box"
    with (home.parent / "prepared-box.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "done").exists():
            subprocess.run(
                shenzhi("run", "--prepare-only"), env={**os.environ, "SHENZHI_HOME": str(home)}, check=True
            )
            (home / "done").touch()
    return home


@pytest.fixture(scope="session")
def portal(prepared: Path) -> Iterator[str]:
    """The address of the portal served over the prepared box."""
    said = prepared.parent / "portal.log"
    with said.open("w") as log:
        server = subprocess.Popen(
            shenzhi("run", "--port", "0", "--workers", "2"),
            env={**os.environ, "SHENZHI_HOME": str(prepared)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    address = ""
    for _ in range(480):
        assert server.poll() is None, f"the server stopped before it answered; it said:\n{said.read_text()}"
        found = re.search(r"http://127\.0\.0\.1:\d+", said.read_text())
        if found:
            address = found.group()
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/alive", timeout=1)
                break
        time.sleep(0.25)
    else:
        server.kill()
        pytest.fail(f"the server did not answer within two minutes; it said:\n{said.read_text()}")
    yield address
    server.terminate()
    server.wait(timeout=20)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """Headless Chromium that finds the Chinese fonts of the box and no others."""
    if CHROMIUM is None:
        assert not os.environ.get("CI"), "continuous integration must have Chromium"
        pytest.skip("Chromium is not installed: apt-get install chromium")
    import pylopdf_fonts_zh_cn
    from playwright.sync_api import sync_playwright

    fonts = Path(pylopdf_fonts_zh_cn.__file__).parent
    setup = tmp_path_factory.mktemp("fonts") / "fonts.conf"
    setup.write_text(
        "<?xml version='1.0'?><!DOCTYPE fontconfig SYSTEM 'fonts.dtd'><fontconfig>"
        f"<dir>{fonts}</dir><cachedir>{setup.parent / 'cache'}</cachedir></fontconfig>"
    )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS, env={**os.environ, "FONTCONFIG_FILE": str(setup)}
        )
        yield chromium
        chromium.close()
