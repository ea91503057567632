"""Keeping what was handed in: byte for byte, under its SHA-256, before anyone looks at what it says (article 84).

snapshots/<sha256>                  the bytes
snapshots/<sha256>.<source>.json    who handed it in, when, as what, how it was read and whether it was accepted
snapshots/<sha256>.<source>.csv     when refused: every cell that broke a rule
"""

from __future__ import annotations

import codecs
import hashlib
import json
import os
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

BLOCK = 4 << 20


@dataclass(frozen=True)
class Snapshot:
    """A file as it was handed in. `readings` say how its cells were read (see reasons.Note, as mappings)."""

    sha256: str
    source: str
    file_name: str
    size: int
    received_at: str
    by: str
    licence: str
    encoding: str
    readings: tuple[dict[str, Any], ...]
    accepted: bool
    rows: int = 0


@dataclass(frozen=True)
class Kept:
    """The bytes of a file, safely on the disk. `broken_at` is the place of the first byte that is not UTF-8 (-1: none);
    `blank_lines` says that somewhere two line ends follow each other, `underscores` that there is one anywhere."""

    sha256: str
    size: int
    broken_at: int
    blank_lines: bool
    underscores: bool


def keep(path: Path, folder: Path, tell: Callable[[int], None] = lambda done: None) -> Kept:
    """Copy `path` into `folder` under its hash: one pass, then flushed to the disk and renamed, so that a file under
    its hash is always whole. `tell` is called with the bytes done. Two copies of one file are one snapshot."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{uuid.uuid4().hex}.part"
    digest = hashlib.sha256()
    told = _Told()
    try:
        with path.open("rb", buffering=0) as given, part.open("wb", buffering=0) as copy:
            while block := given.read(BLOCK):
                digest.update(block)
                copy.write(block)
                told.see(block)
                tell(told.size)
            os.fsync(copy.fileno())
        kept = folder / digest.hexdigest()
        if kept.exists():
            part.unlink()
        else:
            part.replace(kept)
            _sync_folder(folder)
    finally:
        part.unlink(missing_ok=True)
    return told.kept(digest.hexdigest())


def describe(block: bytes) -> Kept:
    """What `keep` would say if these were all the bytes of a file; a character cut off at the end is no fault."""
    told = _Told()
    told.see(block)
    return replace(told.kept(""), broken_at=told.broken_at)


class _Told:
    """What the bytes passing by tell about a text file."""

    def __init__(self) -> None:
        self.size, self.broken_at = 0, -1
        self.blank_lines = self.underscores = False
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._tail = b"\n"  # so that a blank first line counts

    def see(self, block: bytes) -> None:
        self.blank_lines = self.blank_lines or _blank(self._tail + block[:2]) or _blank(block)
        self.underscores = self.underscores or b"_" in block
        if self.broken_at < 0:
            self.broken_at = _broken(self._decoder, block, self.size)
        self._tail = block[-2:]
        self.size += len(block)

    def kept(self, sha256: str) -> Kept:
        held = self._decoder.getstate()[0]
        broken_at = self.size - len(held) if self.broken_at < 0 and held else self.broken_at
        return Kept(sha256, self.size, broken_at, self.blank_lines, self.underscores)


def write_snapshot(folder: Path, snapshot: Snapshot) -> None:
    """Write the record beside the bytes; a reader sees the old record or the new one, never half of one."""
    path = folder / f"{snapshot.sha256}.{snapshot.source}.json"
    write_whole(path, json.dumps(asdict(snapshot), ensure_ascii=False, indent=1).encode())


def write_whole(path: Path, data: bytes) -> None:
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    _sync_folder(path.parent)


def read_snapshot(path: Path) -> Snapshot:
    given = json.loads(path.read_text(encoding="utf-8"))
    return Snapshot(**{**given, "readings": tuple(given["readings"])})


def _blank(block: bytes) -> bool:
    """Whether two line ends follow each other; by comparing neighbours, three times as fast as searching."""
    ends = np.frombuffer(block, np.uint8) == 10
    return bool((ends[1:] & ends[:-1]).any()) or (b"\r" in block and b"\n\r\n" in block)


def _broken(decoder: codecs.IncrementalDecoder, block: bytes, before: int) -> int:
    """The offset of the first byte that is not UTF-8, or -1. Plain ASCII is passed over at the speed of memory."""
    held = decoder.getstate()[0]
    if not held and block.isascii():
        return -1
    try:
        decoder.decode(block)
    except UnicodeDecodeError as error:
        return before - len(held) + error.start
    return -1


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
