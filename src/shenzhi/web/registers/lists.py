"""The registers of the city, and the list of one: what this reader may see, searched, filtered, sorted (articles 84, 88)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.request import QueryDict
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from shenzhi.kernel.access.requests import reader_for
from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.articles import articles
from shenzhi.kernel.exchange.planning import may_import
from shenzhi.kernel.registers import search
from shenzhi.kernel.registers.catalogue import registers
from shenzhi.kernel.registers.declaration import CLASSES, Register
from shenzhi.kernel.registers.sight import askable, ways
from shenzhi.kernel.registers.writing import may_add
from shenzhi.kernel.words import Words
from shenzhi.web.registers import asking, paging
from shenzhi.web.registers.cells import (
    NOTHING,
    Cell,
    cell,
    entry_address,
    joined,
    named,
    read_along,
    said,
    title_of,
)
from shenzhi.web.registers.found import register_or_404, way_in
from shenzhi.web.registers.reading import noted

FORMS = (("csv", "CSV"), ("xlsx", "XLSX"), ("parquet", "Parquet"), ("json", "JSON"))


@dataclass(frozen=True)
class Line:
    """A register in the table of all registers; `count` is "" where the reader may see none of it."""

    register: Register
    href: str
    about: str
    articles: tuple[int, ...]
    count: str
    adds: bool


@dataclass(frozen=True)
class Column:
    """A column of a list; `href` sorts by it ("" where it cannot), `sorted` is how the list stands sorted by it."""

    path: str
    title: str
    href: str
    sorted: str
    numeric: bool


@dataclass(frozen=True)
class Row:
    """A record in a list."""

    number: str
    title: str
    href: str
    cells: list[tuple[Column, Cell]]


def every(request: HttpRequest) -> HttpResponse:
    """`/registers/`: every register, by the article that it carries out."""
    reader = reader_for(request)
    lines = [_line(register, reader) for register in registers()]
    groups = [
        (
            Words("各项职责的登记", "Registers of duties"),
            [one for one in lines if one.count and one.register.model._meta.app_label != "kernel"],
        ),
        (
            Words("基础登记", "Registers that the others stand on"),
            [one for one in lines if one.count and one.register.model._meta.app_label == "kernel"],
        ),
        (Words("不对您公开的登记", "Registers not open to you"), [one for one in lines if not one.count]),
    ]
    return render(
        request,
        "registers/all.html",
        {
            "groups": [group for group in groups if group[1]],
            "seen": sum(bool(one.count) for one in lines),
            "all": len(lines),
        },
    )


def _line(register: Register, reader: Reader) -> Line:
    count = ""
    if ways(register, reader):
        count = str(paging.counted(paging.number_of(register.model._default_manager.visible_to(reader))))
    return Line(
        register,
        reverse("registers:list", args=[register.slug]),
        reverse("registers:about", args=[register.slug]),
        articles(register.article),
        count,
        may_add(register, reader),
    )


def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """`/registers/<slug>/`: the records that the reader may see, narrowed as asked, fifty at a time."""
    register, reader = register_or_404(slug), reader_for(request)
    asked = asking.question(register, reader, request.GET)
    may_sort = asking.sortable(register, reader)
    at_once = {asked.span} if asked.span else asking.indexed(register)
    order, at = asked.order, request.GET.get("page", "")
    paths = asking.columns(register, reader)
    records = asked.records.select_related(
        *joined(register.model, [*read_along(register, paths), register.label])
    )
    # beyond the count only what an index sorts is sorted, or one click would read ten million rows
    by, ahead = asked.sort.removeprefix("-"), None
    if by and by not in at_once:
        ahead = _count(asked, 0)
        if by not in may_sort or ahead.more:
            order = asking.order_of(register, reader)
    page = paging.page(records, order, at)
    if not at and not page.after:
        count = paging.Count(len(page.rows))  # all that there are
    else:
        count = ahead if ahead and ahead.number else _count(asked, len(page.rows))
    if count.more:
        may_sort &= at_once
    heads = [_column(register, path, request.GET, order, path in may_sort) for path in paths]
    names = named(page.rows, paths, reader)
    noted(reader, register, page.rows, paths)
    home = reverse("registers:list", args=[slug])
    return render(
        request,
        "registers/list.html",
        {
            "crumbs": [way_in()],
            "register": register,
            "articles": articles(register.article),
            "open": bool(ways(register, reader)),
            "asked": asked,
            "searched": bool(search.searched(register)),
            "count": str(count),
            "none": not count,
            "columns": heads,
            "rows": [
                Row(
                    one.number,
                    title_of(one),
                    entry_address(one),
                    [(head, cell(one, head.path, names) or NOTHING) for head in heads],
                )
                for one in page.rows
            ],
            "before": _with(request.GET, page=page.before) if page.before else "",
            "after": _with(request.GET, page=page.after) if page.after else "",
            "downloads": [
                (title, f"{home}export.{form}{_with(request.GET, page='')}") for form, title in FORMS
            ],
            "api": _api(register),
            "adds": may_add(register, reader),
            "imports": may_import(register, reader),
            "unsortable": count.more,
            "closed": _closed(register, reader),
        },
    )


def _count(asked: asking.Question, known: int) -> paging.Count:
    """How many records answer, `known` to be at least so many."""

    def found(most: int) -> int:
        return search.counted(asked.register, asked.unsearched, asked.text, most)

    return paging.hurried(found if asked.text else paging.number_of(asked.records), known)


def _column(
    register: Register, path: str, given: QueryDict, order: tuple[str, ...], sortable: bool
) -> Column:
    stands = {"": "", path: "ascending", f"-{path}": "descending"}.get(order[0], "")
    href = ""
    if sortable:
        href = _with(given, page="", sort=f"-{path}" if stands == "ascending" else path)
    kind = register.fields[path].kind if path in register.fields else ""
    title = said(register.title_of(path))  # once, and not at each of its cells
    return Column(path, title, href, stands, kind in ("whole", "decimal", "number"))


def _with(given: QueryDict, **changed: str) -> str:
    """The address of this list with some of its parameters changed; "" takes one out."""
    query = given.copy()
    for name, value in changed.items():
        if value:
            query[name] = value
        else:
            query.pop(name, None)
    for name in [name for name, value in query.items() if not value]:
        query.pop(name)
    return f"?{query.urlencode()}" if query else "?"


def _api(register: Register) -> str:
    """Where programs find the register, "" where the interface is not installed."""
    try:
        return f"{reverse('api:api-root')}{register.slug}/"
    except NoReverseMatch:
        return ""


def _closed(register: Register, reader: Reader) -> list[tuple[Words, list[Any]]]:
    """The fields that this reader never sees whole, by their class."""
    seen = askable(register, reader)
    shut = [field for name, field in register.fields.items() if name not in seen and field.writable]
    return [
        (words, [one for one in shut if one.reach == reach])
        for reach, words in CLASSES.items()
        if any(one.reach == reach for one in shut)
    ]
