"""A payment provider for tests: Pix codes, and money that comes when the test says so."""

from collections.abc import Sequence

from core.bills import Bill
from core.box_office import BoxOffice
from core.offers import Offer
from core.payments import UNDER_WAY, Action, ActionKind, Payment, Refund, RefundState
from core.ports import GatewayReport
from core.requests import Report

NAME = "bank"


class Bank:
    """A `core.ports.Gateway` outside the office; `method` is what it offers."""

    name = NAME
    outside = 1
    moves_money = True

    def __init__(self, *actions: Action) -> None:
        self._actions = actions
        self._bills: dict[str, Bill] = {}
        self._paid: set[str] = set()
        self.returned: list[str] = []

    def offers(self, channel: str, currency: str) -> Sequence[Offer]:
        del currency
        methods = [str(action.kind) for action in self._actions] or ["pix"]
        if channel == "window":
            return []
        return [Offer(gateway=NAME, method=method, outside=1) for method in methods]

    async def start(self, bill: Bill) -> Sequence[GatewayReport]:
        payment = bill.payment
        self._bills[payment.payment_id] = bill
        pix = Action(kind=ActionKind.PIX, code=f"00020126-{payment.payment_id}-6304ABCD")
        action = next((a for a in self._actions if a.kind == payment.method), pix)
        return [self._said(payment, "pending", action.text)]

    async def capture(self, payment: Payment) -> Sequence[GatewayReport]:
        return [self._said(payment, "captured")]

    async def settle(self, payment: Payment, *, void: bool) -> Sequence[GatewayReport]:
        del void
        if payment.payment_id in self._paid:
            return [self._said(payment, "captured")]
        state = "cancelled" if payment.state in UNDER_WAY else str(payment.state)
        return [self._said(payment, state)]

    async def refund(self, refund: Refund, payment: Payment) -> str:
        del payment
        self.returned.append(refund.refund_id)
        return RefundState.DONE

    async def pay(self, office: BoxOffice, code: str) -> object:
        """Somebody pays this Pix code: the office hears of it."""
        payment_id = code.split("-")[1]
        payment = self._bills[payment_id].payment
        self._paid.add(payment_id)
        said = self._said(payment, "captured")
        return await office.report(
            Report(
                show_id=payment.show_id,
                payment_id=payment_id,
                event_id=said.event_id,
                state=said.state,
                amount_minor=said.amount_minor,
                currency=said.currency,
                actor=f"gateway:{NAME}",
            )
        )

    def _said(self, payment: Payment, state: str, action: str = "") -> GatewayReport:
        return GatewayReport(
            event_id=f"{payment.payment_id}:{state}",
            state=state,
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            action=action,
        )
