"""The sandbox: payments for trying out. No money moves, and every screen and receipt says so.

It keeps nothing of its own: how a payment stands follows from the payment and the time. A card is
always good. A Pix pays itself some seconds after its code was made, which is heard of when the
payment is looked at, as a lost webhook would be.
"""

from collections.abc import Sequence

from core.bills import Bill
from core.offers import Offer
from core.payments import UNDER_WAY, Action, ActionKind, Payment, PaymentState, Refund, RefundState
from core.ports import Account, Clock, GatewayReport

NAME = "sandbox"
CARD = "card"
PIX = "pix"
PAYS_MS = 15_000
"""After so long somebody has paid the Pix."""


class Sandbox:
    """A `core.ports.Gateway` that behaves as if it were outside."""

    name = NAME
    outside = 1
    moves_money = False

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def offers(self, channel: str, currency: str) -> Sequence[Offer]:
        """Offer a card, and Pix for reais, to everybody."""
        del channel
        ways = [PIX, CARD] if currency == "BRL" else [CARD]
        return [Offer(gateway=NAME, method=way, outside=1, moves_money=False) for way in ways]

    async def start(self, bill: Bill) -> Sequence[GatewayReport]:
        """Authorise a card at once; make a code that is no Pix code."""
        payment = bill.payment
        if payment.method != PIX:
            return (_said(payment, PaymentState.AUTHORISED),)
        code = f"SANDBOX - NO MONEY MOVES - {bill.order_code} {bill.total_minor} {payment.currency}"
        action = Action(kind=ActionKind.PIX, code=code, expires_ms=payment.until_ms)
        return (_said(payment, PaymentState.PENDING, action.text),)

    async def capture(self, payment: Payment) -> Sequence[GatewayReport]:
        """Capture what was authorised."""
        return (_said(payment, PaymentState.CAPTURED),)

    async def settle(self, payment: Payment, *, void: bool) -> Sequence[GatewayReport]:
        """Cancel what nobody paid."""
        state = self._state(payment)
        open_now = state == PaymentState.PENDING or (void and state == PaymentState.AUTHORISED)
        return (_said(payment, PaymentState.CANCELLED if open_now else state),)

    async def refund(self, refund: Refund, payment: Payment) -> str:
        """Give back what never came."""
        del refund, payment
        return RefundState.DONE

    async def look(self, payment: Payment) -> Account | None:
        """Say how a payment that waits stands by now; of others the office knows all."""
        waits = payment.state in UNDER_WAY
        return Account(report=_said(payment, self._state(payment))) if waits else None

    def _state(self, payment: Payment) -> PaymentState:
        waits = payment.method == PIX and payment.state == PaymentState.PENDING
        paid = self._clock.now_ms() >= payment.created_ms + PAYS_MS
        return PaymentState.CAPTURED if waits and paid else payment.state


def _said(payment: Payment, state: str, action: str = "") -> GatewayReport:
    return GatewayReport(
        event_id="",
        state=state,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        action=action,
    )
