"""The empty file to fill in for an import: a workbook with the headings, and a sheet that explains each of them."""

from __future__ import annotations

from django.db import models

from shenzhi.kernel.exchange.fields import Column, columns_of
from shenzhi.kernel.files import workbook_writer as writer
from shenzhi.kernel.files.workbook_writer import Sheet
from shenzhi.kernel.labels import words_of
from shenzhi.kernel.registers.catalogue import register_of
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.registers.search import codes_of
from shenzhi.kernel.words import Words

KINDS = {
    "text": Words("文字", "text"),
    "long": Words("文字", "text"),
    "date": Words("日期，如 2026-03-09", "a day, such as 2026-03-09"),
    "moment": Words("时间，如 2026-03-09 14:30", "a moment, such as 2026-03-09 14:30"),
    "whole": Words("整数", "a whole number"),
    "decimal": Words("数字", "a number"),
    "number": Words("数字", "a number"),
    "flag": Words("是或否", "yes or no"),
}
REQUIRED, OPTIONAL = Words("必填", "required"), Words("可不填", "optional")


def template(register: Register, language: str = "zh-hans") -> bytes:
    """The workbook, its headings in the language; the first sheet is the one that an import reads."""
    columns = list(columns_of(register).values())
    headings = [writer.Column(one.field.title.say(language), width=20) for one in columns]
    rows = [
        (
            one.field.title.say(language),
            (REQUIRED if one.field.required else OPTIONAL).say(language),
            asks(one).say(language),
            one.field.help.say(language),
            one.name,
        )
        for one in columns
    ]
    about = [
        ("列名", "Heading"),
        ("必填", "Required"),
        ("填什么", "What to write"),
        ("说明", "Help"),
        ("字段", "Field"),
    ]
    return writer.book(
        [
            Sheet(Words("数据", "Data").say(language), headings, []),
            Sheet(
                Words("填写说明", "Help").say(language),
                [writer.Column(Words(*pair).say(language), width=24) for pair in about],
                rows,
            ),
        ]
    )


def asks(column: Column) -> Words:
    """What a cell of the column takes, in one line."""
    if isinstance(column.model, models.ForeignKey):
        target = register_of(column.model.related_model)
        codes = [target.fields[name].title for name in codes_of(target)]
        zh = "或".join([*(one.zh for one in codes), "编号"])
        en = " or ".join([*(one.en.lower() for one in codes), "number"])
        return Words(f"《{target.title.zh}》中的{zh}", f"{en} in {target.title.en}")
    if column.field.kind == "choice":
        titles = [words_of(title) for _, title in column.model.flatchoices]
        return Words("、".join(one.zh for one in titles), ", ".join(one.en for one in titles))
    kind = KINDS.get(column.field.kind, KINDS["text"])
    if most := column.model.max_length:
        return Words(f"{kind.zh}，最多 {most} 个字", f"{kind.en}, at most {most} characters")
    return kind
