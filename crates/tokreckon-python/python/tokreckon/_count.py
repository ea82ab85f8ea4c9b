"""Tokens before sending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import _internal
from ._charge import Grade
from ._errors import CountError
from ._inputs import Response, body


@dataclass(frozen=True)
class Count:
    """The tokens of a request: one number, two bounds, or a lower bound alone."""

    grade: Grade
    low: int
    likely: int
    high: int | None
    parts: tuple[tuple[str, str, str], ...]
    """Each part with its rule and its tokens, as texts."""

    @property
    def exact(self) -> int | None:
        """The tokens, when all of them are known."""
        return self.low if self.grade == "exact" else None

    def __str__(self) -> str:
        if self.high is None:
            return f"at least {self.low:,}"
        if self.low == self.high:
            return f"{self.low:,}"
        return f"about {self.likely:,} ({self.low:,} to {self.high:,})"


def count(text: str, model: str, *, strict: bool = False) -> int:
    """Tokens of a text by the tokenizer of a model, or by a tokenizer of that name.

    Without a known tokenizer it is a :class:`CountError`; ``strict`` refuses assumed counts as well:
    of the reconstructed tokenizers of Claude, and of models of which nobody says which one they use.
    """
    return count_many([text], model, strict=strict)[0]


def count_many(texts: Sequence[str], model: str, *, strict: bool = False) -> list[int]:
    """Tokens of several texts, without the interpreter's lock."""
    counts, assumed = _internal.count_many(list(texts), model)
    if strict and assumed is not None:
        raise CountError(f"assumed: {assumed}", "assumed")
    return counts


def count_request(
    request: Response, *, model: str | None = None, provider: str | None = None
) -> Count:
    """Tokens of a whole request: a mapping, its JSON, or an object of an SDK."""
    grade, low, likely, high, parts = _internal.count_request(body(request), model, provider)
    return Count(grade, low, likely, high, tuple(parts))
