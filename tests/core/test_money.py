"""Money: read, written, shared and rounded without a float."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import (
    AMOUNT_MAX_MINOR,
    EXPONENTS,
    cash_change,
    cash_due,
    parse_amount,
    share,
)

AMOUNTS = st.integers(min_value=0, max_value=AMOUNT_MAX_MINOR)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("120", "BRL", 12_000),
        ("120.00", "BRL", 12_000),
        ("120,5", "BRL", 12_050),
        ("1.234,56", "BRL", 123_456),
        ("1,234.56", "BRL", 123_456),
        ("1.234.567", "BRL", 123_456_700),
        ("1234.5", "BRL", 123_450),
        ("  R$\N{NO-BREAK SPACE}1.234,56 ", "BRL", 123_456),
        ("BRL 10", "BRL", 1_000),
        ("0", "BRL", 0),
        ("007", "BRL", 700),
        ("1.234", "JPY", 1_234),
        ("1,234", "CLP", 1_234),
        ("0.125", "KWD", 125),
        ("1234.567", "KWD", 1_234_567),
        ("1.234,567", "KWD", 1_234_567),
    ],
)
def test_an_amount_that_can_mean_one_thing_is_read(text: str, currency: str, minor: int):
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("1.234", "BRL"),
        ("1,234", "BRL"),
        ("1.234", "KWD"),
        ("12.345", "BRL"),
        ("1.23,45", "BRL"),
        ("1,234,56", "BRL"),
        ("1.234.56", "BRL"),
        ("120.5", "JPY"),
        ("120.001", "BRL"),
        ("-1", "BRL"),
        ("+1", "BRL"),
        ("1e3", "BRL"),
        ("NaN", "BRL"),
        ("", "BRL"),
        ("R$", "BRL"),
        ("$ 10", "BRL"),
        (".50", "BRL"),
        ("5.", "BRL"),
        ("1 000", "BRL"),
        ("١٢", "BRL"),
        ("10", "XXX"),
        ("9" * 100_000, "BRL"),
        (str(AMOUNT_MAX_MINOR), "BRL"),
    ],
)
def test_any_other_amount_is_refused(text: str, currency: str):
    assert parse_amount(text, currency) is None


@given(text=st.text(), currency=st.sampled_from(sorted(EXPONENTS)))
def test_no_text_makes_the_reader_fail(text: str, currency: str):
    amount = parse_amount(text, currency)
    assert amount is None or 0 <= amount <= AMOUNT_MAX_MINOR


@pytest.mark.parametrize(
    ("minor", "basis_points", "part"),
    [(12_000, 1_000, 1_200), (5, 1_000, 1), (4, 1_000, 0), (0, 1_000, 0), (333, 750, 25)],
)
def test_a_share_rounds_half_up(minor: int, basis_points: int, part: int):
    assert share(minor, basis_points) == part


@given(minor=AMOUNTS, basis_points=st.integers(0, 10_000))
def test_a_share_is_never_more_than_half_a_unit_off(minor: int, basis_points: int):
    assert -10_000 < 2 * (share(minor, basis_points) * 10_000 - minor * basis_points) <= 10_000


@pytest.mark.parametrize(("minor", "basis_points"), [(-1, 100), (100, -1)])
def test_a_share_of_less_than_nothing_is_a_mistake(minor: int, basis_points: int):
    with pytest.raises(ValueError, match="has no meaning"):
        share(minor, basis_points)


@pytest.mark.parametrize(
    ("minor", "currency", "due"),
    [
        (1_239, "BRL", 1_235),
        (1_235, "BRL", 1_235),
        (1_237, "CHF", 1_235),
        (1_238, "CHF", 1_240),
        (15, "CLP", 10),
        (16, "CLP", 20),
        (1_239, "EUR", 1_239),
    ],
)
def test_cash_is_rounded_to_a_coin_there_is(minor: int, currency: str, due: int):
    assert cash_due(minor, currency) == due


def test_change_is_given_from_the_rounded_sum():
    assert cash_change(1_239, 2_000, "BRL") == 765
    assert cash_change(1_239, 1_235, "BRL") == 0
    assert cash_change(1_239, 1_230, "BRL") is None
