"""Writes the reference pages that the code knows better than any writer: docs/reference (articles 11-97).

Every page is a function without arguments that gives its text. The same code gives the same text: no dates, no paths
of this machine, declared order or sorted order everywhere. `stale` compares, `write` writes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from pathlib import Path
from typing import Any

import shenzhi
from shenzhi.config.start import start
from shenzhi.kernel.words import Words

PACKAGE = Path(shenzhi.__file__).parent
REFERENCE = PACKAGE.parents[1] / "docs" / "reference"

MADE = "<!-- Written by `shenzhi docs` from the code. Change the code, then run it again. -->"
DIRECTIONS = {1: "↑ more is better", -1: "↓ less is better", 0: "context only"}


def pages() -> dict[str, str]:
    """Every generated page by its file name."""
    start()
    return {name: _page(function) for name, function in PAGES.items()}


def stale(folder: Path) -> list[str]:
    """The names of the pages in `folder` that are missing or not what the code says now."""
    return list(_changed(folder))


def write(folder: Path) -> list[str]:
    """Write the pages that changed into `folder` and give their names."""
    changed = _changed(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in changed.items():
        (folder / name).write_text(text, encoding="utf-8")
    return list(changed)


def _changed(folder: Path) -> dict[str, str]:
    return {
        name: text
        for name, text in pages().items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text
    }


def _page(function: Callable[[], Iterator[str]]) -> str:
    """A page's lines under the mark that says where it comes from, blocks set apart by one blank line."""
    return "\n\n".join([MADE, *(block.strip("\n") for block in function())]) + "\n"


def indicators() -> Iterator[str]:
    """Every indicator by domain."""
    from shenzhi.pipeline.statistics import DOMAINS, INDICATORS

    yield "# Indicators 指标"
    yield (
        f"{len(INDICATORS)} indicators in {len(DOMAINS)} domains. An indicator is a function over tables; "
        "its parameters name the tables that it reads."
    )
    for code, title in DOMAINS.items():
        rows = [
            [
                f"`{one.code}`", _both(one.title), _both(one.unit), DIRECTIONS[one.direction], one.article,
                _both(one.definition), ", ".join(f"`{table}`" for table in one.tables),
            ]
            for one in INDICATORS.values()
            if one.domain == code
        ]  # fmt: skip
        yield f"## {title.zh} {title.en}"
        yield _table(["code", "title", "unit", "direction", "article", "definition", "tables"], rows)


def sources() -> Iterator[str]:
    """Every source of every city, with what its columns promise."""
    from shenzhi.pipeline.lake.city import all_cities
    from shenzhi.pipeline.lake.source import load_sources

    yield "# Sources 数据来源"
    yield "What each source promises. A file that breaks a promise is refused with every reason at once."
    for city in all_cities():
        yield f"## {city.title.zh} {city.title.en}"
        yield f"{city.note.zh}\n\n{city.note.en}"
        for source in load_sources(city.sources_dir).values():
            yield f"### `{source.name}` {source.title.zh} {source.title.en}"
            if source.description:
                yield f"{source.description.zh}\n\n{source.description.en}"
            yield "\n".join(
                f"- {label}: {value}"
                for label, value in (
                    ("publisher", f"{source.publisher.zh} {source.publisher.en}"),
                    ("licence", source.licence.en),
                    ("article", source.article),
                    ("key", ", ".join(f"`{name}`" for name in source.unique)),
                    (
                        "a file replaces",
                        f"rows of the same {', '.join(source.by)}" if source.by else "the table",
                    ),
                )
                if value
            )
            yield _table(
                ["field", "title", "type", "unit", "promise"],
                [
                    [f"`{one.name}`", _both(one.title), one.type, one.unit, _promise(one)]
                    for one in source.fields.values()
                ],
            )
            if source.checks:
                yield "\n".join(
                    f"- `{check.rule}`: {check.message.zh} {check.message.en}" for check in source.checks
                )


def methods() -> Iterator[str]:
    """Every index method of every city, as a tree with weights."""
    from shenzhi.pipeline.index.method import load_method
    from shenzhi.pipeline.lake.city import all_cities

    yield "# Methods 指数方法"
    yield "The keys of a method file are explained in [method-file.md](method-file.md)."
    for city in all_cities():
        yield f"## {city.title.zh} {city.title.en}"
        for path in sorted(city.methods_dir.glob("*.yml")):
            method = load_method(path)
            published = " (published 在用)" if path.stem == city.index or method.id == city.index else ""
            yield f"### `{path.name}` {method.title.zh} {method.title.en}{published}"
            yield f"{method.note.zh}\n\n{method.note.en}"
            yield "\n".join(_branch(method.root, 0))


def addresses() -> Iterator[str]:
    """Every address of the portal and what answers there."""
    from django.urls import get_resolver

    yield "# Addresses 网址"
    yield "Chinese pages have no prefix; the same page in English stands under `/en/`."
    rows = sorted(_addresses(get_resolver().url_patterns, "/", ""))
    yield _table(
        ["address", "name", "what"], [[f"`{address}`", f"`{name}`", what] for address, name, what in rows]
    )


def commands() -> Iterator[str]:
    """Every command as its own help tells it."""
    import click

    from shenzhi.config.cli import main

    def helps(command: click.Command, name: str, above: click.Context | None, depth: int) -> Iterator[str]:
        command = copy(command)
        command._help_option = (
            None  # kept from an earlier call, which may have been made without the names of `main`
        )
        settings = {**command.context_settings, "terminal_width": 100, "max_content_width": 100}
        context = click.Context(command, info_name=name, parent=above, **settings)
        yield "#" * depth + f" `{context.command_path}`"
        yield f"```text\n{command.get_help(context)}\n```"
        if isinstance(command, click.Group):
            for below in command.list_commands(context):
                found = command.get_command(context, below)
                if found is not None:
                    yield from helps(found, below, context, min(depth + 1, 4))

    yield "# Commands 命令"
    yield from helps(main, "shenzhi", None, 2)


def registers() -> Iterator[str]:
    """Every register: who sees which field, who may write it, and its procedure."""
    from shenzhi.kernel.registers.catalogue import registers as every
    from shenzhi.kernel.registers.declaration import CLASSES, OWN

    yield "# Registers 登记簿"
    yield (
        "Each register as its class `Register` declares it; beside these fields every record has a version and the moments at "
        "which it was entered and changed. Who sees what follows from the class of a field: "
        + "; ".join(f"`{code}` {words.zh} {words.en}" for code, words in CLASSES.items())
        + ". [The kernel](../explanation/the-kernel.md) says how; the limits of clocks are in [limits.md](limits.md)."
    )
    for one in every():
        yield f"## `{one.slug}` {one.title.zh} {one.title.en}"
        yield "\n\n".join(filter(None, (one.note.zh, one.note.en)))
        yield "\n".join(f"- {label}: {value}" for label, value in _of_register(one) if value)
        yield _table(
            ["field", "title", "kind", "class", "mask", "given"],
            [
                [f"`{name}`", _both(field.title), field.kind, field.reach, field.mask, _given(field)]
                for name, field in one.fields.items()
                if name not in OWN
            ],
        )
        if one.procedure is not None:
            yield from _procedure(one.procedure)


def limits() -> Iterator[str]:
    """The limits that an office starts with."""
    from shenzhi.kernel.seeding import limits_declared

    yield "# Limits 法定期限"
    yield (
        "What an office starts with. From then on they are rows of the register `limits`, which its administrator "
        "changes by adding a row with a later first day: a case keeps the limit that was in force when it was received."
    )
    yield _table(
        ["rule", "name", "days", "warns before", "from", "to", "pauses for", "extensions", "citation", "confirmed", "since"],
        [
            [
                f"`{row['rule']}`", _two(row, "name"), f"{row['days']} {row['unit']}", str(row.get("warn_days", 1)),
                _two(row, "start_event"), _two(row, "end_event"), _two(row, "pause"),
                f"{row['extensions']} of {row['extension_days']}" if row.get("extensions") else "", _two(row, "citation"),
                "yes" if row.get("confirmed", True) else "not yet", str(row["valid_from"]),
            ]
            for row in sorted(limits_declared(), key=lambda row: (row["rule"], str(row["valid_from"])))
        ],
    )  # fmt: skip


def law_coverage() -> Iterator[str]:
    """Which article is carried out by what."""
    from shenzhi.apps.law.coverage import MEANINGS, STATES, coverage, tally

    standings = coverage()
    yield "# Coverage of the regulation 条例的执行进展"
    yield "Computed from what the code declares, as `shenzhi law coverage` and the page `/law/` show it."
    yield _table(
        ["progress", "articles", "meaning"],
        [
            [_both(STATES[state]), str(count), _both(MEANINGS[state])]
            for state, count in tally(standings.values()).items()
        ],
    )
    modules = _modules_by_article()
    yield _table(
        ["article", "about", "progress", "carried out by", "indicators", "code that names it"],
        [
            [
                str(number),
                _both(one.article.title),
                STATES[one.state].en,
                "<br>".join(piece.title.en for piece in one.of("carries")),
                str(sum(piece.real for piece in one.of("measures")) or ""),
                "<br>".join(f"`{module}`" for module in modules.get(number, [])),
            ]
            for number, one in standings.items()
        ],
    )


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "indicators.md": indicators,
    "sources.md": sources,
    "methods.md": methods,
    "registers.md": registers,
    "limits.md": limits,
    "addresses.md": addresses,
    "commands.md": commands,
    "law-coverage.md": law_coverage,
}


def _two(row: Mapping[str, Any], name: str) -> str:
    """What a seeded row says under a name, in both languages."""
    return _both(Words(row.get(name, ""), row.get(f"{name}_en", "")))


def _both(words: Words) -> str:
    return words.zh if words.zh == words.en else f"{words.zh}<br>{words.en}"


def _table(heads: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; bars and line ends inside a cell are written so that they stay inside."""

    def line(cells: list[str]) -> str:
        return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"

    return "\n".join([line(heads), "|" + "---|" * len(heads), *(line(row) for row in rows)])


def _of_register(one: Any) -> Iterator[tuple[str, str]]:
    """What the declaration of a register says beside its fields."""
    from shenzhi.pipeline.lake.registers import has_public

    yield "article", one.article
    yield "numbers read", f"`{one.prefix}-0000042-…`"
    yield "public", _condition(one)
    yield "entered by", ", ".join(one.adds)
    yield "changed by", ", ".join(one.changes)
    yield (
        "parties",
        ", ".join(
            f"{stake.role} by `{stake.path}`" + (f" where {_met(stake.only)}" if stake.only else "")
            for stake in one.stakes
        ),
    )
    yield "searched", _codes(one.search)
    yield "filters", _codes(one.filters)
    yield "department", f"`{one.department}`" if one.department else f"`{one.keeper}` keeps it"
    yield "district", _codes(filter(None, [one.district]))
    yield "table in the lake", f"`{one.code}`" if has_public(one) else "none"


def _condition(one: Any) -> str:
    """Which records the public may see at all."""
    if not one.public:
        return "every record"
    return f"records with {_met(one.public)}"


def _met(condition: Any) -> str:
    """What a condition of a declaration asks of a record."""
    return ", ".join(
        f"`{path.removesuffix('__in')}` in {', '.join(map(str, values)) or 'nothing'}"
        if path.endswith("__in")
        else f"`{path}` {values}"
        for path, values in condition.items()
    )


def _given(field: Any) -> str:
    """Who gives the field, and whether it must be given."""
    if not field.writable:
        return "by the platform"
    said = ["required"] if field.required else []
    return ", ".join(
        [*said, *(word for word, so in (("fixed", field.fixed), ("internal", field.internal)) if so)]
    )


def _procedure(procedure: Any) -> Iterator[str]:
    yield f"### Procedure of `{procedure.code}` {procedure.title.zh} {procedure.title.en}"
    yield "\n\n".join(filter(None, (procedure.note.zh, procedure.note.en)))
    yield _table(
        ["state", "title", "public", "ends it"],
        [
            [
                f"`{state.code}`",
                _both(state.title),
                "yes" if state.public else "",
                "yes" if state.final else "",
            ]
            for state in procedure.states
        ],
    )
    yield _table(
        ["move", "title", "from", "to", "by", "gives", "only if"],
        [
            [
                f"`{move.code}`", _both(move.title), _codes(move.source), _codes(filter(None, [move.to])) or "stays",
                ", ".join(move.by), _codes([*move.fields, *(ask.code for ask in move.asks)]), _only_if(move),
            ]
            for move in procedure.moves
        ],
    )  # fmt: skip
    if procedure.clocks:
        yield _table(
            ["clock", "title", "rule", "starts", "ends", "pauses", "resumes", "extended by"],
            [
                [
                    f"`{clock.code}`", _both(clock.title), f"`{clock.rule}`", _codes(clock.starts), _codes(clock.ends),
                    _codes(clock.pauses), _codes(clock.resumes), _codes(clock.extends),
                ]
                for clock in procedure.clocks
            ],
        )  # fmt: skip


def _only_if(move: Any) -> str:
    said = [f"somebody else did {_codes(move.apart_from)}"] if move.apart_from else []
    said += [f"{_codes(move.after)} has run out"] if move.after else []
    return "; ".join([*said, *(["no objection is waiting"] if move.unopposed else [])])


def _codes(given: Iterable[str]) -> str:
    return ", ".join(f"`{code}`" for code in given)


def _promise(field: Any) -> str:
    """What a field's cells must keep, in words."""
    said = []
    if field.required:
        said.append("required")
    if field.range:
        low, high = field.range
        said.append(f"{'' if low is None else f'{low:g}'} … {'' if high is None else f'{high:g}'}".strip())
    if field.allowed:
        said.append("one of " + ", ".join(f"`{value}`" for value in field.allowed))
    if field.references:
        said.append(f"in `{field.references}`")
    return "; ".join(said)


def _branch(node: Any, depth: int) -> Iterator[str]:
    said = [f"`{node.code}` {node.title.zh} {node.title.en}"]
    if depth:
        said.append(f"weight {node.weight:g}")
    if node.is_leaf:
        said.append(DIRECTIONS[node.direction])
        said.append(node.method + (f" {node.posts[0]:g} to {node.posts[1]:g}" if node.posts else ""))
    else:
        said.append(f"{node.aggregate} mean")
    yield "  " * depth + "- " + ", ".join(said)
    for child in node.children:
        yield from _branch(child, depth + 1)


def _addresses(patterns: Any, before: str, namespace: str) -> Iterator[tuple[str, str, str]]:
    from django.contrib.admindocs.views import simplify_regex
    from django.urls import URLResolver
    from django.urls.resolvers import LocalePrefixPattern, RegexPattern

    for one in patterns:
        part = "" if isinstance(one.pattern, LocalePrefixPattern) else str(one.pattern)
        if isinstance(one.pattern, RegexPattern):
            part = simplify_regex(part).lstrip("/").replace("\\.", ".")
        if isinstance(one, URLResolver):
            inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from _addresses(one.url_patterns, before + part, inner)
        else:
            said = (one.callback.__doc__ or "").strip().partition("\n")[0]
            what = re.sub(r"^(`[^`]*`( and )?)+: ", "", said)  # the address stands in the first column
            yield before + part, f"{namespace}{one.name or ''}", what


def _modules_by_article() -> dict[int, list[str]]:
    """Modules by the articles that the first line of their description names, "(article 84)" or "(articles 49-51)"."""
    from shenzhi.kernel.articles import articles

    found: dict[int, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        first = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]
        for named in re.findall(r"\(articles? ([\d,\s–-]+)\)", first):
            # a module that speaks of a whole part of the regulation says nothing about a single article
            numbers = articles(named)
            for number in numbers if len(numbers) <= 3 else ():
                found.setdefault(number, []).append(path.relative_to(PACKAGE).as_posix())
    return found
