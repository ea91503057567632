"""Keeps the bytes of attached files under their hash, outside the web root: each content once, however often it is attached."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from shenzhi.kernel.attachments.models import Attachment

UNCONFIRMED = 24 * 3600
"""Seconds after which a file that no record names is taken away: whoever brought it died, or was refused."""


class Missing(LookupError):
    """The bytes of an attachment are gone, or are not those whose hash stands in history."""


def folder() -> Path:
    return Path(settings.HOME) / "attachments"


def path_of(sha256: str) -> Path:
    return folder() / sha256[:2] / sha256


def keep(data: bytes) -> str:
    """Bring the bytes to the disk and say their hash. They stay for a day; a row that names them keeps them for good."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = path_of(sha256)
    with _alone():
        if path.exists():
            os.utime(path)
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".")  # readable by this account alone
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
        _to_disk(path.parent)
        _to_disk(folder())
    return sha256


def checked(sha256: str) -> Path:
    """Where the bytes lie, once they have proved to be those of the hash; Missing when they are gone or were altered."""
    path = path_of(sha256)
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise Missing(sha256) from error
    if found != sha256:
        raise Missing(sha256)
    return path


def sweep(now: float | None = None) -> int:
    """Take away the files that no record has named for a day, and say how many."""
    gone = 0
    for path in folder().glob("??/*"):
        with _alone():
            old = path.stat().st_mtime < (now or time.time()) - UNCONFIRMED
            if old and not Attachment.objects.filter(sha256=path.name).exists():
                path.unlink()
                gone += 1
    for draft in folder().glob("??/.*"):
        if draft.stat().st_mtime < (now or time.time()) - UNCONFIRMED:
            draft.unlink()
            gone += 1
    return gone


@contextmanager
def _alone() -> Iterator[None]:
    """One at a time among all processes: or a file could be swept away while somebody counts on it."""
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder() / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _to_disk(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
