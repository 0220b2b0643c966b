"""The counter: cash with change, a card terminal's reference, and what it refuses."""

import pytest

from core.money import cash_due
from core.outcomes import CheckedOut
from core.payments import Payment, PaymentState, Refund, RefundState
from core.ports import Gateway
from payments.counter import (
    BadReference,
    Counter,
    NotEnoughCash,
    Taken,
    WrongCurrency,
    take_card,
    take_cash,
)


def order(price_minor: int = 10_000, fee_minor: int = 0, currency: str = "BRL") -> CheckedOut:
    return CheckedOut(1, "p", "1-1-AAAA", "pay", (), price_minor, fee_minor, currency, None)


def payment(state: PaymentState) -> Payment:
    return Payment(1, "pay", "p", "counter", "cash", 0, state, 100, "BRL", "", 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("price", "fee", "given", "change"),
    [
        (10_000, 0, 10_000, 0),
        (10_000, 500, 20_000, 9_500),
        (10_003, 0, 10_000, 0),  # The centavo is no coin: the customer keeps it.
        (10_004, 0, 20_000, 10_000),
        (0, 0, 0, 0),
    ],
)
def test_cash_with_its_change(price: int, fee: int, given: int, change: int) -> None:
    taken = take_cash(order(price, fee), given, "BRL", "clerk:ana")
    assert isinstance(taken, Taken)
    assert taken.change_minor == change
    report = taken.report
    assert (report.state, report.amount_minor, report.currency) == ("captured", price + fee, "BRL")
    assert (report.payment_id, report.actor) == ("pay", "clerk:ana")


def test_cash_that_does_not_cover_it_is_refused() -> None:
    assert take_cash(order(), 9_995, "BRL") == NotEnoughCash(cash_due(10_000, "BRL"), 9_995)


def test_cash_of_another_currency_is_refused() -> None:
    assert take_cash(order(), 10_000, "USD") == WrongCurrency("BRL", "USD")


def test_a_card_is_taken_by_the_terminals_reference() -> None:
    taken = take_card(order(5_000, 250), " 004512 ")
    assert isinstance(taken, Taken)
    assert (taken.report.reference, taken.report.amount_minor) == ("004512", 5_250)
    assert taken.change_minor == 0


@pytest.mark.parametrize("reference", ["", "   ", "1\n2", "9" * 201])
def test_a_card_without_a_reference_is_refused(reference: str) -> None:
    assert isinstance(take_card(order(), reference), BadReference)


def test_the_same_money_has_the_same_event() -> None:
    first, again = take_cash(order(), 10_000, "BRL"), take_card(order(), "1")
    assert isinstance(first, Taken)
    assert isinstance(again, Taken)
    assert first.report.event_id == again.report.event_id


async def test_it_is_a_gateway_that_asks_nobody() -> None:
    counter: Gateway = Counter()
    assert (counter.name, counter.outside) == ("counter", 0)
    (said,) = await counter.settle(payment(PaymentState.PENDING), void=False)
    assert said.state == "cancelled"
    (said,) = await counter.settle(payment(PaymentState.CAPTURED), void=False)
    assert said.state == "captured"
    assert not await counter.capture(payment(PaymentState.AUTHORISED))
    refund = Refund(1, "r", "p", "pay", 100, "[]", "", RefundState.PENDING, "", 0)
    assert await counter.refund(refund, payment(PaymentState.CAPTURED)) == "done"
