"""The chores of the floors above the kernel: what the platform does by itself beside the kernel's own."""

from __future__ import annotations

import datetime as dt

from shenzhi.kernel.words import Words


def announce() -> None:
    """Add them to the kernel's, for the runner and for the page that lists them; Django must be set up."""
    from shenzhi.kernel.work import chores

    chores.add(
        chores.Chore(
            "lake",
            Words("登记簿公开部分入湖", "Take the public part of the registers into the lake"),
            dt.timedelta(hours=1),
            _registers,
        )
    )


def _registers() -> str:
    from shenzhi.pipeline.lake.registers import take_in_all  # the engine takes a second to load

    return f"{len(take_in_all())} registers"
