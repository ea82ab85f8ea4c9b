from collections.abc import Sequence
from typing import Literal, Protocol, TypedDict, final, type_check_only

__all__ = [
    "Book",
    "Table",
    "__version__",
    "book_version",
    "cells",
    "count_many",
    "count_request",
    "main",
    "merge",
    "merge_cells",
    "meters",
    "price_table",
    "run",
    "save",
    "saved_cells",
]

__version__: str

@type_check_only
class _Stream(Protocol):
    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...

@type_check_only
class Reading(TypedDict):
    provider: str
    format: str | None
    columns: str | None
    service_tier: str | None
    zone: str
    prices: list[str]

@final
class Table:
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __len__(self) -> int: ...
    @property
    def column_names(self) -> list[str]: ...

@final
class Book:
    def __new__(cls, layers: list[str]) -> Book: ...
    def providers(self) -> list[str]: ...
    def models(self, provider: str) -> list[str]: ...
    def price(
        self,
        provider: str,
        model: str,
        counts: list[tuple[str, int]],
        at: str,
        tier: str,
        variant: str,
        requests: int | None,
    ) -> str: ...
    def price_response(self, provider: str, body: str, at: str | None) -> str: ...
    def unit_price(
        self, provider: str, model: str, meter_name: str, at: str
    ) -> tuple[str, str, str, int, str, str] | None: ...

def meters() -> list[str]: ...
def book_version() -> tuple[str, str]: ...
def count_many(texts: list[str], model: str) -> tuple[list[int], str | None]: ...
def count_request(
    body: str, model: str | None, provider: str | None
) -> tuple[
    Literal["exact", "assumed", "between", "unknown"],
    int,
    int,
    int | None,
    list[tuple[str, str, str]],
]: ...
def run(
    args: list[str], tables: Sequence[tuple[str, str, _Stream]]
) -> tuple[int, str, list[tuple[str, str | None, list[str]]]]: ...
def main(args: list[str]) -> int: ...
def save(
    usage: bytes | _Stream,
    name: str,
    place: str,
    by: list[str],
    zone_name: str,
    provider: str,
    layers: list[str],
) -> str: ...
def merge(texts: list[str]) -> str: ...
def price_table(source: _Stream, reading: Reading, now: str) -> Table: ...
def cells(source: _Stream, by: list[str], reading: Reading) -> Table: ...
def merge_cells(sources: Sequence[_Stream], reprice: bool) -> Table: ...
def saved_cells(source: _Stream, reprice: bool) -> str: ...
