"""Refunds: whole or by ticket, and everyone of a cancelled show. What is freed is sold again."""

import json

from core.house_requests import FAN
from core.ledger import encode
from core.messages import Kind
from core.outcomes import (
    Ended,
    Malformed,
    Noted,
    NothingToRefund,
    Refunded,
    RefundsOver,
    Standing,
    Taken,
    UnknownPayment,
    UnknownPurchase,
    WrongState,
)
from core.paying import call_off, settled, under_way
from core.payments import Refund as RefundRow
from core.payments import RefundState, Ticket, TicketState
from core.purchase import Event, Purchase, State
from core.requests import Dispute, End, Refund, RefundReport
from core.returning import settle_refund, start_refund
from core.sale import OVER, Message, Sale, Status
from core.selling import let_go
from core.shifts import not_in_shift

DisputeAnswer = Noted | UnknownPayment | Malformed
RefundAnswer = (
    Refunded | NothingToRefund | RefundsOver | WrongState | UnknownPurchase | Taken | Malformed
)

_DISPUTES = frozenset({"opened", "won", "lost"})


def refund(sale: Sale, request: Refund) -> RefundAnswer:
    """Void tickets and send their money back: all that are valid, or those named, unused."""
    purchase = sale.purchases.get(request.purchase_id)
    if purchase is None:
        return UnknownPurchase(request.purchase_id)
    known = sale.refunds.get(request.refund_id)
    if known is not None:
        if known.purchase_id != request.purchase_id:
            return Taken(request.refund_id)
        return _again(sale, purchase, known, request.actor)
    if purchase.state is not State.COMPLETED:
        return WrongState(purchase.state)
    if not request.refund_id:
        return Malformed("refund_id", "name the refund")
    until_ms = sale.plan.terms.refunds_until_ms
    if request.actor == FAN and (until_ms is None or sale.now_ms >= until_ms):
        return RefundsOver(until_ms)
    order = sale.orders[purchase.purchase_id]
    tickets = [
        ticket
        for (order_no, number), ticket in sorted(sale.tickets.items())
        if order_no == order.order_no
        and ticket.state is TicketState.VALID
        and ticket.used_ms is None
        and (request.ticket_nos is None or number in request.ticket_nos)
    ]
    refused = not_in_shift(sale, request)
    if refused is not None:
        return refused
    if not tickets or len(tickets) < len(set(request.ticket_nos or ())):
        return NothingToRefund(purchase.purchase_id)
    row = _void(sale, purchase, tickets, request)
    return _answer(row)


def _again(sale: Sale, purchase: Purchase, row: RefundRow, actor: str) -> Refunded:
    """Answer with the refund as it stands; one that failed at its gateway is sent once more."""
    if row.state is RefundState.FAILED:
        payment = sale.payments[row.payment_id]
        row.state = RefundState.PENDING
        row.tries += 1
        messages = start_refund(row, payment)
        facts: dict[str, object] = {"payment": payment.cells(), "refund": row.cells()}
        sale.record("refund_again", actor, purchase, facts=facts, messages=messages)
    return _answer(row)


def _void(sale: Sale, purchase: Purchase, tickets: list[Ticket], request: Refund) -> RefundRow:
    order = sale.orders[purchase.purchase_id]
    payment = sale.payments[purchase.payment_id or ""]
    for ticket in tickets:
        ticket.state = TicketState.REFUNDED
        sale.stock.unsell(ticket.fare_no, 1)
    amount_minor = sum(t.price_minor + t.fee_minor for t in tickets)
    row = RefundRow(
        sale.book.show_id,
        request.refund_id,
        purchase.purchase_id,
        payment.payment_id,
        amount_minor,
        encode([t.ticket_no for t in tickets]),
        request.reason,
        RefundState.PENDING,
        request.reference,
        sale.now_ms,
        request.shift_id,
    )
    sale.refunds[row.refund_id] = row
    purchase.tickets -= len(tickets)
    sale.book.valid -= len(tickets)
    has = sale.bought.get(purchase.customer_id, 0)
    sale.bought[purchase.customer_id] = max(0, has - len(tickets))
    order.refunded_minor += amount_minor
    data = encode({"amount_minor": amount_minor, "currency": order.currency})
    cancelled = sale.book.status == Status.CANCELLED
    kind = Kind.SHOW_CANCELLED if cancelled else Kind.REFUND_STARTED
    if request.reference:  # The money is back already: no gateway is asked.
        kind = Kind.REFUND_DONE
        settle_refund(row, payment, RefundState.DONE)
    messages = [Message(kind, purchase.customer_id, purchase.purchase_id, data)]
    messages += [] if request.reference else start_refund(row, payment)
    facts: dict[str, object] = {
        "order": order.cells(),
        "payment": payment.cells(),
        "refund": row.cells(),
        "tickets": [t.cells() for t in tickets],
    }
    sale.record("refunded", request.actor, purchase, facts=facts, messages=messages)
    return row


def _answer(row: RefundRow) -> Refunded:
    return Refunded(row.refund_id, row.amount_minor, tuple(json.loads(row.ticket_nos)), row.state)


def refund_report(sale: Sale, request: RefundReport) -> Refunded | UnknownPayment | Malformed:
    """Note how a refund ended at its gateway, once.

    What was done fails only by the name of what failed there: the answer to a call may be older.
    """
    row = sale.refunds.get(request.refund_id)
    if row is None:
        return UnknownPayment(request.refund_id)
    if request.state not in {RefundState.DONE, RefundState.FAILED}:
        return Malformed("state", "report done or failed")
    state = RefundState(request.state)
    if row.state is state or (row.state is RefundState.DONE and not request.reference):
        return _answer(row)
    payment, purchase = sale.payments[row.payment_id], sale.purchases[row.purchase_id]
    row.reference = request.reference or row.reference
    settle_refund(row, payment, state)
    kind = Kind.REFUND_DONE if state is RefundState.DONE else Kind.REFUND_FAILED
    message = Message(kind, purchase.customer_id, purchase.purchase_id)
    facts: dict[str, object] = {"payment": payment.cells(), "refund": row.cells()}
    sale.record("refund_" + state, request.actor, purchase, facts=facts, messages=(message,))
    return _answer(row)


def dispute(sale: Sale, request: Dispute) -> DisputeAnswer:
    """Note how a dispute stands, each event once; the person is told of it when it is opened."""
    payment = sale.payments.get(request.payment_id)
    if payment is None:
        return UnknownPayment(request.payment_id)
    if request.state not in _DISPUTES or not request.event_id:
        return Malformed("state", "name the event, and say opened, won or lost")
    key = (payment.gateway, request.event_id)
    if key in sale.events:
        return Noted(payment.payment_id, payment.state)
    sale.events.add(key)
    purchase = sale.purchases[payment.purchase_id]
    event = [*key, payment.payment_id, sale.book.show_id, sale.now_ms]
    facts: dict[str, object] = {
        "event": event,
        "disputed": [request.state, request.amount_minor, request.reference],
    }
    opened = request.state == "opened"
    data = encode({"amount_minor": request.amount_minor, "currency": payment.currency})
    message = Message(Kind.PAYMENT_DISPUTED, purchase.customer_id, purchase.purchase_id, data)
    messages = (message,) if opened else ()
    sale.record("disputed", request.actor, purchase, facts=facts, messages=messages)
    return Noted(payment.payment_id, payment.state)


def end(sale: Sale, request: End) -> Standing | UnknownPurchase | WrongState:
    """End one purchase of a sale that is over. A cancelled show ends open ones and refunds."""
    purchase = sale.purchases.get(request.purchase_id)
    if purchase is None:
        return UnknownPurchase(request.purchase_id)
    status = sale.book.status
    if status not in OVER:
        return WrongState(status)
    waits = purchase.state in {State.IN_LOBBY, State.IN_LINE}
    if purchase.live and (waits or status == Status.CANCELLED):
        _close(sale, purchase, request.actor)
    elif purchase.state is State.COMPLETED and status == Status.CANCELLED and purchase.tickets:
        tickets = [
            t
            for t in sale.tickets.values()
            if t.purchase_id == purchase.purchase_id and t.state is TicketState.VALID
        ]
        whole = Refund(
            show_id=request.show_id,
            purchase_id=purchase.purchase_id,
            refund_id=f"{purchase.purchase_id}-cancelled",
            reason="show cancelled",
            actor=request.actor,
        )
        _void(sale, purchase, tickets, whole)
    return sale.standing(Ended, purchase)


def _close(sale: Sale, purchase: Purchase, actor: str) -> None:
    if settled(sale, purchase):
        return  # Its capture is on its way; it is refunded once completed.
    if under_way(sale, purchase) and not call_off(sale, purchase, Event.CLOSE, actor):
        return
    let_go(sale, purchase, Event.CLOSE)
    cancelled = sale.book.status == Status.CANCELLED
    kind = Kind.SHOW_CANCELLED if cancelled else Kind.SALE_CLOSED
    message = Message(kind, purchase.customer_id, purchase.purchase_id)
    sale.record("closed", actor, purchase, messages=(message,))
