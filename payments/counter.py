"""The counter: money that a clerk takes by hand, in cash or on a card terminal of its own.

No provider is asked about anything: the clerk's word is the payment. Where coins do not reach (the
centavo of BRL), cash is rounded as `core.money.cash_due` says, and the house bears the rest: the
payment is of the whole amount.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core import limits
from core.bills import Bill
from core.money import cash_change, cash_due
from core.offers import Offer
from core.outcomes import CheckedOut
from core.payments import UNDER_WAY, Payment, PaymentState, Refund, RefundState
from core.ports import Account, GatewayReport
from core.requests import SYSTEM, WINDOW, Report

NAME = "counter"
CASH = "cash"
CARD = "card"


@dataclass(frozen=True, slots=True)
class Taken:
    """The money is there. `report` is for the office, `change_minor` for the customer."""

    report: Report
    change_minor: int


@dataclass(frozen=True, slots=True)
class NotEnoughCash:
    """Less was handed over than the `due_minor` to be paid in cash."""

    due_minor: int
    given_minor: int


@dataclass(frozen=True, slots=True)
class WrongCurrency:
    """The order is in another currency."""

    currency: str
    given: str


@dataclass(frozen=True, slots=True)
class BadReference:
    """A card payment needs the terminal's reference (NSU): the slip of paper has it."""

    advice: str


def take_cash(
    order: CheckedOut, given_minor: int, currency: str, actor: str = SYSTEM
) -> Taken | NotEnoughCash | WrongCurrency:
    """Take `given_minor` in cash for an order. The reference keeps what was given and returned."""
    if currency != order.currency:
        return WrongCurrency(order.currency, currency)
    change_minor = cash_change(order.total_minor, given_minor, currency)
    if change_minor is None:
        return NotEnoughCash(cash_due(order.total_minor, currency), given_minor)
    return Taken(
        _captured(order, f"given {given_minor} change {change_minor}", actor), change_minor
    )


def take_card(order: CheckedOut, reference: str, actor: str = SYSTEM) -> Taken | BadReference:
    """Note what a card terminal took for an order, by the reference it printed."""
    reference = reference.strip()
    if not reference:
        return BadReference("give the NSU that the terminal printed")
    if len(reference) > limits.REFERENCE_LENGTH or not reference.isprintable():
        return BadReference(f"give at most {limits.REFERENCE_LENGTH} printable characters")
    return Taken(_captured(order, reference, actor), 0)


def _captured(order: CheckedOut, reference: str, actor: str) -> Report:
    return Report(
        show_id=order.show_id,
        payment_id=order.payment_id,
        event_id=f"{order.payment_id}:captured",
        state=PaymentState.CAPTURED,
        amount_minor=order.total_minor,
        currency=order.currency,
        reference=reference,
        actor=actor,
    )


class Counter:
    """A `core.ports.Gateway`: what the clerk did is all that there is to know."""

    name = NAME
    outside = 0
    moves_money = True

    def offers(self, channel: str, currency: str) -> Sequence[Offer]:
        """Offer cash and the card terminal, at the window alone."""
        del currency
        ways = (CASH, CARD) if channel == WINDOW else ()
        return [Offer(gateway=NAME, method=way, outside=0) for way in ways]

    async def start(self, bill: Bill) -> Sequence[GatewayReport]:
        """Do nothing: the clerk reports the money when it lies on the counter."""
        del bill
        return ()

    async def capture(self, payment: Payment) -> Sequence[GatewayReport]:
        """Do nothing: what was taken is taken."""
        del payment
        return ()

    async def settle(self, payment: Payment, *, void: bool) -> Sequence[GatewayReport]:
        """Cancel what was not paid; nothing is authorised here that could be void."""
        del void
        under_way = payment.state in UNDER_WAY
        state = PaymentState.CANCELLED if under_way else payment.state
        said = GatewayReport(
            event_id=f"{payment.payment_id}:{state}",
            state=state,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            reference=payment.reference,
        )
        return (said,)

    async def refund(self, refund: Refund, payment: Payment) -> str:
        """Say that it is done: the clerk hands the money back."""
        del refund, payment
        return RefundState.DONE

    async def look(self, payment: Payment) -> Account | None:
        """Know nothing more than the office does."""
        del payment
        return None
