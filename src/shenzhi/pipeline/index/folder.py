"""Writes a publication as a folder, whole or not at all, and the same bytes for the same input (articles 84, 86).

Files are written to a folder of their own, brought to the disk, and renamed in one step; `current` names the edition
that readers get. A power cut at any moment leaves the old edition or the new one, never half of one.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import time
import uuid
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import shenzhi

MANIFEST = "manifest.json"
METHOD = "method.yml"
CURRENT = "current"
TABLES = ("series", "scores", "parts", "scales")
STALE_AFTER_SECONDS = 3600
# What an index is computed with: the arithmetic, and the pipeline up to the index.
CODE = ("calc", "kernel/words.py", "pipeline/lake", "pipeline/statistics", "pipeline/index")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def parquet(table: pa.Table) -> bytes:
    """The table as a Parquet file; the same table gives the same bytes."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd", version="2.6")
    return buffer.getvalue()


def canonical(value: Any) -> bytes:
    """JSON in one form only: keys in order, no spaces."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def readable(value: Any) -> bytes:
    """JSON for people to read: keys in order, one to a line."""
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


@lru_cache(maxsize=1)
def code() -> dict[str, str]:
    """Version of the program, and one hash over the source files that an index is computed with."""
    root = Path(shenzhi.__file__).parent
    found = [
        path
        for part in CODE
        for path in ([root / part] if part.endswith(".py") else (root / part).rglob("*.py"))
    ]
    lines = [f"{path.relative_to(root).as_posix()} {sha256(path.read_bytes())}" for path in found]
    return {"version": shenzhi.__version__, "sha256": sha256("\n".join(sorted(lines)).encode())}


def edition_of(manifest: Mapping[str, Any]) -> str:
    """The name that follows from what went in: `<method id>-<8 hex>` over city, method, scope, vintage and code."""
    inputs = {key: manifest[key] for key in ("city", "method", "scope", "vintage", "code")}
    return f"{manifest['method']['id']}-{sha256(canonical(inputs))[:8]}"


CERTIFIED = ("city", "edition", "method", "scope", "vintage", "code", "files")


def certificate_of(manifest: Mapping[str, Any]) -> str:
    """One hash over method, data vintage, program and result: who holds it can tell whether a copy is the one published,
    whenever it was made."""
    return sha256(canonical({key: manifest[key] for key in CERTIFIED}))


def write_folder(
    target: Path, files: Mapping[str, bytes], manifest: Mapping[str, Any], *, replace: bool = False
) -> None:
    """Write `files` and the manifest, with their hashes in it, to the new folder `target`.

    With `replace` an older folder of that name gives way once the new one is whole. Otherwise, where another run has
    written `target` in the meantime, that one stays."""
    whole = {**manifest, "files": {name: sha256(data) for name, data in sorted(files.items())}}
    target.parent.mkdir(parents=True, exist_ok=True)
    _clear_stale(target.parent)
    draft = target.parent / f".draft-{target.name}-{uuid.uuid4().hex[:12]}"
    draft.mkdir()
    try:
        for name, data in files.items():
            _write(draft / name, data)
        _write(draft / MANIFEST, readable(whole))
        _settle(draft)
        if replace and target.exists():
            old = target.rename(draft.with_name(f"{draft.name}-old"))
            draft.rename(target)
            shutil.rmtree(old, ignore_errors=True)
        else:
            try:
                draft.rename(target)
            except OSError:
                if not target.is_dir():
                    raise
        _settle(target.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def point_current(published: Path, edition: str) -> None:
    """Make `edition` the one that readers get, in one step."""
    draft = published / f".{CURRENT}-{uuid.uuid4().hex[:12]}"
    _write(draft, f"{edition}\n".encode())
    os.replace(draft, published / CURRENT)
    _settle(published)


def current_edition(published: Path) -> str:
    """The edition that readers get; "" when nothing has been published."""
    path = published / CURRENT
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def damaged(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Files of the manifest that are missing or no longer have their hash, in order of name."""
    wrong = []
    for name, expected in sorted(manifest["files"].items()):
        path = folder / name
        if not path.is_file():
            wrong.append(f"{name} is missing")
        elif sha256(path.read_bytes()) != expected:
            wrong.append(
                f"{name} is not the file that was published: its SHA-256 is not the one in {MANIFEST}"
            )
    return wrong


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Bring the entries of a folder to the disk, without which a rename may be lost."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _clear_stale(folder: Path) -> None:
    """Remove drafts that a killed run left behind; a younger one may still be at work."""
    for draft in folder.glob(".draft-*"):
        if time.time() - draft.stat().st_mtime > STALE_AFTER_SECONDS:
            shutil.rmtree(draft, ignore_errors=True)
