"""How a line of the log is written: what somebody typed can never begin a line of its own."""

from __future__ import annotations

import logging
import re
from typing import Any

# the control characters, and those of Unicode that some programs take for the end of a line
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class OneLine(logging.Formatter):
    """Level, name and message on one line, control characters written as \\x0a; a trace follows, every line set in."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = _BREAKS.sub(lambda found: f"\\x{ord(found[0]):02x}", record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:
        return "\n".join(f"    {line}" for line in super().formatException(ei).splitlines())
