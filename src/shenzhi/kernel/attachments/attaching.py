"""Attaches files to records and gives them out again, each only to those who may read it (articles 71, 90)."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import transaction

from shenzhi.kernel.access.roles import HANDLERS, SYSTEM, Reader
from shenzhi.kernel.attachments.kinds import KINDS, LARGEST, cleaned, kind_of, refused
from shenzhi.kernel.attachments.models import Attachment
from shenzhi.kernel.attachments.pictures import redrawn
from shenzhi.kernel.attachments.store import keep
from shenzhi.kernel.history.events import now
from shenzhi.kernel.registers.record import Record
from shenzhi.kernel.registers.sight import ALL_FILES, fits
from shenzhi.kernel.registers.writing import Invalid, NotAllowed, history_of, rewrite
from shenzhi.kernel.words import Words

MOST = 20
"""Files that one account may attach to one record: counted each by itself, or a party could tell how many others did."""


class Upload(Protocol):
    """What a browser handed in: any file that can be read, with the name that it had."""

    name: Any

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True)
class Checked:
    """A file that may be attached: what it is, its bytes as they are kept, and the hash of those that were handed in."""

    name: str
    kind: str
    data: bytes
    given: str


def looked_at(file: Upload) -> Checked:
    """The file, told by its bytes and drawn anew where it is a picture; Invalid with what is wrong with it.

    For those who attach in the transaction of another verb: looking at a large picture takes long, and holds nothing up."""
    given = file.read(LARGEST + 1)
    name = cleaned(str(file.name or ""))
    kind = kind_of(given, name)
    data = redrawn(given, kind) if KINDS[kind].picture else given
    return Checked(name, kind, data, hashlib.sha256(given).hexdigest())


def attach(
    record: Record,
    file: Upload | Checked,
    *,
    by: Reader,
    reach: str = "closed",
    at: dt.datetime | None = None,
) -> Attachment:
    """Attach a file to a record; its hash stands in the record's history from then on.

    NotAllowed, or Invalid with what is wrong with the file. The same file attached again is the one that is there. Its
    bytes are on the disk before the record names them: whatever happens in between, nothing half done can be reached.
    """
    if not may_attach(record, by):
        raise NotAllowed(
            Words(
                f"您的角色不能向 {record.number} 添加附件。",
                f"Your role may not attach files to {record.number}.",
            )
        )
    if reach != "closed":
        _decides(record, reach, by)
    checked = file if isinstance(file, Checked) else looked_at(file)
    moment, size = at or now(), len(checked.data)
    with transaction.atomic():
        sha256 = keep(checked.data)
        # a file joins the record whatever else was changed meanwhile, so no version is expected
        current = type(record)._base_manager.select_for_update().get(pk=record.pk)
        files = Attachment.objects.filter(register=current.register.code, record=current.pk)
        same = files.filter(sha256=sha256).first()
        if same is not None and (same.actor == by.account or may_decide(record, by)):
            return same
        if history_of(current).filter(act="attached", actor=by.account).count() >= MOST:
            raise refused(
                f"最多 {MOST} 个附件：请合并后再提交。", f"At most {MOST} files: join some of them."
            )
        # the name stays out of history: it may say more about a person than the record does
        told = {
            "file": {
                "sha256": sha256,
                "size": size,
                "kind": checked.kind,
                "reach": reach,
                "given": checked.given,
            }
        }
        rewrite(current, {}, by=by, act="attached", at=moment, told=told)
        record.version = current.version
        if same is not None:  # somebody else had attached it, of which this account learns nothing
            return same
        return Attachment.objects.create(
            register=current.register.code,
            record=current.pk,
            name=checked.name,
            kind=checked.kind,
            size=size,
            sha256=sha256,
            reach=reach,
            actor=by.account,
            at=moment,
        )


def set_reach(attachment: Attachment, record: Record, reach: str, *, by: Reader) -> None:
    """Let a file of the record go as far as `reach` from now on, or no farther; history says who decided it, and when.

    Where a register keeps persons secret, a file that somebody else attached loses its name when it is opened: whoever
    calls a photograph after himself shall not find his name in its address."""
    _decides(record, reach, by)
    with transaction.atomic():
        current = type(record)._base_manager.select_for_update().get(pk=record.pk)
        row = Attachment.objects.select_for_update().get(
            pk=attachment.pk, register=current.register.code, record=current.pk
        )
        if row.reach != reach:
            told = {"file": {"sha256": row.sha256, "from": row.reach, "reach": reach}}
            rewrite(current, {}, by=by, act="changed", at=now(), told=told)
            if reach == "open" and current.register.personal and row.actor != by.account:
                row.name = f"{current.number}-{row.sha256[:6]}.{KINDS[row.kind].endings[0]}"
            Attachment.objects.filter(pk=row.pk).update(reach=reach, name=row.name)
    attachment.reach, attachment.name, record.version = reach, row.name, current.version


def may_decide(record: Record, by: Reader) -> bool:
    """Whether the reader may say how far the record's files go: those who carry the register out."""
    known = by.within(record.register.code)
    return known.may_write and any(
        fits(record.register, known, role, record.pk) for role in (*HANDLERS, SYSTEM) if role in known.roles()
    )


def _decides(record: Record, reach: str, by: Reader) -> None:
    if reach not in ALL_FILES:
        raise Invalid({"reach": [Words("请选择公开属性。", "Choose how far the file may go.")]})
    if not may_decide(record, by):
        raise NotAllowed(
            Words(
                "附件公开到什么程度，由承办部门决定。",
                "How far a file may go is decided by those who carry it out.",
            )
        )


def may_attach(record: Record, by: Reader) -> bool:
    """Whether the reader may attach files: whoever enters, changes or moves such a record, and its parties, until it ends."""
    register = record.register
    known = by.within(register.code)
    roles = {*register.adds, *register.changes, *(stake.role for stake in register.stakes), SYSTEM} - {
        "public"
    }
    if (procedure := register.procedure) is not None:
        state = procedure.state[record.state]
        if state.final:
            return known.is_system
        roles |= {role for move in procedure.moves_from(state.code) for role in move.by} - {"public"}
    return known.may_write and any(
        role in known.roles() and fits(register, known, role, record.pk) for role in sorted(roles)
    )


def attached(record: Record, reader: Reader) -> list[Attachment]:
    """The files of a record that the reader may read, oldest first; none where the record itself is hidden."""
    if record.reader != reader:
        found = type(record).objects.visible_to(reader).filter(pk=record.pk).first()
        if found is None:
            return []
        record = found
    files = Attachment.objects.filter(
        register=record.register.code, record=record.pk, reach__in=sorted(record.sight.files)
    )
    return list(files.order_by("id"))
