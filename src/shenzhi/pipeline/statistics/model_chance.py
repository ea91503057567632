"""Chance for what is made up: the same seed gives the same numbers on every machine (article 84)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]


class Chance:
    """Random numbers that stay the same on every machine: only the raw uniform stream is used."""

    def __init__(self, seed: int, purpose: str):
        self._stream = np.random.Generator(np.random.PCG64([seed, *purpose.encode()]))

    def uniform(self, *shape: int) -> Numbers:
        return self._stream.random(shape)

    def normal(self, *shape: int) -> Numbers:
        """Nearly normal, mean 0 and deviation 1: the sum of twelve uniform numbers less six (never beyond 6)."""
        return self._stream.random((*shape, 12)).sum(axis=-1) - 6.0

    def below(self, limit: int, *shape: int) -> Numbers:
        return (self.uniform(*shape) * limit).astype(np.int64)
