"""Why a file is refused by the lake: every promise of its source that it did not keep, at once (article 84)."""

from __future__ import annotations

from collections.abc import Iterable

from shenzhi.kernel.files.reasons import Reason


class Refused(ValueError):
    """A file that did not keep its source's promises. `reasons` are all of them; `listing` is the CSV of the cells."""

    def __init__(self, source: str, file_name: str, reasons: Iterable[Reason], listing: str = ""):
        self.source = source
        self.file_name = file_name
        self.reasons = list(reasons)
        self.listing = listing
        lines = [f"{file_name} is refused as {source}:", *(f"  - {reason}" for reason in self.reasons)]
        super().__init__("\n".join(lines))
