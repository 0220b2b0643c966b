"""Money on its way back: how a refund starts and ends, and money that came twice for one."""

from hashlib import sha256

from core.messages import Kind
from core.outcomes import GivenBack
from core.paying import gateway_call
from core.payments import Payment, PaymentState, Refund, RefundState
from core.purchase import Purchase
from core.requests import Report
from core.sale import Message, Sale

_NAME_DIGITS = 12


def paid_again(payment: Payment, state: PaymentState, request: Report) -> bool:
    """Whether this is other money than was captured before: the provider names it otherwise."""
    taken = payment.state in {PaymentState.CAPTURED, PaymentState.REFUNDED}
    named = bool(request.reference and payment.reference)
    return (
        taken and state is PaymentState.CAPTURED and named
    ) and request.reference != payment.reference


def give_back_again(
    sale: Sale,
    purchase: Purchase,
    payment: Payment,
    request: Report,
    event: list[int | str | None],
) -> GivenBack:
    """Return money that came a second time for one payment, as an old invoice lets it."""
    name = sha256(request.reference.encode()).hexdigest()[:_NAME_DIGITS]
    payment.captured_minor += request.amount_minor
    refund = Refund(
        sale.book.show_id,
        f"{payment.payment_id}-{name}",
        purchase.purchase_id,
        payment.payment_id,
        request.amount_minor,
        "[]",
        "paid twice",
        RefundState.PENDING,
        request.reference,
        sale.now_ms,
    )
    sale.refunds[refund.refund_id] = refund
    messages = [Message(Kind.MONEY_RETURNED, purchase.customer_id, purchase.purchase_id)]
    messages += start_refund(refund, payment)
    facts: dict[str, object] = {"event": event, "payment": payment.cells()}
    facts["refund"] = refund.cells()
    sale.record("paid_again", request.actor, purchase, facts=facts, messages=messages)
    return GivenBack(payment.payment_id, request.amount_minor, refund.reason)


def start_refund(refund: Refund, payment: Payment) -> list[Message]:
    """Send a refund on its way: to the gateway, or done at once where no one outside is asked."""
    if payment.outside:
        return [gateway_call(Kind.PAYMENT_REFUND, payment, refund=refund.refund_id)]
    settle_refund(refund, payment, RefundState.DONE)
    return []


def settle_refund(refund: Refund, payment: Payment, state: RefundState) -> None:
    """Note how a refund ended; a payment given back whole is `refunded`.

    One that was done can fail after all: the bank of an account that is closed sends it back.
    """
    if refund.state is RefundState.DONE:
        payment.refunded_minor -= refund.amount_minor
        payment.state = PaymentState.CAPTURED
    refund.state = state
    if state is RefundState.DONE:
        payment.refunded_minor += refund.amount_minor
        if payment.refunded_minor >= payment.captured_minor:
            payment.state = PaymentState.REFUNDED
