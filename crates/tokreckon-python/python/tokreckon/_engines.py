"""What every engine does with a part of a table: rows in, a saved ledger out."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

from ._report import save


def ledger_of(
    batches: Iterable[Any],
    place: str,
    by: Sequence[str],
    zone: str,
    provider: str,
    prices: Sequence[str],
) -> str | None:
    """The saved ledger of Arrow batches; ``None`` without rows.

    ``place`` is the part's own name: equal rows of two parts are different requests, and a part that
    is computed twice is one source.
    """
    pa: Any = import_module("pyarrow")
    csv: Any = import_module("pyarrow.csv")

    tables: list[Any] = [pa.Table.from_batches([batch]) for batch in batches if batch.num_rows]
    if not tables:
        return None
    buffer = io.BytesIO()
    csv.write_csv(pa.concat_tables(tables), buffer)
    return save(
        buffer.getvalue(), place=place, by=by, zone=zone, provider=provider, prices=prices
    )
