"""Files handed in for an import, kept under their hash between the check and the confirmation: each person sees only the
own ones, and what nobody confirms is gone after a week."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.exchange.faults import Fault
from shenzhi.kernel.exchange.planning import Plan
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.words import Words

KEPT_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True)
class Checked:
    """What is kept of a check: enough for its page and its list of faults."""

    name: str
    rows: int
    fields: tuple[str, ...]
    fault_count: int
    faulty_rows: int
    faults: tuple[Fault, ...]
    first: str = ""
    last: str = ""
    """The numbers of the first and the last record, once it was carried out."""


def keep(reader: Reader, pieces: Iterable[bytes]) -> tuple[str, Path]:
    """Write a file that comes in pieces into the reader's own folder; its hash and its place."""
    folder = _folder(reader)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _forget_old(folder)
    digest = hashlib.sha256()
    handle, given = tempfile.mkstemp(dir=folder, prefix="new-")
    with os.fdopen(handle, "wb") as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
    name = digest.hexdigest()
    Path(given).replace(folder / name)
    return name, folder / name


def place(reader: Reader, digest: str) -> Path | None:
    """Where the reader's file with this hash lies, None where there is none (any more)."""
    path = _folder(reader) / digest
    return path if path.is_file() else None


def note(register: Register, reader: Reader, name: str, made: Plan) -> None:
    """Keep what a check found, beside the file."""
    kept = Checked(name, len(made.rows), made.fields, made.fault_count, made.faulty_rows, made.faults)
    _note_path(register, reader, made.sha256).write_text(json.dumps(asdict(kept), ensure_ascii=False))


def noted(register: Register, reader: Reader, digest: str) -> Checked | None:
    """What the reader's check of this file for this register found, None where there was none."""
    path = _note_path(register, reader, digest)
    if not path.is_file():
        return None
    told = json.loads(path.read_text())
    faults = tuple(_fault(one) for one in told.pop("faults"))
    return Checked(**{**told, "fields": tuple(told["fields"])}, faults=faults)


def close(register: Register, reader: Reader, digest: str, first: str, last: str) -> None:
    """The import was carried out: the file goes, the note says which records it made."""
    path = _note_path(register, reader, digest)
    told = json.loads(path.read_text())
    path.write_text(json.dumps({**told, "first": first, "last": last}, ensure_ascii=False))
    (_folder(reader) / digest).unlink(missing_ok=True)


def _fault(told: dict[str, Any]) -> Fault:
    words: dict[str, Any] = {name: Words(**told.pop(name)) for name in ("title", "message", "way_out")}
    return Fault(**told, **words)


def _folder(reader: Reader) -> Path:
    return Path(settings.HOME) / "incoming" / str(reader.account or 0)


def _note_path(register: Register, reader: Reader, digest: str) -> Path:
    return _folder(reader) / f"{digest}.{register.slug}.json"


def _forget_old(folder: Path) -> None:
    for path in folder.iterdir():
        if path.stat().st_mtime < time.time() - KEPT_SECONDS:
            path.unlink(missing_ok=True)
