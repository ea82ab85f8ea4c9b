"""The price book."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from decimal import Decimal

from . import _internal
from ._charge import Charge, UnitPrice
from ._inputs import Response, Time, body, time, whole


class PriceBook:
    """The built-in prices, with prices of one's own on top.

    Each of ``prices`` is the text of a price file. A book is immutable, can be shared between
    threads and pickled.
    """

    __slots__ = ("_native", "_layers")

    def __init__(self, prices: Sequence[str] = ()) -> None:
        self._layers = tuple([prices] if isinstance(prices, str) else prices)
        self._native = _internal.Book(list(self._layers))

    def with_prices(self, text: str) -> PriceBook:
        """This book with one more price file on top: what it says goes before the rest."""
        return PriceBook((*self._layers, text))

    def providers(self) -> list[str]:
        """Ids of all providers."""
        return self._native.providers()

    def models(self, provider: str) -> list[str]:
        """Ids of a provider's models."""
        return self._native.models(provider)

    def price(
        self,
        provider: str,
        model: str,
        *,
        at: Time | None = None,
        service_tier: str = "standard",
        variant: str = "",
        requests: int | None = None,
        **counts: int,
    ) -> Charge:
        """The charge of counts by meter: ``input``, ``output``, ``cache_read``, ``reasoning`` …

        Counts are disjoint: tokens that were read from a cache are not in ``input`` again. ``at``
        is now when it is not given; ``requests`` says that the counts are a sum of so many.
        """
        by_meter = [(name.replace("_", "-"), whole(name, count)) for name, count in counts.items()]
        return Charge(
            self._native.price(
                provider,
                model,
                by_meter,
                time(at),
                service_tier,
                variant,
                None if requests is None else whole("requests", requests),
            )
        )

    def price_response(
        self, response: Response, *, provider: str = "", at: Time | None = None
    ) -> Charge:
        """The charge of a response: a dict, a JSON text, or an object of an SDK.

        ``provider`` is who sends the bill; ``at`` is its time where it does not say one itself.
        """
        when = None if at is None else time(at)
        return Charge(self._native.price_response(provider, body(response), when))

    def unit_price(
        self, provider: str, model: str, meter: str, *, at: Time | None = None
    ) -> UnitPrice | None:
        """What one of a meter costs; ``None`` when the model has no price for it."""
        found = self._native.unit_price(provider, model, meter.replace("_", "-"), time(at))
        if found is None:
            return None
        low, high, currency, per, noun, rates = found
        rows = tuple(json.loads(rates))
        return UnitPrice(Decimal(low), Decimal(high), currency, per, noun, rows)

    def __reduce__(self) -> tuple[Callable[[Sequence[str]], PriceBook], tuple[tuple[str, ...]]]:
        return (PriceBook, (self._layers,))

    def __repr__(self) -> str:
        own = len(self._layers)
        _, day = _internal.book_version()
        with_own = f" with {own} price file{'s' if own > 1 else ''}" if own else ""
        return f"<PriceBook of {day}{with_own}>"
