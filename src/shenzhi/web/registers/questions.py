"""A form asked page by page: one question at a time for the public and for parties, all at once for officials."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shenzhi.kernel.access.roles import Reader
from shenzhi.kernel.registers.declaration import Register
from shenzhi.kernel.words import Words

ASIDE = frozenset({"public", "applicant", "member"})
"""The roles of those who meet a form once, and are asked one thing after another."""


@dataclass(frozen=True)
class Page:
    """The fields asked together; `title` is None where the one question is the title of its page."""

    number: int
    count: int
    names: tuple[str, ...]
    title: Words | None = None

    @property
    def first(self) -> bool:
        return self.number == 1


def one_by_one(reader: Reader, roles: Iterable[str]) -> bool:
    """Whether the reader, who does something that these roles may do, is asked page by page."""
    return not reader.official and not ({*roles} - ASIDE) & reader.roles()


def pages_of(register: Register, names: Sequence[str]) -> list[Page]:
    """The pages of a form with these fields: what the register declares as a section together, any other field alone."""
    together = {name: section for section in register.sections for name in section.fields}
    asked: list[tuple[tuple[str, ...], Words | None]] = []
    for name in names:
        section = together.get(name)
        if section is None:
            asked.append(((name,), None))
        elif not any(name in known for known, _ in asked):
            group = tuple(one for one in section.fields if one in names)
            asked.append((group, section.title if len(group) > 1 else None))
    return [Page(at, len(asked), *one) for at, one in enumerate(asked, 1)]


def page_of(pages: Sequence[Page], names: Iterable[str]) -> Page:
    """The first page that asks one of these fields; the first of all where none does."""
    wanted = set(names)
    return next((page for page in pages if wanted & set(page.names)), pages[0])


def page_numbered(pages: Sequence[Page], text: str) -> Page:
    """The page with this number, as a button sent it; the first where there is no such page."""
    return next((page for page in pages if str(page.number) == text), pages[0])
