"""Work in pieces, shared by the processors when there is enough of it (behind every step of a large index, article 86)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Found = TypeVar("Found")
THREADED = 1 << 20  # fewer values than this are done before the threads have started


def in_turn(work: Callable[[Given], Found], over: Sequence[Given], size: int) -> list[Found]:
    """`work` on each of `over`, in order, on several processors if `size` values are worth it.

    NumPy lets other threads run while it computes; what a piece gives must not depend on the others.

    >>> in_turn(lambda one: one * 2, [1, 2, 3], size=3)
    [2, 4, 6]
    """
    processors = os.cpu_count() or 1
    if size < THREADED or len(over) < 2 or processors < 2:
        return [work(one) for one in over]
    with ThreadPoolExecutor(processors) as pool:
        return list(pool.map(work, over))
