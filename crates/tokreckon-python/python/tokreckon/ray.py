"""Reports on Ray Data: integer cells are made where the rows lie, and money once at the end.

    import tokreckon.ray
    report = tokreckon.ray.report(ray.data.read_parquet("usage"), by=["model", "day"])

The wheel must be on the workers (``runtime_env={"pip": [...]}`` or an image). Cells are merged here and
not by a group-by of Ray, which makes hundreds of blocks for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._errors import ReadError
from ._report import Report, merge, report_saved


def report(
    dataset: Any,
    *,
    by: Sequence[str] = ("provider", "model"),
    provider: str = "",
    prices: Sequence[str] = (),
    zone: str = "UTC",
) -> Report:
    """The report of a dataset with the columns of a usage table."""
    dimensions = tuple(by)

    def cells(table: Any) -> dict[str, list[str]]:
        import uuid

        from tokreckon._engines import ledger_of

        # Ray hands over the output of one attempt of each task.
        ledger = ledger_of(table.to_batches(), uuid.uuid4().hex, dimensions, zone, provider, prices)
        return {"ledger": [] if ledger is None else [ledger]}

    mapped = dataset.map_batches(cells, batch_format="pyarrow", batch_size=None)
    ledgers = [row["ledger"] for row in mapped.take_all()]
    if not ledgers:
        raise ReadError("the dataset has no rows", "empty")
    return report_saved(merge(ledgers), by=by, zone=zone, prices=prices)
