"""Reports on Ray Data: cells are made where the rows lie, and money once at the end.

    import tokreckon.ray
    report = tokreckon.ray.report(ray.data.read_parquet("usage"), by=["model", "day"])

The wheel must be on the workers (``runtime_env={"pip": [...]}`` or an image). Cells are merged here and
not by a group-by of Ray, which makes hundreds of blocks for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import _engines
from ._report import Report


def report(
    dataset: Any,
    *,
    by: Sequence[str] | str = ("provider", "model"),
    provider: str = "",
    prices: Sequence[str] = (),
    zone: str = "UTC",
) -> Report:
    """The report of a dataset with the columns of a usage table."""
    reading = _engines.reading_of(by, provider, prices, zone)

    def cells(table: Any) -> Any:
        from tokreckon import _engines as on_worker

        # Ray hands over the output of one attempt of each task.
        return on_worker.cells_of(table.to_batches(), table.schema, reading)

    mapped = dataset.map_batches(cells, batch_format="pyarrow", batch_size=None)
    tables = mapped.iter_batches(batch_format="pyarrow", batch_size=None)
    return _engines.report_of(tables, reading)
