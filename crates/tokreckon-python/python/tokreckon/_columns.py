"""Tables of any library, by columns: rows with what each costs, and integer cells that add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Union, cast, overload

from . import _internal
from ._inputs import ArrowStream, time
from ._internal import Table
from ._report import Report, report_saved


def _reading(
    provider: str | None,
    format: str | None,
    columns: Mapping[str, str] | None,
    service_tier: str | None,
    zone: str,
    prices: Sequence[str],
) -> _internal.Reading:
    names = None
    if columns is not None:
        names = ",".join(f"{name}={column}" for name, column in columns.items())
    return {
        "provider": provider or "",
        "format": format,
        "columns": names,
        "service_tier": service_tier,
        "zone": zone,
        "prices": list(prices),
    }


def price_table(
    table: ArrowStream,
    *,
    provider: str | None = None,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    service_tier: str | None = None,
    zone: str = "UTC",
    prices: Sequence[str] = (),
) -> Table:
    """The rows of a table with what each costs, as a table that any library takes over:
    ``polars.DataFrame(result)``, ``pyarrow.table(result)``, ``pandas.DataFrame.from_arrow(result)``.

    ``cost_low`` and ``cost_high`` are ``decimal128(38, 24)``, equal for one number; ``grade`` is
    ``exact``, ``assumed``, ``between`` or ``unknown``; ``reasons`` says why it is not exact, or what
    became of the row. Copies of one request are priced as often as they are there.
    """
    reading = _reading(provider, format, columns, service_tier, zone, prices)
    return _internal.price_table(table, reading, time(None))


def cells(
    table: ArrowStream,
    *,
    by: Sequence[str] = (),
    provider: str | None = None,
    format: str | None = None,
    columns: Mapping[str, str] | None = None,
    service_tier: str | None = None,
    zone: str = "UTC",
    prices: Sequence[str] = (),
) -> Table:
    """The usage of a table as few integer sums, which add up with those of other tables:
    ``SUM(quantity)``, ``MIN(fewest)``, ``MAX(most)``, grouped by all other columns, or :func:`merge`.

    Provider, model and day are always told apart; ``by`` adds dimensions to them. The schema's
    metadata goes along. Rows that say no time have no price here, and the same table twice counts
    twice: :func:`save` tells that apart.
    """
    reading = _reading(provider, format, columns, service_tier, zone, prices)
    return _internal.cells(table, list(by), reading)


@overload
def merge(parts: Sequence[str]) -> str: ...
@overload
def merge(parts: Sequence[ArrowStream], *, reprice: bool = False) -> Table: ...
def merge(parts: Sequence[str] | Sequence[ArrowStream], *, reprice: bool = False) -> str | Table:
    """Saved ledgers as one saved ledger, or :func:`cells` as one table of cells: the same in any order.

    Cells of different price books are refused, unless the report will ``reprice`` them.
    """
    ledgers = [part for part in parts if isinstance(part, str)]
    if len(ledgers) == len(parts):
        return _internal.merge(ledgers)
    if ledgers:
        raise TypeError("saved ledgers and tables of cells do not merge")
    return _internal.merge_cells(cast("Sequence[ArrowStream]", parts), reprice)


def report_cells(
    cells: Union[ArrowStream, Sequence[ArrowStream]],
    *,
    by: Sequence[str] | str = ("provider", "model"),
    zone: str = "UTC",
    prices: Sequence[str] = (),
    reprice: bool = False,
) -> Report:
    """The report of all rows that cells stand for; ``reprice`` by the prices of this book."""
    whole = cells if isinstance(cells, ArrowStream) else merge(cells, reprice=reprice)
    text = _internal.saved_cells(whole, reprice)
    return report_saved(text, by=by, zone=zone, prices=prices, reprice=reprice)
