"""What is said of cells that could not be read, and of cells that were read with some liberty, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from shenzhi.kernel.files.reasons import FIRST, Fault, Findings, Note, Reason
from shenzhi.kernel.words import Words
from shenzhi.pipeline.lake.source import Field

# Why a cell cannot be used: what is said of it, and the way out.
FAULTS = {
    "text": (
        Words("不是数字", "is not a number"),
        Words("请写成数字；没有数据请留空或写“—”，文字说明请另列一栏",
              "write a number; leave the cell empty or write — where there is no figure, and put remarks in a column of their own"),
    ),
    "separators": (
        Words("逗号的位置不像千位分隔符，可以有两种读法", "has commas that are not at the thousands, so it can be read in two ways"),
        Words("千位分隔符每三位一个（1,234.5）；小数点请用“.”", "put a comma at every third digit (1,234.5); the decimal sign is a point"),
    ),
    "percent": (
        Words("带百分号，但这个字段的单位不是百分比", "has a percent sign, but the unit of the field is no percentage"),
        Words("请去掉百分号，按字段单位填写；如果确是百分比，请在来源中把 unit 写成 \"%\"",
              'leave the sign out and write the figure in the unit of the field; if it is a percentage, declare unit "%"'),
    ),
    "unit": (
        Words("所写单位与字段单位不一致，或字段没有声明单位", "names a unit that is not that of the field, or the field declares none"),
        Words("请按字段单位填写数字，不写单位；字段没有单位的，可在来源中声明 unit",
              "write the number in the unit of the field, without a unit; a field without one may declare it in the source"),
    ),
    "whole": (
        Words("应为整数", "must be a whole number"),
        Words("请核对数字；确有小数请在来源中把 type 改为 float64", "check it; if it has decimals, declare the type float64"),
    ),
    "finite": (
        Words("含 NaN 或无穷大，不是数字", "holds NaN or infinity, which are not figures"),
        Words("通常是除以零的结果：没有数据时请留空", "mostly a division by zero: leave the cell empty if there is no figure"),
    ),
    "date": (
        Words("不是可以确定的日期", "is not a day that can be told for certain"),
        Words("请写成 2023-05-06 或 2023年5月6日", "write it as 2023-05-06"),
    ),
    "period": (
        Words("不是可以确定的时期", "is not a period that can be told for certain"),
        Words("年写 2023，季度写 2023-Q1，月写 2023-05", "write years as 2023, quarters as 2023-Q1, months as 2023-05"),
    ),
    "yes or no": (
        Words("不是“是”或“否”", "is neither yes nor no"),
        Words("请写“是”或“否”", "write 是 or 否, true or false"),
    ),
    "cells": (
        Words("这些行的单元格数与表头不同", "rows have more or fewer cells than the heading"),
        Words("请核对多出或缺少的逗号；单元格里有逗号时要加双引号",
              "look for a comma too many or too few; a cell with a comma in it is put in double quotes"),
    ),
    "no heading": (
        Words("这一列有数据却没有列名（常见于合并的表头）", "the column has cells but no heading (often a merged heading)"),
        Words("请取消合并单元格，给每列写上列名，或删去这一列", "unmerge the heading and name every column, or delete the column"),
    ),
    "merged": (
        Words("数字在合并的单元格里，无法知道它属于哪一行", "a figure stands in a merged cell, so no one knows which row it belongs to"),
        Words("请取消合并，把数字写到它所属的行", "unmerge the cells and write the figure in the row it belongs to"),
    ),
    "error": (
        Words("是表格软件的错误值", "is an error of the spreadsheet"),
        Words("请改正公式后重新提交；没有数据请留空", "mend the formula and hand it in again; leave the cell empty if there is no figure"),
    ),
}  # fmt: skip

# What to do about a promise that is broken; what was promised is said by the declaration.
WAYS_OUT = {
    "required": Words("请填写；确实没有数据的行请删去", "fill it in, or delete rows for which there is no figure"),
    "finite": FAULTS["finite"][1],
    "range": Words("请核对数字和单位；如果数字无误，请修改来源声明的 range",
                   "check the figure and its unit; if it is right, change the range the source declares"),
    "year": Words("请核对年份，写成四位数字", "check the year and write it with four digits"),
    "allowed": Words("请改为其中之一；新的取值请先在来源中声明",
                     "use one of these, or declare the new value in the source first"),
    "area": Words("请写地区代码，不要写名称；新的地区请先加入 areas.csv",
                  "write the code of the area, not its name; a new area is first added to areas.csv"),
    "reference": Words("请核对写法，或先提交包含它的文件", "check how it is written, or first hand in the file that has it"),
    "check": Words("请核对这一行的各项数字", "compare the figures of the row with each other"),
    "key": Words("请删去重复的行；如果是同一数字的多次修订，请在来源中声明 vintage",
                 "delete the rows that repeat; if they are revisions of one figure, declare vintage in the source"),
    "revision": Words("请删去重复的行，或给后来的修订一个更大的修订号",
                      "delete the rows that repeat, or give the later one a higher revision"),
}  # fmt: skip

# How a cell was read where its text was not the plain figure.
LIBERTIES = {
    "thousands": Words("去掉千位分隔符", "thousands separators left out"),
    "width": Words("全角字符读作半角", "full-width characters read as ordinary ones"),
    "spaces": Words("去掉首尾空格", "spaces at the ends left out"),
    "percent": Words("百分号按字段单位换算", "percent sign converted to the unit of the field"),
    "unit": Words("中文单位按字段单位换算", "Chinese unit converted to the unit of the field"),
    "missing": Words("读作无数据", "read as no figure"),
    "year": Words("读作年份", "read as a year"),
    "whole": Words("读作整数", "read as a whole number"),
    "date": Words("读作日期", "read as a day"),
    "period": Words("读作时期", "read as a period"),
    "yes or no": Words("读作是或否", "read as yes or no"),
    "no column": Words("文件没有这一列，全部为空", "the file has no such column, all of it is empty"),
    "blank row": Words("空行未计入", "blank rows left out"),
    "encoding": Words("文字编码已转换", "text encoding converted"),
    "separator": Words("列分隔符不是逗号", "columns separated by something other than a comma"),
    "title row": Words("表头上方的行读作标题", "rows above the heading read as a title"),
    "merged heading": Words("合并的表头已展开", "merged heading spread over its columns"),
    "merged": Words("合并的单元格已展开到各行", "merged cells spread over their rows"),
    "percent format": Words("百分比格式的单元格按字段单位换算", "cells shown as percentages converted to the unit of the field"),
    "formula": Words("公式取其保存的结果", "formulas read as the results saved with them"),
    "other sheets": Words("工作簿有其他工作表，未读取", "other sheets of the workbook were not read"),
}  # fmt: skip


def reading_words(note: Note) -> Words:
    """One line about how cells were read: what, how often, and the first of them."""
    how = LIBERTIES[note.how]
    if not note.count:
        return Words(f"{note.field}：{how.zh}", f"{note.field}: {how.en}")
    name = (f"{note.field}：", f"{note.field}: ") if note.field else ("", "")
    first = (f"，首见第 {note.row} 行", f", first in row {note.row}")
    given = f"{note.given} → {note.read}" if note.read else note.given
    change = f" ({given})" if given else ""
    return Words(
        f"{name[0]}{how.zh}，{note.count} 处{first[0]}{change}",
        f"{name[1]}{how.en}, {note.count}×{first[1]}{change}",
    )


def fault_reasons(fields: Mapping[str, Field], findings: Findings) -> list[Reason]:
    """A reason for each kind of cell of each field that could not be read."""
    return [_reason(fields.get(name), rule, name, findings.counts[rule, name], faults)
            for (rule, name), faults in findings.faults.items()]  # fmt: skip


def _reason(one: Field | None, rule: str, name: str, count: int, faults: list[Fault]) -> Reason:
    message, way_out = FAULTS[rule]
    if one is not None:
        unit = (f"（单位 {one.unit}）", f", in {one.unit},") if one.unit else ("", "")
        message = Words(
            f"“{one.title.zh}”（{name}）{unit[0]}{message.zh}",
            f"{name} ({one.title.en}){unit[1]} {message.en}",
        )
    elif name:
        message = Words(f"{name} 列：{message.zh}", f"column {name}: {message.en}")
    first = faults[:FIRST]
    return Reason(
        rule,
        name,
        count,
        tuple(one.row for one in first),
        tuple(one.value for one in first),
        message,
        way_out,
    )
