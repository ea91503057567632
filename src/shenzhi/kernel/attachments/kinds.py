"""What kind of file was handed in: told by its bytes, and its name must agree. What is not on the list is refused (article 71).

A file may be one thing only. One that a browser or a program could also take for another (a picture that is a page, a
PDF that is an archive) is refused, whatever its first bytes say.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass

import puremagic

from shenzhi.kernel.registers.writing import Invalid
from shenzhi.kernel.words import Words

LARGEST = 20 << 20
"""Bytes of one file."""
UNPACKED = 200 << 20
"""Bytes that the parts of an office document may come to."""
DENSEST = 100
"""And how many times the file's own size, once they are large at all."""
PARTS = 5000
LONGEST_NAME = 120


@dataclass(frozen=True)
class Kind:
    """One kind of file that is taken: the endings of its name, its media type, and the part that an archive must have."""

    endings: tuple[str, ...]
    media_type: str
    part: str = ""
    picture: bool = False


KINDS = {
    "pdf": Kind(("pdf",), "application/pdf"),
    "png": Kind(("png",), "image/png", picture=True),
    "jpeg": Kind(("jpg", "jpeg"), "image/jpeg", picture=True),
    "webp": Kind(("webp",), "image/webp", picture=True),
    "docx": Kind(("docx",), "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "word/document.xml"),
    "xlsx": Kind(("xlsx",), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xl/workbook.xml"),
    "odt": Kind(("odt",), "application/vnd.oasis.opendocument.text", "content.xml"),
    "ods": Kind(("ods",), "application/vnd.oasis.opendocument.spreadsheet", "content.xml"),
    "txt": Kind(("txt",), "text/plain; charset=utf-8"),
    "csv": Kind(("csv",), "text/csv; charset=utf-8"),
}  # fmt: skip
TAKEN = "pdf png jpg webp docx xlsx odt ods txt csv"
_TEXTS = ("txt", "csv")
_MARKUP = re.compile(
    rb"\A\s*<|<(?:!doctype|html|head|body|script|svg|iframe|object|embed|\?php|\?xml)\b|%PDF-", re.IGNORECASE
)
_ENDED = re.compile(rb"%%EOF[\r\n\t \x00]*\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_INNER = re.compile(r"\.(?=[^\W\d_])")
_FORBIDDEN = re.compile(r'[<>:"|?*%&#;$`\'\\/]+')


def refused(zh: str, en: str) -> Invalid:
    """The refusal of a file, for its field."""
    return Invalid({"file": [Words(zh, en)]})


def cleaned(name: str) -> str:
    """The name without folders, control and direction signs, and inner endings: "../a/报告.exe.pdf" is 报告_exe.pdf."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(
        sign for sign in last if unicodedata.category(sign) not in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")
    )
    stem, dot, ending = _FORBIDDEN.sub("_", seen).strip(" .").rpartition(".")
    if not dot:
        stem, ending = ending, ""
    stem = _INNER.sub("_", stem).strip(" .")[: LONGEST_NAME - 8] or "file"
    return f"{stem}.{ending.strip().lower()}" if ending else stem


def kind_of(data: bytes, name: str) -> str:
    """The kind of a file by its bytes; Invalid says what is wrong with it and what would be taken."""
    if not data:
        raise refused("文件是空的：请检查后重新选择。", "The file is empty: check it and choose it again.")
    if len(data) > LARGEST:
        raise refused(
            f"文件超过 {LARGEST >> 20} MB：请压缩图片或者分成几个文件。",
            f"The file is larger than {LARGEST >> 20} MB: make its pictures smaller or hand it in as several files.",
        )
    ending = name.rpartition(".")[2].lower()
    named = next((code for code, kind in KINDS.items() if ending in kind.endings), None)
    if named is None:
        raise refused(
            f"不接收 .{ending} 文件：可以提交 {TAKEN}。",
            f"Files .{ending} are not taken: hand in one of {TAKEN}.",
        )
    found = _sniffed(data, named)
    if found != named:
        raise refused(
            f"文件名写的是 .{ending}，内容却不是：请用原来的程序另存为 .{ending} 后再提交。",
            f"The name says .{ending} but the content does not: save it again as .{ending} with the program it came from.",
        )
    return named


def _sniffed(data: bytes, named: str) -> str | None:
    """What the bytes are; `named` decides only between kinds whose bytes are alike, as all plain texts are."""
    if data.startswith(b"%PDF-"):
        return "pdf" if _ENDED.search(data[-1100:]) and not _archived(data) and _agrees(data, "pdf") else None
    if data.startswith(b"PK\x03\x04"):
        return _document(data)
    for code, mark in (("png", b"\x89PNG\r\n\x1a\n"), ("jpeg", b"\xff\xd8\xff"), ("webp", b"RIFF")):
        # whatever else a picture carries is left behind when it is drawn anew
        if data.startswith(mark) and (code != "webp" or data[8:12] == b"WEBP"):
            return code if _agrees(data, code) else None
    return named if named in _TEXTS and _is_text(data) else None


def _agrees(data: bytes, code: str) -> bool:
    """Whether the library of signatures sees the same: a second pair of eyes with a list of its own."""
    try:
        guesses = puremagic.magic_string(data[:4096])
    except puremagic.PureError:
        return False
    return any(guess.extension.lstrip(".") in KINDS[code].endings for guess in guesses)


def _archived(data: bytes) -> bool:
    return zipfile.is_zipfile(io.BytesIO(data))


def _is_text(data: bytes) -> bool:
    """Text in UTF-8 or GB 18030 without control characters, and nothing that a browser would take for a page."""
    if _MARKUP.search(data[:4096]) or _archived(data):
        return False
    for code in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(code)
        except UnicodeDecodeError:
            continue
        return _CONTROL.search(text) is None
    return False


def _document(data: bytes) -> str | None:
    """Which office document an archive is; None for any other archive, a damaged one, and one with something before or
    behind it. Invalid for one that would grow out of all measure or that carries programs."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            size = sum(entry.file_size for entry in entries)
            if len(entries) > PARTS or size > UNPACKED or size > max(UNPACKED // 10, DENSEST * len(data)):
                raise refused(
                    "文档解压后大得不合常理，为安全起见没有打开：请另存后再提交。",
                    "Unpacked, the document is far larger than its file; it was not opened: save it again and hand it in.",
                )
            if any(
                name.lower().endswith(("vbaproject.bin", ".exe", ".js", ".html", ".htm")) for name in names
            ):
                raise refused(
                    "文档里含有宏或者程序：请另存为不含宏的文档后再提交。",
                    "The document carries macros or programs: save it without them and hand it in again.",
                )
            whole = archive.comment == b"" and min(entry.header_offset for entry in entries) == 0
            if not whole or data[-22:-18] != b"PK\x05\x06" or any(entry.flag_bits & 1 for entry in entries):
                return None
            if archive.testzip() is not None:
                return None
            return _named_by(archive, names)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError):
        return None


def _named_by(archive: zipfile.ZipFile, names: set[str]) -> str | None:
    if "mimetype" in names:
        said = archive.read("mimetype")[:200].decode("ascii", "replace").strip()
        return next(
            (code for code in ("odt", "ods") if said == KINDS[code].media_type and "content.xml" in names),
            None,
        )
    if "[Content_Types].xml" not in names:
        return None
    found = [code for code in ("docx", "xlsx") if KINDS[code].part in names]
    return found[0] if len(found) == 1 else None
