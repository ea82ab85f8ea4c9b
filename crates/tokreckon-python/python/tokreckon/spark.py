"""Reports and prices on Spark: cells are made where the rows lie and added up by Spark, money once at
the end.

    import tokreckon.spark
    report = tokreckon.spark.report(spark.read.parquet("usage"), by=["model", "day"])

The wheel must be on the executors (``%pip``, ``--archives``, an image). Spark's own products and sums
of money are not used: they cut scales without a word. Sums of whole numbers are exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from . import _engines
from ._columns import price_table
from ._report import Report


def report(
    df: Any,
    *,
    by: Sequence[str] | str = ("provider", "model"),
    provider: str = "",
    prices: Sequence[str] = (),
    zone: str = "UTC",
) -> Report:
    """The report of a data frame with the columns of a usage table.

    What comes to the driver is as large as the groups are many, whatever the number of rows and
    partitions. A task that is run again changes nothing.
    """
    reading = _engines.reading_of(by, provider, prices, zone)
    functions: Any = import_module("pyspark.sql.functions")
    types: Any = import_module("pyspark.sql.pandas.types")
    pa: Any = import_module("pyarrow")

    def cells(batches: Iterator[Any]) -> Iterator[Any]:
        from tokreckon import _engines as on_executor

        found = on_executor.cells_of_some(batches, reading)
        if found is not None:
            yield from found.to_batches()

    # What cells look like is asked of no rows: what cannot be read is refused before a job begins.
    schema = _engines.cells_of([], types.to_arrow_schema(df.schema), reading).schema
    made = df.mapInArrow(cells, types.from_arrow_schema(schema))
    keys = [name for name in schema.names if name not in _engines.SUMS]
    sums = [
        getattr(functions, how)(name).cast("decimal(38,0)").alias(name)
        for name, how in _engines.SUMS.items()
    ]
    rows = made.groupBy(*keys).agg(*sums).collect()
    table = pa.Table.from_pylist([row.asDict() for row in rows], schema=schema)
    return _engines.report_of([table], reading)


def price(
    df: Any, *, provider: str = "", prices: Sequence[str] = (), zone: str = "UTC"
) -> Any:
    """The data frame with what each row costs: the columns of :func:`tokreckon.price_table`."""
    layers = list(prices)
    types: Any = import_module("pyspark.sql.pandas.types")
    pa: Any = import_module("pyarrow")

    def priced(batches: Iterator[Any]) -> Iterator[Any]:
        pa: Any = import_module("pyarrow")
        for batch in batches:
            rows = price_table(batch, provider=provider, prices=layers, zone=zone)
            yield from pa.table(rows).to_batches()

    empty = types.to_arrow_schema(df.schema).empty_table()
    schema = pa.table(price_table(empty, provider=provider, prices=layers, zone=zone)).schema
    return df.mapInArrow(priced, types.from_arrow_schema(schema))
