"""The tables of a publication as arrays: areas, periods and nodes, each along its own axis (article 86).

A publication holds a row for every area, period and node of its scope, sorted so: a column is an array of that shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from shenzhi.calc.composite.labels import Floats
from shenzhi.calc.composite.tree import Tree
from shenzhi.pipeline.index.published import Publication, PublicationError


@dataclass(frozen=True)
class Grid:
    """A publication as arrays (areas, periods, nodes), read column by column when it is asked for."""

    publication: Publication

    @cached_property
    def areas(self) -> tuple[str, ...]:
        return tuple(self.publication.manifest["scope"]["areas"])

    @cached_property
    def periods(self) -> tuple[str, ...]:
        return tuple(self.publication.manifest["scope"]["periods"])

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Nodes in the order of the method, the root first."""
        return tuple(self.publication.method.nodes)

    @cached_property
    def tree(self) -> Tree:
        """The tree with the weights that were in force, those taken from data among them."""
        nodes = list(self.publication.method.nodes.values())
        weight = [node.weight for node in nodes]
        # Weights are the same in every row of parts: the first rows tell them.
        file = pq.ParquetFile(self.publication.table("parts"))
        for batch in file.iter_batches(len(nodes) - 1, columns=["weight"]):
            weight[1:] = batch.column(0).to_pylist()
            break
        return Tree.of([(node.code, node.parent) for node in nodes], weight)

    def scores(self, column: str) -> Floats:
        """A column of numbers of the scores (areas, periods, nodes), NaN where there is none."""
        return self._numbers("scores", column, len(self.codes))

    def parts(self, column: str) -> Floats:
        """A column of numbers of the parts (areas, periods, nodes but the root)."""
        return self._numbers("parts", column, len(self.codes) - 1)

    def words(self, column: str) -> NDArray[np.object_]:
        """A column of texts of the parts (areas, periods, nodes but the root)."""
        texts = self._column("parts", column, len(self.codes) - 1).dictionary_encode()
        known = np.array([*texts.dictionary.to_pylist(), ""], dtype=object)
        return known[texts.indices.to_numpy(zero_copy_only=False)].reshape(self._shape(len(self.codes) - 1))

    def _numbers(self, table: str, column: str, nodes: int) -> Floats:
        found = self._column(table, column, nodes).cast(pa.float64()).to_numpy(zero_copy_only=False)
        return np.asarray(found, dtype=np.float64).reshape(self._shape(nodes))

    def _shape(self, nodes: int) -> tuple[int, int, int]:
        return len(self.areas), len(self.periods), nodes

    def _column(self, table: str, column: str, nodes: int) -> pa.Array:
        path = self.publication.table(table)
        read = pq.read_table(path, columns=[column])[column].combine_chunks()
        found = read.combine_chunks() if isinstance(read, pa.ChunkedArray) else read
        expected = int(np.prod(self._shape(nodes)))
        if len(found) != expected:
            raise PublicationError(
                f"{path} 有 {len(found)} 行，按范围应为 {expected} 行\n"
                f"{path} has {len(found)} rows, its scope asks for {expected}"
            )
        return found
