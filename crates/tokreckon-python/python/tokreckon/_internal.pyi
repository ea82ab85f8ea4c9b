from typing import Literal, final

__all__ = [
    "Book",
    "__version__",
    "book_version",
    "count_many",
    "count_request",
    "main",
    "merge",
    "meters",
    "run",
    "save",
]

__version__: str

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
def run(args: list[str]) -> tuple[int, str, list[tuple[str, str | None, list[str]]]]: ...
def main(args: list[str]) -> int: ...
def save(
    usage: bytes,
    name: str,
    place: str,
    by: list[str],
    zone: str,
    provider: str,
    layers: list[str],
) -> str: ...
def merge(texts: list[str]) -> str: ...
