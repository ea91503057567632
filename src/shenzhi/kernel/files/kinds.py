"""What kind of file was handed in: told by its first bytes, never by its name (article 84)."""

from __future__ import annotations

from pathlib import Path

from shenzhi.kernel.files.reasons import Reason, Unreadable
from shenzhi.kernel.files.text import empty_file
from shenzhi.kernel.words import Words

KINDS = {
    b"PK\x03\x04": "xlsx",
    b"PAR1": "parquet",
    b"\xd0\xcf\x11\xe0": "ole",
    b"\x1f\x8b": "gzip",
    b"%PDF": "pdf",
}


def kind_of(path: Path) -> str:
    """csv, xlsx or parquet, by the first bytes; Unreadable for what is none of them."""
    with path.open("rb") as file:
        head = file.read(512)
    if not head:
        raise Unreadable(empty_file())
    kind = next((kind for mark, kind in KINDS.items() if head.startswith(mark)), "csv")
    if kind == "csv" and head.lstrip().lower().startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        kind = "html"
    if kind in _REFUSED_KINDS:
        message, way_out = _REFUSED_KINDS[kind]
        raise Unreadable(Reason("file type", "", 1, (), (), message, way_out))
    return kind


_REFUSED_KINDS = {
    "ole": (
        Words(
            "这是旧版 .xls 文件，或是加了密码的工作簿",
            "this is an old .xls file or a workbook with a password",
        ),
        Words(
            "请去掉密码，另存为 .xlsx 后再提交", "remove the password, save it as .xlsx and hand it in again"
        ),
    ),
    "gzip": (
        Words("这是压缩文件", "this is a compressed file"),
        Words("请解压后再提交", "unpack it and hand in the file inside"),
    ),
    "pdf": (
        Words("这是 PDF 文件，不能当作表格读取", "this is a PDF, which cannot be read as a table"),
        Words("请提交 CSV 或 Excel（.xlsx）文件", "hand in a CSV or an Excel file (.xlsx)"),
    ),
    "html": (
        Words("这是网页或 XML，只是起了表格的文件名", "this is a web page or XML under the name of a table"),
        Words(
            "请在 Excel 中打开并另存为 .xlsx，或导出 CSV",
            "open it in Excel and save it as .xlsx, or export a CSV",
        ),
    ),
}
