"""The index as a query on Spark: what DuckDB gives, and no number either where computing refuses."""

from __future__ import annotations

import os
import shutil
import sys

import ibis
import numpy as np
import pyarrow as pa
import pytest
from index_queries import (
    FLAT,
    PLAIN,
    UNFIT,
    a_method,
    a_table,
    a_table_with,
    assert_no_number,
    assert_the_same,
    queried,
)

from shenzhi.pipeline.index.expression import FIGURES, scores


@pytest.fixture(scope="module")
def session():
    spark = pytest.importorskip("pyspark.sql", reason="Spark is an extra: make spark")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = spark.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    yield session
    session.stop()


def on_spark(session, table: pa.Table):
    session.createDataFrame(table.to_pandas()).createOrReplaceTempView("wide")
    return ibis.pyspark.connect(session).table("wide")


@pytest.mark.slow
@pytest.mark.parametrize(
    "lines", ["screening: {unit: 0.4}\n", "frame: period\nranks: {ties: max, decimals: 1}\n"]
)
def test_spark_gives_what_duckdb_gives(session, lines):
    method = a_method(lines)
    table = a_table(method)
    found = scores(method, on_spark(session, table), nodes=list(method.nodes), show=FIGURES).to_pyarrow()
    assert_the_same(method, table, found, within=1e-9)
    one, other = (
        answer.sort_by([("area", "ascending"), ("period", "ascending")])
        .to_pandas()
        .drop(columns=["area", "period"])
        for answer in (found, queried(method, table, nodes=list(method.nodes), show=FIGURES))
    )
    np.testing.assert_allclose(
        one.to_numpy(np.float64), other.to_numpy(np.float64), rtol=1e-9, atol=1e-9, equal_nan=True
    )


@pytest.mark.slow
def test_spark_shows_no_number_either_where_computing_refuses(session):
    low = a_method(head=PLAIN.replace("arithmetic", "geometric"), tree=FLAT)
    zero = pa.table({"area": list("ABC"), "period": ["2024"] * 3, "one": [0.0] * 3})
    mixed = a_method()
    for method, column, table in [
        (low, "one", zero),
        *((mixed, column, a_table_with(mixed, column, values)) for column, values in UNFIT),
    ]:
        # read from Spark itself: on the way to a data frame NaN and NULL become one
        query = ibis.pyspark.connect(session).compile(
            scores(method, on_spark(session, table), show=["score"])
        )
        assert_no_number(column, [row["index"] for row in session.sql(query).orderBy("area").collect()])
