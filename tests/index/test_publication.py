"""Publications: written whole or not at all, never changed, and quick to ask."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from shenzhi.pipeline.index.data import read_data
from shenzhi.pipeline.index.folder import current_edition, point_current
from shenzhi.pipeline.index.method import load_method
from shenzhi.pipeline.index.publish import files_of, manifest_of, release
from shenzhi.pipeline.index.published import Publication, PublicationError
from shenzhi.pipeline.index.run import compute
from shenzhi.pipeline.index.scope import IndexFault, scope_of
from shenzhi.pipeline.index.verify import verify


def make(method_path: Path, table: Path, published: Path, version: int = 0) -> Publication:
    """What `publish` does once it has the series of a city; `version` stands for the lake's."""
    method = load_method(method_path)
    series = read_data(table, method).series
    scope = scope_of(method, series)
    vintage = {"figures": {"version": version, "snapshots": ["ab"]}}
    manifest = manifest_of(method, scope, city="somewhere", fictional=True, vintage=vintage)
    return release(published, files_of(method, series, compute(method, series, scope)), manifest)


@pytest.fixture
def published(tmp_path) -> Path:
    return tmp_path / "published"


def test_publishing_again_from_the_same_input_changes_nothing(small, published):
    first = make(*small, published)
    before = {path: path.stat().st_mtime_ns for path in published.rglob("*.*")}
    again = make(*small, published)
    assert again.edition == first.edition
    assert {path: path.stat().st_mtime_ns for path in published.rglob("*.*")} == before


def test_other_data_make_another_edition_and_the_old_one_stays(small, published):
    first = make(*small, published)
    second = make(*small, published, version=1)
    assert first.edition != second.edition
    assert first.edition.startswith("small-")
    assert current_edition(published) == second.edition
    assert verify(published / first.edition).equal


def test_readers_get_the_edition_that_current_names(small, published):
    first = make(*small, published)
    make(*small, published, version=1)
    point_current(published, first.edition)
    assert Publication.open(published / current_edition(published)).edition == first.edition


def test_an_edition_that_was_changed_is_not_published_again(small, published):
    first = make(*small, published)
    path = first.folder / "scores.parquet"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(IndexFault, match=r"scores.parquet is not the file that was published"):
        make(*small, published)


def test_the_manifest_says_what_it_was_made_from(small, published):
    manifest = make(*small, published).manifest
    assert (manifest["city"], manifest["fictional"]) == ("somewhere", True)
    assert manifest["vintage"] == {"figures": {"version": 0, "snapshots": ["ab"]}}
    assert manifest["method"]["id"] == "small"
    assert len(manifest["code"]["sha256"]) == 64
    assert set(manifest["files"]) == {
        "method.yml", "series.parquet", "scores.parquet", "parts.parquet", "scales.parquet",
    }  # fmt: skip


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from test_publication import make
left = int(sys.argv[1])
real = os.fsync
def fsync(descriptor):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    real(descriptor)
os.fsync = fsync
folder = Path(sys.argv[2])
make(folder / "small.yml", folder / "table.csv", Path(sys.argv[3]), version=1)
"""


@pytest.mark.slow
@pytest.mark.parametrize("writes", range(10))
def test_a_publisher_killed_at_any_moment_leaves_the_old_edition_or_the_new_one(
    small, published, tmp_path, writes
):
    # ten moments: after each of the five files, the manifest, both folders, the pointer and its folder
    old = make(*small, published).edition
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(writes), str(tmp_path), str(published), here], check=False
    )
    now = current_edition(published)
    assert done.returncode == -9
    assert now == old or writes == 9
    assert verify(published).equal
    again = make(*small, published, version=1)
    assert current_edition(published) == again.edition
    assert verify(published).equal


def test_questions_are_answered_from_any_side(small, published):
    index = make(*small, published)
    assert index.periods() == ["2023", "2024"]
    assert index.latest() == "2024"
    assert index.areas() == ["A", "B", "D", "E"], "C has no published index in any period"
    assert [(one.node, one.score) for one in index.scores(area="D", period="2024")] == [
        ("index", 85), ("economy", 85), ("gdp", 70), ("energy", 90), ("ecology", None), ("pm25", None),
    ]  # fmt: skip
    assert [one.period for one in index.scores("index", area="E")] == ["2023", "2024"]
    assert [one.area for one in index.observations("gdp", period="2024")] == ["A", "B", "C", "D"]
    assert index.observations("gdp", "E") == index.observations(indicator="gdp", area="E", period="2023")
    assert index.method.nodes["gdp"].title.zh == "产值"


def test_a_question_about_what_is_not_there_has_no_answer(small, published):
    index = make(*small, published)
    assert index.score("nowhere", "2024") is None
    assert index.scores("nothing") == []
    assert index.parts("A", "2024", "gdp") == []
    assert index.observations("noise") == []
    with pytest.raises(PublicationError, match="has no table notes; it has series, scores, parts, scales"):
        index.table("notes")


def test_an_earlier_revision_is_shown_only_when_asked_for(small, published, tmp_path):
    index = make(*small, published)
    series = index.table("series")
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(series)
    rows = table.to_pylist()
    old = {**rows[0], "value": 1.0, "revision": 0, "current": False}
    folder = tmp_path / "copy"
    folder.mkdir()
    for path in index.folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    pq.write_table(pa.Table.from_pylist([old, *rows], schema=table.schema), folder / "series.parquet")
    copy = Publication.open(folder)
    key = (rows[0]["indicator"], rows[0]["area"], rows[0]["period"])
    assert [one.revision for one in copy.observations(*key)] == [1]
    assert [one.revision for one in copy.observations(*key, current=False)] == [0, 1]


def test_many_threads_get_the_same_answers(small, published):
    folder = make(*small, published).folder
    index = Publication(folder, json.loads((folder / "manifest.json").read_text()))
    answers: list[object] = []

    def ask() -> None:
        answers.append(
            (index.score("D", "2024"), index.parts("B", "2024", "economy"), index.observations("gdp"))
        )

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 16
    assert all(answer == answers[0] for answer in answers)


def test_a_folder_that_is_no_publication_says_so(tmp_path):
    with pytest.raises(PublicationError, match=r"is not a publication: it has no manifest.json"):
        Publication.open(tmp_path)


def test_two_publishers_at_once_leave_one_whole_edition(small, published):
    made: list[Publication] = []
    threads = [threading.Thread(target=lambda: made.append(make(*small, published))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len({one.edition for one in made}) == 1
    assert sorted(path.name for path in published.iterdir()) == ["current", made[0].edition]
    assert verify(published).equal
