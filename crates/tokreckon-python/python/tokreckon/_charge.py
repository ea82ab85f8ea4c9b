"""Answers: charges, amounts and unit prices, with money as ``Decimal`` and never as a float."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, localcontext
from typing import Any, Literal

from ._errors import AssumedError

Grade = Literal["exact", "assumed", "between", "unknown"]

# 38 digits are the most that an exact amount has; a sum that needed more would not be exact.
_EXACT = Context(prec=78, traps=[Inexact])


@dataclass(frozen=True)
class Amount:
    """Money in one currency, with both bounds; ``high`` is ``None`` where there is none."""

    low: Decimal
    high: Decimal | None
    currency: str
    grade: Grade

    @property
    def exact(self) -> Decimal | None:
        """The amount, when its grade is exact: nothing about it was assumed."""
        return self.single if self.grade == "exact" else None

    @property
    def single(self) -> Decimal | None:
        """The one number, if it is one: exact or assumed, as ``grade`` says."""
        return self.low if self.high == self.low else None

    def __add__(self, other: Amount | int) -> Amount:
        if other == 0 and isinstance(other, int):  # what ``sum`` begins with
            return self
        if not isinstance(other, Amount):
            return NotImplemented
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added")
        grades: list[Grade] = ["exact", "assumed", "between", "unknown"]
        with localcontext(_EXACT):
            high = None if self.high is None or other.high is None else self.high + other.high
            worst = max(self.grade, other.grade, key=grades.index)
            return Amount(self.low + other.low, high, self.currency, worst)

    __radd__ = __add__

    def __str__(self) -> str:
        if self.high is None:
            return f"≥ {_plain(self.low)} {self.currency} ({self.grade})"
        if self.high != self.low:
            bounds = f"{_plain(self.low)} to {_plain(self.high)}"
            return f"{bounds} {self.currency} ({self.grade})"
        return f"{_plain(self.low)} {self.currency} ({self.grade})"


@dataclass(frozen=True)
class Line:
    """Meter × quantity × unit price."""

    meter: str
    priced_as: str
    quantity: int
    unit_price_low: Decimal
    unit_price_high: Decimal
    unit: str
    low: Decimal
    high: Decimal
    sources: tuple[str, ...]


class Charge:
    """What a usage costs, line by line, with its grade and the reasons of it."""

    __slots__ = ("_document",)

    def __init__(self, document: str) -> None:
        self._document: dict[str, Any] = json.loads(document)

    @property
    def grade(self) -> Grade:
        """``exact``, ``assumed``, ``between`` or ``unknown``."""
        return self._document["grade"]

    @property
    def amount(self) -> Amount:
        """What it comes to."""
        total = self._document["total"]
        high = None if total["high"] is None else Decimal(total["high"])
        return Amount(Decimal(total["low"]), high, total["currency"], self.grade)

    @property
    def exact(self) -> Decimal | None:
        """The amount, when its grade is exact: nothing about it was assumed."""
        return self.amount.exact

    @property
    def single(self) -> Decimal | None:
        """The one number, if it is one: exact or assumed, as ``grade`` says."""
        return self.amount.single

    @property
    def low(self) -> Decimal:
        """Lower bound."""
        return self.amount.low

    @property
    def high(self) -> Decimal | None:
        """Upper bound; ``None`` where something has no price or was not read."""
        return self.amount.high

    @property
    def currency(self) -> str:
        """ISO 4217 code, or a seller's own credits."""
        return self.amount.currency

    @property
    def doubts(self) -> tuple[str, ...]:
        """Codes of what makes it a range."""
        return tuple(self._document["doubts"])

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Codes of what it takes for granted."""
        return tuple(self._document["assumptions"])

    @property
    def lines(self) -> tuple[Line, ...]:
        """The priced part."""
        return tuple(_line(line) for line in self._document["lines"])

    @property
    def unpriced(self) -> dict[str, int]:
        """Counts without a price, by meter."""
        return {each["meter"]: int(each["quantity"]) for each in self._document["unpriced"]}

    def strict(self) -> Charge:
        """This charge, or :class:`AssumedError` when it takes something for granted."""
        if self.grade == "assumed":
            words = ", ".join(self.assumptions)
            raise AssumedError(f"assumed: {words}", "assumed")
        return self

    def to_dict(self) -> dict[str, Any]:
        """The charge as a document; every number is a text, so that none becomes a float."""
        return json.loads(json.dumps(self._document))

    def to_json(self) -> str:
        """The same as a JSON text."""
        return json.dumps(self._document, ensure_ascii=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Charge) and self._document == other._document

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __reduce__(self) -> tuple[Callable[[str], Charge], tuple[str]]:
        return (Charge, (self.to_json(),))

    def __str__(self) -> str:
        return str(self.amount)

    def __repr__(self) -> str:
        return f"<Charge {self.amount}>"

    def _repr_html_(self) -> str:
        def row(line: Line) -> str:
            cells = [line.meter, f"{line.quantity:,}", _plain(line.unit_price_low), line.unit]
            cells.append(_plain(line.low))
            return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"

        rows = "".join(row(line) for line in self.lines)
        head = "<tr><th>meter</th><th>quantity</th><th>price</th><th>per</th><th>cost</th></tr>"
        return f"<p>{html.escape(str(self))}</p><table>{head}{rows}</table>"


@dataclass(frozen=True)
class UnitPrice:
    """Money per so many of something; two prices where the book leaves it open."""

    low: Decimal
    high: Decimal
    currency: str
    per: int
    noun: str
    rates: tuple[dict[str, Any], ...]

    def __str__(self) -> str:
        price = _plain(self.low) if self.low == self.high else f"{self.low} to {self.high}"
        return f"{price} {self.currency} per {self.per:,} {self.noun}"


def _line(line: dict[str, Any]) -> Line:
    return Line(
        meter=line["meter"],
        priced_as=line["priced_as"],
        quantity=int(line["quantity"]),
        unit_price_low=Decimal(line["unit_price_low"]),
        unit_price_high=Decimal(line["unit_price_high"]),
        unit=line["unit"],
        low=Decimal(line["cost"]["low"]),
        high=Decimal(line["cost"]["high"]),
        sources=tuple(rate["source"] for rate in line["rates"]),
    )


def _plain(amount: Decimal) -> str:
    """A decimal without an exponent."""
    return format(amount, "f")
