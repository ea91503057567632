"""Why a file is refused, and how its cells were read: every reason with its place, its rule and the way out (article 84)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from shenzhi.kernel.words import Words

FIRST = 5  # so many examples are shown with each reason
LISTED = 100_000  # and so many of its cells at most go on the list that is written beside the snapshot


@dataclass(frozen=True)
class Reason:
    """One broken rule of one field: how often, the first rows (as a spreadsheet numbers them), what stood there, and
    what the office can do about it. `rows` is empty when the fault is the file's, not a cell's."""

    rule: str
    field: str
    count: int
    rows: tuple[int, ...]
    values: tuple[str, ...]
    message: Words
    way_out: Words

    def __str__(self) -> str:
        place = (
            f" (rows {', '.join(map(str, self.rows))}{', ...' if self.count > len(self.rows) else ''})"
            if self.rows
            else ""
        )
        return f"{self.message.en}{place}. {self.way_out.en}"


class Unreadable(Exception):
    """The file cannot be read further; carries the reason."""

    def __init__(self, reason: Reason):
        self.reason = reason
        super().__init__(str(reason))


@dataclass(frozen=True)
class Note:
    """A way in which cells were read that a reader should know: how often, and the first of them."""

    field: str
    how: str
    count: int
    row: int
    given: str
    read: str


@dataclass(frozen=True)
class Fault:
    """One cell that cannot be used."""

    rule: str
    field: str
    row: int
    value: str


@dataclass
class Findings:
    """What reading found out so far; the worker threads' findings are merged in the order of the file."""

    notes: dict[tuple[str, str], Note] = field(default_factory=dict)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    faults: dict[tuple[str, str], list[Fault]] = field(default_factory=dict)

    def note(self, name: str, how: str, count: int, row: int, given: object, read: object) -> None:
        before = self.notes.get((name, how))
        if before is None:
            self.notes[name, how] = Note(name, how, count, row, str(given)[:80], str(read)[:80])
        else:
            self.notes[name, how] = Note(
                name, how, before.count + count, before.row, before.given, before.read
            )

    def fault(self, rule: str, name: str, row: int, value: object) -> None:
        self.add_faults(rule, name, 1, [(row, str(value))])

    def add_faults(self, rule: str, name: str, count: int, cells: Iterable[tuple[int, str]]) -> None:
        """`count` faulty cells, of which `cells` (row, value) go on the list as far as there is room."""
        self.counts[rule, name] = self.counts.get((rule, name), 0) + count
        kept = self.faults.setdefault((rule, name), [])
        for row, value in cells:
            if len(kept) >= LISTED:
                break
            kept.append(Fault(rule, name, row, value[:200]))

    def merge(self, other: Findings) -> None:
        for (name, how), note in other.notes.items():
            self.note(name, how, note.count, note.row, note.given, note.read)
        for (rule, name), count in other.counts.items():
            self.add_faults(rule, name, count, ((one.row, one.value) for one in other.faults[rule, name]))

    def rename(self, names: Mapping[str, str]) -> None:
        """Call fields by their names what was found under the headings of the file."""
        self.notes = {(names.get(name, name), how): replace(note, field=names.get(name, name))
                      for (name, how), note in self.notes.items()}  # fmt: skip
        self.counts = {(rule, names.get(name, name)): count for (rule, name), count in self.counts.items()}
        self.faults = {
            (rule, names.get(name, name)): [replace(one, field=names.get(name, name)) for one in faults]
            for (rule, name), faults in self.faults.items()
        }

    def all_faults(self) -> Iterator[Fault]:
        for faults in self.faults.values():
            yield from faults
