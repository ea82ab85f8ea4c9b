from typing import final

__all__ = ["Book", "__version__", "book_version", "meters"]

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
