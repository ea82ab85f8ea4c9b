"""Reports on Spark: integer cells are made where the rows lie, and money once at the end.

    import tokreckon.spark
    report = tokreckon.spark.report(spark.read.parquet("usage"), by=["model", "day"])

The wheel must be on the executors (``%pip``, ``--archives``, an image). Spark's own sums and products
of decimals are not used: they cut scales without a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from ._errors import ReadError
from ._report import Report, merge, report_saved


def report(
    df: Any,
    *,
    by: Sequence[str] = ("provider", "model"),
    provider: str = "",
    prices: Sequence[str] = (),
    zone: str = "UTC",
) -> Report:
    """The report of a data frame with the columns of a usage table.

    Each partition becomes one saved ledger; what is collected is as large as the groups are many,
    whatever the number of rows. A task that is run again changes nothing.
    """
    dimensions = tuple(by)

    def cells(batches: Iterator[Any]) -> Iterator[Any]:
        from tokreckon._engines import ledger_of

        pa: Any = import_module("pyarrow")
        context: Any = import_module("pyspark").TaskContext.get()
        place = "" if context is None else str(context.partitionId())
        ledger = ledger_of(batches, place, dimensions, zone, provider, prices)
        if ledger is not None:
            yield pa.RecordBatch.from_pydict({"ledger": [ledger]})

    ledgers = [row.ledger for row in df.mapInArrow(cells, "ledger string").collect()]
    if not ledgers:
        raise ReadError("the data frame has no rows", "empty")
    return report_saved(merge(ledgers), by=by, zone=zone, prices=prices)
