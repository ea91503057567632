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
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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

    # its event loop stays in this process, where later tests ask the database from no loop at all
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
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


@pytest.fixture(scope="session")
def passwords(prepared: Path) -> dict[str, str]:
    """What `shenzhi office demo` says: a password for each demo account of the model office, by user name.

    Asked once for all workers, for whoever asks again sets new passwords."""
    said = prepared.parent / "passwords.txt"
    with (prepared.parent / "passwords.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            done = subprocess.run(
                shenzhi("office", "demo"),
                env={**os.environ, "SHENZHI_HOME": str(prepared)},
                check=True,
                capture_output=True,
                text=True,
            )
            said.write_text(done.stdout)
    return dict(re.findall(r"^(\w+) +(\S+) +\S+ \w", said.read_text(), re.MULTILINE))


@pytest.fixture(scope="session")
def session_of(browser: Any, portal: str, passwords: dict[str, str]) -> Callable[[str], Any]:
    """The cookies of a demo account, which signs in once, through the page of the portal."""
    kept: dict[str, Any] = {}

    def sign_in(name: str) -> Any:
        if name not in kept:
            context = browser.new_context()
            page = context.new_page()
            page.goto(f"{portal}/account/login/")
            page.fill("input[name=login]", name)
            page.fill("input[name=password]", passwords[name])
            page.press("input[name=password]", "Enter")
            page.wait_for_url(f"{portal}/account/")
            kept[name] = context.storage_state()
            context.close()
        return kept[name]

    return sign_in


@pytest.fixture
def sit_down(browser: Any, portal: str, session_of: Callable[[str], Any]) -> Iterator[Callable[..., Any]]:
    """A page of the office for a demo account, or for the public (""), with relative addresses.

    When the test ends, no page may have asked another host, or have been refused anything by the policy of its contents."""
    seated: list[Any] = []

    def sit(name: str = "", *, width: int = 1280, scripts: bool = True) -> Any:
        context = browser.new_context(
            base_url=portal,
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",  # or colours would be measured on their way from light to dark
            java_script_enabled=scripts,
            storage_state=session_of(name) if name else None,
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.strangers, page.faults = [], []
        page.on(
            "request",
            lambda r: page.strangers.append(r.url) if not r.url.startswith((portal, "data:")) else None,
        )
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        # the browser announces an answer of 4xx as an error of its own, which is right
        page.on(
            "console",
            lambda m: (
                page.faults.append(m.text)
                if m.type == "error" and "the server responded with a status of 4" not in m.text
                else None
            ),
        )
        seated.append(page)
        return page

    yield sit
    for page in seated:
        page.context.close()
    assert [(page.strangers, page.faults) for page in seated if page.strangers or page.faults] == []
