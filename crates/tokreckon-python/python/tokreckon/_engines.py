"""What every engine does with a part of a table: rows in, cells out, which go through the engine as a
table of its own. Schemas of engines keep no metadata, so it travels in a column."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from itertools import chain
from typing import Any, TypedDict

from ._columns import cells, merge, report_cells
from ._errors import ReadError
from ._inputs import ArrowStream
from ._internal import Table
from ._report import Report

METADATA = "metadata"
SUMS = {"quantity": "sum", "fewest": "min", "most": "max"}


class Reading(TypedDict):
    """How rows are read: what :func:`tokreckon.cells` takes."""

    by: Sequence[str]
    provider: str
    prices: Sequence[str]
    zone: str


def cells_of(batches: Iterable[Any], schema: Any, reading: Reading) -> Any:
    """The cells of Arrow batches, one at a time in memory, as a table of pyarrow."""
    pa: Any = import_module("pyarrow")
    found = pa.table(cells(pa.RecordBatchReader.from_batches(schema, batches), **reading))
    metadata = {key.decode(): value.decode() for key, value in found.schema.metadata.items()}
    column = pa.array([json.dumps(metadata, sort_keys=True)] * len(found), pa.string())
    return found.append_column(METADATA, column).replace_schema_metadata(None)


def cells_of_some(batches: Iterator[Any], reading: Reading) -> Any | None:
    """The same of batches that say themselves what columns there are; ``None`` without any."""
    first = next(batches, None)
    return None if first is None else cells_of(chain([first], batches), first.schema, reading)


def merged(tables: Iterable[Any]) -> Table:
    """What :func:`cells_of` made, in any order and number, as cells."""
    pc: Any = import_module("pyarrow.compute")
    parts: list[ArrowStream] = []
    for table in tables:
        for metadata in table.column(METADATA).unique().to_pylist():
            own = table.filter(pc.equal(table.column(METADATA), metadata)).drop_columns([METADATA])
            parts.append(own.replace_schema_metadata(json.loads(metadata)))
    if not parts:
        raise ReadError("there are no rows", "empty")
    return merge(parts)


def report_of(tables: Iterable[Any], reading: Reading) -> Report:
    """The report of what :func:`cells_of` made."""
    return report_cells(
        merged(tables), by=reading["by"], zone=reading["zone"], prices=reading["prices"]
    )


def reading_of(
    by: Sequence[str] | str, provider: str, prices: Sequence[str], zone: str
) -> Reading:
    """How rows are read, in a shape that travels to workers."""
    names = by.split(",") if isinstance(by, str) else by
    return {"by": list(names), "provider": provider, "prices": list(prices), "zone": zone}
