"""Reports on lazy frames of Polars, batch by batch: tables may be larger than the memory.

    import tokreckon.polars
    report = tokreckon.polars.report(polars.scan_parquet("usage/*.parquet"), by=["model", "day"])

A frame that is in memory is a source as it is: ``tokreckon.report(frame)``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ._columns import cells, merge, report_cells
from ._internal import Table
from ._report import Report

# Cells that are kept before they are added up.
_KEPT = 64


def report(
    frame: Any,
    *,
    by: Sequence[str] | str = ("provider", "model"),
    provider: str = "",
    prices: Sequence[str] = (),
    zone: str = "UTC",
) -> Report:
    """The report of a lazy frame with the columns of a usage table."""
    names = by.split(",") if isinstance(by, str) else list(by)

    def made() -> Iterator[Table]:
        # No rows say what columns there are, also where none comes.
        yield cells(frame.limit(0).collect(), by=names, provider=provider, prices=prices, zone=zone)
        for batch in frame.collect_batches():
            yield cells(batch, by=names, provider=provider, prices=prices, zone=zone)

    parts: list[Table] = []
    for part in made():
        parts.append(part)
        if len(parts) >= _KEPT:
            parts = [merge(parts)]
    return report_cells(parts, by=names, zone=zone, prices=prices)
