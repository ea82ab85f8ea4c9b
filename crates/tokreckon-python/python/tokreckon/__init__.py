"""Counts LLM tokens, prices usage exactly, audits exports and bills.

>>> import tokreckon
>>> print(tokreckon.price("openai", "o1-mini", input=57, output=2167, at="2025-04-09"))
0.0095975 USD (exact)

Money is :class:`decimal.Decimal`; a float as an argument is a :class:`TypeError`. Every amount has a
grade: *exact* when all that decides it was read and nothing was assumed, *assumed* when it rests on
named defaults, *between* two bounds, or *unknown*.
"""

from __future__ import annotations

from functools import lru_cache

from . import _internal
from ._book import PriceBook
from ._charge import Amount, Charge, Grade, Line, UnitPrice
from ._columns import Table, cells, merge, price_table, report_cells
from ._count import Count, count, count_many, count_request
from ._errors import (
    AssumedError,
    CountError,
    PriceError,
    PriceFileError,
    ReadError,
    SavedLedgerError,
    TokreckonError,
)
from ._inputs import ArrowStream, Response, Time
from ._report import (
    Audit,
    Estimate,
    Group,
    Report,
    Source,
    audit,
    estimate,
    report,
    report_saved,
    save,
)

__version__: str = _internal.__version__

__all__ = [
    "Amount",
    "ArrowStream",
    "AssumedError",
    "Audit",
    "Charge",
    "Count",
    "CountError",
    "Estimate",
    "Grade",
    "Group",
    "Line",
    "PriceBook",
    "PriceError",
    "PriceFileError",
    "ReadError",
    "Report",
    "Response",
    "SavedLedgerError",
    "Source",
    "Table",
    "Time",
    "TokreckonError",
    "UnitPrice",
    "__version__",
    "audit",
    "cells",
    "count",
    "count_many",
    "count_request",
    "estimate",
    "merge",
    "meters",
    "price",
    "price_response",
    "price_table",
    "report",
    "report_cells",
    "report_saved",
    "save",
    "unit_price",
]


@lru_cache(maxsize=1)
def _builtin() -> PriceBook:
    return PriceBook()


def price(
    provider: str,
    model: str,
    *,
    at: Time | None = None,
    service_tier: str = "standard",
    variant: str = "",
    requests: int | None = None,
    **counts: int,
) -> Charge:
    """The charge of counts by meter, by the built-in book: see :meth:`PriceBook.price`."""
    return _builtin().price(
        provider,
        model,
        at=at,
        service_tier=service_tier,
        variant=variant,
        requests=requests,
        **counts,
    )


def price_response(response: Response, *, provider: str = "", at: Time | None = None) -> Charge:
    """The charge of a response, by the built-in book: see :meth:`PriceBook.price_response`."""
    return _builtin().price_response(response, provider=provider, at=at)


def unit_price(
    provider: str, model: str, meter: str, *, at: Time | None = None
) -> UnitPrice | None:
    """What one of a meter costs, by the built-in book."""
    return _builtin().unit_price(provider, model, meter, at=at)


def meters() -> list[str]:
    """Names of everything that can be counted, such as ``input`` and ``cache-read``."""
    return _internal.meters()
