"""Prices, as Python sees them."""

import json
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import tokreckon
from hypothesis import given
from hypothesis import strategies as st

DAY = "2025-04-09"
RESPONSE = {
    "model": "o1-mini",
    "created": 1744186226,
    "usage": {
        "prompt_tokens": 57,
        "completion_tokens": 2167,
        "total_tokens": 2224,
        "prompt_tokens_details": {"cached_tokens": 0},
    },
}


def test_a_price_is_a_decimal_to_the_last_digit():
    charge = tokreckon.price("openai", "o1-mini", input=57, output=2167, at=DAY)
    assert charge.exact == Decimal("0.0095975")
    assert (charge.grade, charge.currency, charge.doubts) == ("exact", "USD", ())
    assert str(charge) == "0.0095975 USD (exact)"
    assert [(line.meter, line.quantity) for line in charge.lines] == [
        ("input", 57),
        ("output", 2167),
    ]
    assert all(line.sources for line in charge.lines)


def test_a_response_is_priced_however_it_comes():
    class Sdk:
        def model_dump_json(self) -> str:
            return json.dumps(RESPONSE)

    class Old:
        def to_dict(self):
            return RESPONSE

    text = json.dumps(RESPONSE)
    for response in (RESPONSE, text, text.encode(), Sdk(), Old()):
        charge = tokreckon.price_response(response, provider="openai")
        assert charge.exact == Decimal("0.0095975"), type(response)


@pytest.mark.parametrize("wrong", [1.0, True, "1", Decimal(1)])
def test_only_whole_numbers_are_counts(wrong):
    with pytest.raises(TypeError):
        tokreckon.price("openai", "o1-mini", input=wrong, at=DAY)


def test_times_need_a_zone():
    with pytest.raises(ValueError, match="naive"):
        tokreckon.price("openai", "o1-mini", input=1, at=datetime(2025, 4, 9))
    zone = timezone(timedelta(hours=9))
    for at in (date(2025, 4, 9), datetime(2025, 4, 9, 8, tzinfo=zone), "2025-04-09T08:00:00Z"):
        assert tokreckon.price("openai", "o1-mini", input=1_000_000, at=at).exact == Decimal("1.1")


def test_refusals_have_a_type_a_code_and_near_names():
    with pytest.raises(tokreckon.PriceError) as caught:
        tokreckon.price("openai", "o1-minu", input=1, at=DAY)
    assert caught.value.code == "unknown-model"
    assert "o1-mini" in caught.value.near
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.code, again.near, str(again)) == (
        caught.value.code,
        caught.value.near,
        str(caught.value),
    )
    with pytest.raises(tokreckon.ReadError):
        tokreckon.price_response("{}", provider="openai")
    with pytest.raises(tokreckon.PriceFileError, match="1:"):
        tokreckon.PriceBook(["provider = 1"])


OWN = """
provider = "cometapi"
currency = "USD"

[[price]]
models = ["o1-mini-2024-09-12"]
from = 2026-01-01
input = "0.88"
"""


def test_own_prices_go_first_and_books_travel():
    book = pickle.loads(pickle.dumps(tokreckon.PriceBook().with_prices(OWN)))
    price = book.unit_price("cometapi", "o1-mini-2024-09-12", "input", at="2026-03-01")
    assert price is not None and price.low == Decimal("0.88")
    with ThreadPoolExecutor(4) as pool:
        charges = pool.map(
            lambda n: book.price("cometapi", "o1-mini-2024-09-12", input=n, at="2026-03-01"),
            range(1, 200),
        )
        assert sum(charge.amount for charge in charges).exact == Decimal("0.88") * 19900 / 10**6


def test_charges_travel_and_compare():
    charge = tokreckon.price("openai", "o1-mini", input=57, output=2167, at=DAY)
    again = pickle.loads(pickle.dumps(charge))
    assert again == charge and hash(again) == hash(charge)
    assert "0.0095975" in charge._repr_html_() and "<table>" in charge._repr_html_()
    assert charge.to_dict()["schema"] == "tokreckon-charge/1"


def test_what_is_assumed_is_not_exact():
    charge = tokreckon.price("replicate", "openai/o1-mini", input=10**6, at="2026-04-15")
    assert (charge.grade, charge.exact, charge.single) == ("assumed", None, Decimal("1.1"))
    with pytest.raises(tokreckon.AssumedError):
        charge.strict()


@given(st.integers(0, 2**63), st.integers(0, 2**63))
def test_costs_are_those_of_rational_numbers(prompt, output):
    charge = tokreckon.price("openai", "o1-mini", input=prompt, output=output, at=DAY)
    expected = Fraction(110, 100) * prompt / 10**6 + Fraction(440, 100) * output / 10**6
    assert charge.exact is not None and Fraction(charge.exact) == expected


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=30))
def test_sums_are_the_same_in_any_order(counts):
    amounts = [tokreckon.price("openai", "o1-mini", input=n, at=DAY).amount for n in counts]
    forwards, backwards = sum(amounts), sum(reversed(amounts))
    assert forwards == backwards
    assert Fraction(forwards.low) == Fraction(11, 10) * sum(counts) / 10**6


def test_the_readme_runs():
    import doctest

    assert doctest.testmod(tokreckon).failed == 0
    readme = Path(__file__).parent.parent / "README.md"
    options = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
    assert doctest.testfile(str(readme), module_relative=False, optionflags=options).failed == 0


if __name__ == "__main__":
    sys.exit(pytest.main([__file__]))
