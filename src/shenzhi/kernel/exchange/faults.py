"""What is wrong with a file of records: row, field, what stands there, the rule, and the way out, in both languages."""

from __future__ import annotations

from dataclasses import dataclass, field

from shenzhi.kernel.files.reasons import Findings, Reason
from shenzhi.kernel.words import Words

LISTED = 10_000
"""So many faults are listed; all of them are counted."""

NOTHING = Words("", "")


@dataclass(frozen=True)
class Rule:
    """What a cell must keep. `message` may name {more}."""

    code: str
    message: Words
    way_out: Words


@dataclass(frozen=True)
class Fault:
    """One broken rule: `row` as a spreadsheet numbers it (0: the file as a whole), `field` by name ("": the row)."""

    row: int
    field: str
    title: Words
    value: str
    rule: str
    message: Words
    way_out: Words


@dataclass
class Faults:
    """The faults found so far."""

    listed: list[Fault] = field(default_factory=list)
    count: int = 0

    def add(
        self, row: int, name: str, title: Words, value: object, rule: Rule, more: Words | str = NOTHING
    ) -> None:
        said = more if isinstance(more, Words) else Words(more, more)
        message = Words(
            rule.message.zh.replace("{more}", said.zh), rule.message.en.replace("{more}", said.en)
        )
        self.put(Fault(row, name, title, str(value)[:80], rule.code, message, rule.way_out))

    def put(self, fault: Fault) -> None:
        self.count += 1
        if len(self.listed) < LISTED:
            self.listed.append(fault)

    def put_reason(self, reason: Reason, title: Words = NOTHING) -> None:
        """What a reader of files found: a file that cannot be read, or cells that no row has room for."""
        value = "、".join(reason.values)[:80]
        row = reason.rows[0] if reason.rows else 0
        self.put(Fault(row, reason.field, title, value, reason.rule, reason.message, reason.way_out))


def _rule(code: str, zh: str, en: str, out_zh: str, out_en: str) -> Rule:
    return Rule(code, Words(zh, en), Words(out_zh, out_en))


REQUIRED = _rule("required", "必须填写", "it must be filled in", "请填写这一格", "fill in this cell")
LENGTH = _rule(
    "length",
    "过长：{more}",
    "it is too long: {more}",
    "请缩短，全文可作为附件",
    "shorten it; the whole can be attached",
)
SIGN = _rule(
    "sign",
    "含有不可见的控制字符",
    "it holds invisible control characters",
    "请删去后重新输入",
    "delete them and type it again",
)
ERROR = _rule(
    "error",
    "是表格软件的错误值",
    "it is an error of the spreadsheet",
    "请改正公式，没有内容请留空",
    "mend the formula, or leave the cell empty",
)
CHOICE = _rule(
    "choice",
    "不在可选项中；可选：{more}",
    "it is none of the choices: {more}",
    "请改为其中之一",
    "use one of these",
)
DATE = _rule(
    "date",
    "不是可以确定的日期",
    "it is not a day that can be told for certain",
    "请写成 2026-03-09",
    "write it as 2026-03-09",
)
MOMENT = _rule(
    "moment",
    "不是可以确定的时间",
    "it is not a moment that can be told for certain",
    "请写成 2026-03-09 14:30",
    "write it as 2026-03-09 14:30",
)
WHOLE = _rule(
    "whole", "应为整数", "it must be a whole number", "请核对，不写单位", "check it, and leave out the unit"
)
NUMBER = _rule(
    "number", "应为数字", "it must be a number", "请核对，不写单位", "check it, and leave out the unit"
)
FLAG = _rule("flag", "应为“是”或“否”", "it must be yes or no", "请写“是”或“否”", "write yes or no")
CODE = _rule("code", "{more}", "{more}", "请对照证照核对后填写", "compare it with the certificate")
FORM = _rule("form", "{more}", "{more}", "请按要求改正", "correct it as said")
REFERENCE = _rule(
    "reference",
    "在《{more}》中找不到",
    "there is no such entry in {more}",
    "请填写编号或者代码；尚未登记的请先登记",
    "give its number or code; enter it there first if it is new",
)
TWICE_IN_FILE = _rule(
    "twice in file",
    "与第 {more} 行重复",
    "it repeats row {more}",
    "请删去重复的行",
    "delete the row that repeats",
)
TWICE = _rule(
    "already entered",
    "已经登记：{more}",
    "it is entered already: {more}",
    "请删去这一行；需要更正的请打开原记录修改",
    "delete the row; to correct it, change that record",
)
REACH = _rule(
    "reach",
    "不在您的部门或者区的范围内",
    "it lies outside your department or district",
    "请改选您承办的部门或者区，或者删去这一行",
    "choose one that you act for, or delete the row",
)
COLUMN = _rule(
    "unknown column",
    "登记簿没有这一列{more}",
    "the register has no such column{more}",
    "请改列名或者删去这一列",
    "rename the column or delete it",
)
COLUMN_TWICE = _rule(
    "column twice",
    "这一列出现了不止一次",
    "the column is there more than once",
    "请只保留一列",
    "keep one of them",
)
NO_COLUMN = _rule(
    "missing column",
    "缺少这一列，列名可写：{more}",
    "the column is missing; its heading may be: {more}",
    "请补上这一列",
    "add the column",
)
MOST = _rule(
    "too many rows",
    "文件超过 {more} 行",
    "the file has more than {more} rows",
    "请分成几个文件分别导入",
    "divide it into several files",
)
EMPTY = _rule(
    "no rows",
    "文件只有表头，没有数据行",
    "the file has a heading but no rows",
    "请填写后再导入",
    "fill it in and import it again",
)
AGAIN = _rule(
    "imported before",
    "这份文件已经导入过：{more}",
    "this very file was imported before: {more}",
    "无需再次导入；需要更正的请打开原记录修改",
    "there is nothing to do; to correct a record, change it where it stands",
)
BROKEN_ROW = _rule(
    "cells",
    "单元格数与表头不同",
    "the row has more or fewer cells than the heading",
    "请核对多出或缺少的逗号；单元格里有逗号时要加双引号",
    "look for a comma too many or too few; a cell with a comma in it is put in double quotes",
)
MERGED = _rule(
    "merged",
    "单元格跨列合并，无法知道它属于哪一列",
    "merged across columns, it belongs to no one column",
    "请取消合并",
    "unmerge the cells",
)


def from_findings(findings: Findings, faults: Faults) -> None:
    """What the reader of the file found row by row."""
    rules = {"cells": BROKEN_ROW, "merged": MERGED}
    for one in findings.all_faults():
        faults.add(one.row, "", Words(one.field, one.field), one.value, rules.get(one.rule, BROKEN_ROW))
