"""The public pages of history: a head and a chain that a stranger can check, and nothing of any record."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.kernel.history import heads
from shenzhi.kernel.history.events import Event, Lane
from shenzhi.kernel.registers.writing import change

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "src/shenzhi/web/history/static/history/check_history.py"


@pytest.fixture(autouse=True)
def own_home(settings, tmp_path):
    settings.HOME = tmp_path / "home"


@pytest.fixture
def head(office):
    change(office.firm, by=PLATFORM, name="松风制造有限公司")
    return heads.publish(dt.date(2026, 1, 2))


def checked(folder: Path, client, head) -> subprocess.CompletedProcess[str]:
    """What a stranger's run of the script says over what the addresses gave."""
    (folder / "head.json").write_bytes(client.get(f"/history/heads/{head.day}.json").content)
    files = []
    for lane in Lane.objects.values_list("number", flat=True):
        files.append(folder / f"chain-{lane}.csv")
        files[-1].write_bytes(client.get(f"/history/chain.csv?lane={lane}").content)
    return subprocess.run(
        [sys.executable, SCRIPT, folder / "head.json", *files], capture_output=True, text=True, check=False
    )


def test_a_stranger_recomputes_the_chain_from_the_public_addresses(client, head, tmp_path):
    done = checked(tmp_path, client, head)
    assert (done.stdout, done.stderr) == (
        f"{Event.objects.count()} events, whole, through the head of 2026-01-02\n",
        "",
    )


@pytest.mark.parametrize(
    ("pattern", "put", "said"),
    [
        (
            r"(?m)^(\d+,3),[0-9a-f]{64}",
            r"\1," + "0" * 64,
            "place 3: the hash is not the one that must stand here",
        ),
        (r"(?m)^\d+,3,.*\n", "", "after place 2 comes 4"),
    ],
)
def test_a_stranger_finds_what_was_touched(client, head, tmp_path, pattern, put, said):
    checked(tmp_path, client, head)
    (file,) = tmp_path.glob("chain-*.csv")
    file.write_text(re.sub(pattern, put, file.read_text()))
    done = subprocess.run(
        [sys.executable, SCRIPT, tmp_path / "head.json", file], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.endswith(f"{said}\n")


def test_a_stranger_finds_a_chain_cut_short_and_a_head_that_was_altered(client, head, tmp_path):
    checked(tmp_path, client, head)
    (file,) = tmp_path.glob("chain-*.csv")
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))
    command = [sys.executable, SCRIPT, tmp_path / "head.json", file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr.startswith("the chain ends before the head of 2026-01-02")
    told = json.loads((tmp_path / "head.json").read_text())
    (tmp_path / "head.json").write_text(json.dumps({**told, "events": 1}))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == "the head of 2026-01-02 was altered\n"


def test_a_long_lane_is_given_in_stretches(client, head, monkeypatch):
    monkeypatch.setattr("shenzhi.web.history.pages.AT_ONCE", 2)
    (lane, last, _) = json.loads(head.lanes)[0]
    rows, after = [], 0
    while (
        part := client.get(f"/history/chain.csv?lane={lane}&after={after}").content.decode().splitlines()[1:]
    ):
        assert len(part) <= 2
        rows += part
        after = int(part[-1].split(",")[1])
    assert [int(row.split(",")[1]) for row in rows] == list(range(1, last + 1))


def test_the_addresses_tell_nothing_of_any_record(client, head, office):
    given = "".join(
        client.get(address).content.decode()
        for address in (
            "/history/",
            "/en/history/",
            "/history/heads.json",
            f"/history/chain.csv?lane={Event.objects.first().lane}",
        )
    )
    for secret in ("松风", "13812345678", "kernel_organisation", "平台"):
        assert secret not in given.replace("平台自己", "").replace("平台之外", "")


def test_the_page_shows_the_heads_in_both_languages(client, head):
    for address, heading in (
        ("/history/", "不可改写的历史"),
        ("/en/history/", "A history that cannot be rewritten"),
    ):
        page = client.get(address).content.decode()
        assert f"<h1>{heading}</h1>" in page
        assert head.hash in page


def test_before_the_first_head_the_page_says_so(client, db):
    assert "尚未公布链头" in client.get("/history/").content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "heads/2026-01-03.json",
        "heads/2026-13-45.json",
        "chain.csv?lane=x",
        "chain.csv?after=-1",
        "chain.csv?lane=²",
    ],
)
def test_what_is_not_there_is_not_found(client, head, address):
    assert client.get(f"/history/{address}").status_code == 404


def test_a_head_may_be_kept_by_caches_for_ever(client, head):
    response = client.get("/history/heads/2026-01-02.json")
    assert response.json() == heads.as_data(head)
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_the_guide_shows_the_program_that_the_page_gives():
    guide = (ROOT / "docs/how-to/check-the-history.md").read_text(encoding="utf-8")
    assert SCRIPT.read_text(encoding="utf-8") in guide
