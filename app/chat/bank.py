"""A payment provider for trying things out: Pix codes, and money that moves when somebody says so.

It keeps what a real one keeps, in memory, and moves no money.
"""

from collections.abc import Sequence

from core.bills import Bill
from core.box_office import BoxOffice
from core.offers import Offer
from core.payments import UNDER_WAY, Action, ActionKind, Payment, Refund, RefundState
from core.ports import GatewayReport
from core.requests import WINDOW, Report

NAME = "bank"
_BEGIN = "00020126"
"""How every Pix code begins."""


class Bank:
    """A `core.ports.Gateway` outside the office."""

    name = NAME
    outside = 1

    def __init__(self, *, moves_money: bool = False) -> None:
        self.moves_money = moves_money
        self._begun: dict[str, Payment] = {}
        self._paid: set[str] = set()

    def offers(self, channel: str, currency: str) -> Sequence[Offer]:
        """Offer Pix to everybody who is not at the window."""
        del currency
        if channel == WINDOW:
            return []
        return [Offer(gateway=NAME, method="pix", outside=1, moves_money=self.moves_money)]

    async def start(self, bill: Bill) -> Sequence[GatewayReport]:
        """Make a Pix code for a payment, the same each time."""
        payment = bill.payment
        self._begun[payment.payment_id] = payment
        code = f"{_BEGIN}-{payment.payment_id}-{payment.amount_minor}"
        return [_said(payment, "pending", Action(kind=ActionKind.PIX, code=code).text)]

    async def capture(self, payment: Payment) -> Sequence[GatewayReport]:
        """Say how it stands: Pix is never authorised first."""
        return [_said(payment, self._state(payment))]

    async def settle(self, payment: Payment, *, void: bool) -> Sequence[GatewayReport]:
        """Cancel what was not paid."""
        del void
        unpaid = payment.payment_id not in self._paid and payment.state in UNDER_WAY
        return [_said(payment, "cancelled" if unpaid else self._state(payment))]

    async def look(self, payment: Payment) -> None:
        """Know nothing by itself."""
        del payment

    async def refund(self, refund: Refund, payment: Payment) -> str:
        """Give money back."""
        del refund, payment
        return RefundState.DONE

    async def pay(self, office: BoxOffice, code: str) -> object:
        """Have somebody pay a code; return what the office says, None of no code of ours."""
        parts = code.split("-")
        payment = self._begun.get(parts[1]) if len(parts) > 1 else None
        if payment is None:
            return None
        self._paid.add(payment.payment_id)
        said = _said(payment, "captured")
        return await office.report(
            Report(
                show_id=payment.show_id,
                payment_id=payment.payment_id,
                event_id=said.event_id,
                state=said.state,
                amount_minor=said.amount_minor,
                currency=said.currency,
                actor=f"gateway:{NAME}",
            )
        )

    def _state(self, payment: Payment) -> str:
        return "captured" if payment.payment_id in self._paid else str(payment.state)


def _said(payment: Payment, state: str, action: str = "") -> GatewayReport:
    return GatewayReport(
        event_id=f"{payment.payment_id}:{state}",
        state=state,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        action=action,
    )
