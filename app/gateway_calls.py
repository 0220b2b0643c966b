"""The deed behind payment effects: call the payment's gateway, report what it says.

What a gateway says bears an event id: the provider's own, or one made of the effect's key and the
state, so that an effect carried out twice is heard once.
"""

import json
from collections.abc import Mapping

from app.reporting import Money, ReportRefused
from core import limits
from core.bills import make_out
from core.box_office import BoxOffice
from core.messages import Effect, Kind
from core.outcomes import Refunded
from core.payments import UNDER_WAY, Payment, PaymentState, RefundState
from core.ports import Gateway
from core.requests import RefundReport
from core.views import PurchaseView


class GatewayCalls:
    """A deed (`app.effects.Deed`) for `core.messages.GATEWAY_KINDS`."""

    def __init__(self, office: BoxOffice, gateways: Mapping[str, Gateway]) -> None:
        self._office = office
        self._money = Money(office, gateways)

    async def __call__(self, effect: Effect) -> int | None:
        """Make the call and report; a payment or refund still undecided is asked about again."""
        facts: dict[str, str | int] = json.loads(effect.data)
        gateway = self._money.gateway(str(facts["gateway"]))
        view = await self._office.look.purchase(effect.show_id, effect.purchase_id or "")
        assert view is not None, "an effect names a purchase that is not there"
        if effect.kind == Kind.PAYMENT_REFUND:
            return await self._refund(gateway, view, str(facts["refund"]))
        payment = next(p for p in view.payments if p.payment_id == facts["payment"])
        if _overtaken(effect, payment):
            return None
        if effect.kind != Kind.PAYMENT_CAPTURE and payment.state == PaymentState.CREATED:
            # What is to be ended is begun first, under the same key: a beginning that is under way
            # in another process then can't outlive its end.
            payment = await self._start(effect, gateway, view, payment)
        match effect.kind:
            case Kind.PAYMENT_START:
                return None
            case Kind.PAYMENT_CAPTURE:
                said = await gateway.capture(payment)
                undecided = not said or said[-1].state in UNDER_WAY
            case _:
                said = await gateway.settle(payment, void=bool(facts.get("void", 0)))
                undecided = not said or said[-1].state == PaymentState.PENDING
        await self._money.report(effect.show_id, payment.payment_id, gateway.name, said, effect.key)
        return limits.SETTLE_AGAIN_MS if undecided else None

    async def _start(
        self, effect: Effect, gateway: Gateway, view: PurchaseView, payment: Payment
    ) -> Payment:
        """Begin a payment at its provider; return it as it stands then."""
        show = await self._office.look.show(effect.show_id)
        assert show is not None, "an effect names a show that is not there"
        assert view.order is not None, "a payment has an order"
        said = await gateway.start(make_out(show, view.order, payment))
        await self._money.report(effect.show_id, payment.payment_id, gateway.name, said, effect.key)
        began = await self._office.look.purchase(effect.show_id, payment.purchase_id)
        assert began is not None, "a purchase does not vanish"
        return next(p for p in began.payments if p.payment_id == payment.payment_id)

    async def _refund(self, gateway: Gateway, view: PurchaseView, refund_id: str) -> int | None:
        refund = next(r for r in view.refunds if r.refund_id == refund_id)
        payment = next(p for p in view.payments if p.payment_id == refund.payment_id)
        state = await gateway.refund(refund, payment)
        if state == RefundState.PENDING:
            return limits.SETTLE_AGAIN_MS
        answer = await self._office.refund_report(
            RefundReport(
                show_id=refund.show_id,
                refund_id=refund_id,
                state=state,
                actor=f"gateway:{gateway.name}",
            )
        )
        if not isinstance(answer, Refunded):
            raise ReportRefused(answer)
        return None


def _overtaken(effect: Effect, payment: Payment) -> bool:
    """Whether the office has heard already, another way, what the call would bring about."""
    if effect.kind == Kind.PAYMENT_START:
        return payment.state != PaymentState.CREATED
    return effect.kind == Kind.PAYMENT_CAPTURE and payment.state not in UNDER_WAY
