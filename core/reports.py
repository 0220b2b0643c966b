"""What gateways report of payments, and what it makes of purchases.

captured, purchase paying                tickets, receipt
authorised, purchase paying              tickets sold and order fixed, then capture
cancelled or failed, being called off    what was waiting for it: left, lapsed, stepped back
cancelled or failed otherwise            declined: time for another try
captured, purchase over                  fitted with tickets if stock allows, else returned
another attempt captured, tickets given  returned
captured again under another reference   returned: an old invoice paid twice
captured, a wrong amount or currency     returned
pending, with how to pay                 the person is told how

Declined or returned after the deadline, swept or not, there is no time for another try: it lapses.
"""

from core import limits
from core.ledger import encode
from core.messages import Kind
from core.outcomes import (
    GivenBack,
    Malformed,
    Noted,
    Paid,
    UnknownPayment,
)
from core.paying import (
    back_to_choosing,
    gateway_call,
    leave_at_least,
    overdue,
    settled,
    under_way,
)
from core.payments import (
    REPORTABLE,
    Order,
    OrderState,
    Payment,
    PaymentState,
    Refund,
    RefundState,
    Ticket,
    TicketState,
    follows,
    read_action,
    read_lines,
)
from core.purchase import Event, Purchase, State, basket_text
from core.receipts import order_code
from core.requests import Report
from core.returning import give_back_again, paid_again, start_refund
from core.sale import Message, Sale, Status
from core.selling import let_go

ReportAnswer = Paid | Noted | GivenBack | UnknownPayment | Malformed


def report(sale: Sale, request: Report) -> ReportAnswer:
    """Take in what a gateway says of a payment, each event once."""
    payment = sale.payments.get(request.payment_id)
    if payment is None:
        return UnknownPayment(request.payment_id)
    if request.state not in REPORTABLE:
        return Malformed("state", "report one of " + ", ".join(sorted(REPORTABLE)))
    if request.action and read_action(request.action) is None:
        return Malformed("action", "say how to pay as core.payments.Action writes it")
    if not request.event_id or request.amount_minor < 0:
        return Malformed("event_id", "name the event; an amount is never negative")
    purchase, order = sale.purchases[payment.purchase_id], sale.orders[payment.purchase_id]
    key = (payment.gateway, request.event_id)
    if key in sale.events:
        return _present(sale, purchase, payment)
    sale.events.add(key)
    event: list[int | str | None] = [
        payment.gateway,
        request.event_id,
        payment.payment_id,
        sale.book.show_id,
        sale.now_ms,
    ]
    state = PaymentState(request.state)
    ready = _ready(sale, purchase, payment, request)
    if not follows(payment.state, state):
        if paid_again(payment, state, request):
            return give_back_again(sale, purchase, payment, request, event)
        _not_ahead(sale, purchase, payment, request, event, ready)
        return _present(sale, purchase, payment)
    payment.state, payment.changed_ms = state, sale.now_ms
    payment.reference = request.reference or payment.reference
    facts: dict[str, object] = {"event": event, "state": state}
    right = request.amount_minor == order.total_minor and request.currency == order.currency
    if state is PaymentState.CAPTURED:
        payment.captured_minor = request.amount_minor
        if right and _fits(sale, purchase, order, payment):
            return _complete(sale, purchase, order, payment, request.actor, facts)
        why = "late" if right else "wrong amount"
        return _give_back(sale, purchase, payment, why, request.actor, facts)
    if state is PaymentState.AUTHORISED:
        _authorised(sale, purchase, order, payment, request.actor, facts, right=right)
    elif state is PaymentState.PENDING:
        _ready_now(sale, purchase, payment, request, facts, ready)
    else:
        _called_off(sale, purchase, order, payment, request.actor, facts)
    return _present(sale, purchase, payment)


def _not_ahead(
    sale: Sale,
    purchase: Purchase,
    payment: Payment,
    request: Report,
    event: list[int | str | None],
    ready: tuple[Message, ...],
) -> None:
    """Take in a state that is not ahead of what is known: at most how to pay is news in it."""
    if ready:
        _ready_now(sale, purchase, payment, request, {"event": event}, ready)
        return
    off = payment.state in {PaymentState.CANCELLED, PaymentState.FAILED}
    late = off and request.state == PaymentState.AUTHORISED
    # Authorised after it was called off: no money moved yet, and none must.
    calls = [gateway_call(Kind.PAYMENT_SETTLE, payment, void=1)] if late else []
    sale.record("heard", request.actor, purchase, facts={"event": event}, messages=calls)


def _ready(
    sale: Sale, purchase: Purchase, payment: Payment, request: Report
) -> tuple[Message, ...]:
    """Return what tells the person how to pay, if that is news and they may still."""
    current = purchase.payment_id == payment.payment_id and purchase.state is State.PAYING
    unpaid = payment.state in {PaymentState.CREATED, PaymentState.PENDING}
    news = request.action and request.action != payment.action
    if not (current and unpaid and news) or purchase.ending or overdue(sale, purchase):
        return ()
    data = encode({"payment": payment.payment_id})
    return (Message(Kind.PAYMENT_READY, purchase.customer_id, purchase.purchase_id, data),)


def _ready_now(
    sale: Sale,
    purchase: Purchase,
    payment: Payment,
    request: Report,
    facts: dict[str, object],
    ready: tuple[Message, ...],
) -> None:
    payment.action = request.action or payment.action
    payment.reference = request.reference or payment.reference
    facts["payment"] = payment.cells()
    sale.record("pending", request.actor, purchase, facts=facts, messages=ready)


def _present(sale: Sale, purchase: Purchase, payment: Payment) -> ReportAnswer:
    """Answer with where things stand: what a repeated or late report hears."""
    if purchase.state is State.COMPLETED and purchase.payment_id == payment.payment_id:
        return _paid(sale, purchase, sale.orders[purchase.purchase_id])
    return Noted(payment.payment_id, payment.state)


def _paid(sale: Sale, purchase: Purchase, order: Order) -> Paid:
    code = order_code(order.show_id, order.order_no, order.purchase_id)
    bought = sum(quantity for _, quantity, *_ in read_lines(order.lines))
    return Paid(sale.book.show_id, purchase.purchase_id, code, order.order_no, bought)


def _fits(sale: Sale, purchase: Purchase, order: Order, payment: Payment) -> bool:
    """Whether tickets can be given for this money: still held, or held again now."""
    if order.state is OrderState.PAID:
        return False
    if purchase.state is State.PAYING:
        # The other attempt, if one is under way, is called off by `_complete`.
        return order.state is not OrderState.FIXED or purchase.payment_id == payment.payment_id
    wanted = _wanted(order)
    if purchase.state is State.CHOOSING:
        return {fare: quantity for fare, quantity, _ in purchase.lines} == wanted
    if purchase.state not in {State.LEFT, State.LAPSED} or sale.book.status == Status.CANCELLED:
        return False
    has, limit = sale.bought.get(purchase.customer_id, 0), sale.plan.terms.limit_per_customer
    elsewhere = sale.live.get(purchase.customer_id)
    has += elsewhere.tickets if elsewhere else 0
    if has + sum(wanted.values()) > limit:
        return False
    if sale.stock.shortage(wanted, purchase.channel) is not None:
        return False
    lines = sale.stock.hold(wanted, purchase.channel)
    sale.stock.sell(lines)
    purchase.basket = basket_text(lines)
    return True


def _wanted(order: Order) -> dict[int, int]:
    return {fare_no: quantity for fare_no, quantity, *_ in read_lines(order.lines)}


def _complete(
    sale: Sale,
    purchase: Purchase,
    order: Order,
    payment: Payment,
    actor: str,
    facts: dict[str, object],
) -> Paid:
    messages: list[Message] = []
    if purchase.payment_id != payment.payment_id and under_way(sale, purchase):
        other = sale.payments[purchase.payment_id or ""]
        messages.append(gateway_call(Kind.PAYMENT_SETTLE, other, void=1))
    if purchase.state is State.CHOOSING:
        sale.move(purchase, Event.CHECK_OUT)
    if purchase.state is State.PAYING:
        if order.state is not OrderState.FIXED:
            sale.stock.sell(purchase.lines)
        event = Event.COMPLETE
    else:
        event = Event.FIT
    tickets = _issue(order)
    for ticket in tickets:
        sale.tickets[ticket.order_no, ticket.ticket_no] = ticket
    order.state = OrderState.PAID
    facts["lines"] = purchase.lines
    purchase.payment_id = payment.payment_id
    purchase.basket, purchase.tickets, purchase.ending = "[]", len(tickets), ""
    sale.move(purchase, event)
    sale.book.valid += len(tickets)
    sale.bought[purchase.customer_id] = sale.bought.get(purchase.customer_id, 0) + len(tickets)
    facts |= {
        "order": order.cells(),
        "payment": payment.cells(),
        "tickets": [t.cells() for t in tickets],
    }
    messages.append(Message(Kind.RECEIPT, purchase.customer_id, purchase.purchase_id))
    messages += _reminder(sale, purchase)
    sale.record("completed", actor, purchase, facts=facts, messages=messages)
    return _paid(sale, purchase, order)


def _reminder(sale: Sale, purchase: Purchase) -> list[Message]:
    """Remind of a show that is not just about to begin: who buys late has the receipt for it."""
    due_ms = sale.plan.starts_ms - limits.REMIND_BEFORE_MS
    if due_ms <= sale.now_ms:
        return []
    return [Message(Kind.REMINDER, purchase.customer_id, purchase.purchase_id, due_ms=due_ms)]


def _issue(order: Order) -> list[Ticket]:
    """Make one ticket an admission, numbered from 1 within the order."""
    tickets: list[Ticket] = []
    for fare_no, quantity, price_minor, fee_minor in read_lines(order.lines):
        for _ in range(quantity):
            ticket = Ticket(
                order.show_id,
                order.order_no,
                len(tickets) + 1,
                order.purchase_id,
                fare_no,
                price_minor,
                fee_minor,
                TicketState.VALID,
                None,
                "",
            )
            tickets.append(ticket)
    return tickets


def _authorised(  # noqa: PLR0913 - what the authorisation of one payment touches
    sale: Sale,
    purchase: Purchase,
    order: Order,
    payment: Payment,
    actor: str,
    facts: dict[str, object],
    *,
    right: bool,
) -> None:
    current = purchase.payment_id == payment.payment_id and purchase.state is State.PAYING
    if not current or not right:
        # Nothing was taken yet: called off at the gateway, no money moves.
        message = gateway_call(Kind.PAYMENT_SETTLE, payment, void=1)
        facts["payment"] = payment.cells()
        sale.record("authorised_in_vain", actor, purchase, facts=facts, messages=(message,))
        return
    sale.stock.sell(purchase.lines)
    order.state = OrderState.FIXED
    purchase.ending, purchase.deadline_ms = "", None
    facts |= {"order": order.cells(), "payment": payment.cells()}
    message = gateway_call(Kind.PAYMENT_CAPTURE, payment)
    sale.record("authorised", actor, purchase, facts=facts, messages=(message,))


def _called_off(
    sale: Sale,
    purchase: Purchase,
    order: Order,
    payment: Payment,
    actor: str,
    facts: dict[str, object],
) -> None:
    facts["payment"] = payment.cells()
    current = purchase.payment_id == payment.payment_id and purchase.state is State.PAYING
    declined = Message(Kind.PAYMENT_DECLINED, purchase.customer_id, purchase.purchase_id)
    if not current:
        sale.record("called_off", actor, purchase, facts=facts)
    elif settled(sale, purchase):
        _void(sale, purchase, order)
        facts["order"] = order.cells()
        sale.record("capture_failed", actor, purchase, facts=facts, messages=(declined,))
    elif purchase.ending:
        sale.record("called_off", actor, purchase, facts=facts)
        _end(sale, purchase, Event(purchase.ending), actor)
    elif overdue(sale, purchase):
        sale.record("declined", actor, purchase, facts=facts)
        _end(sale, purchase, Event.LAPSE, actor)
    else:
        leave_at_least(sale, purchase, sale.plan.terms.retry_ms)
        sale.record("declined", actor, purchase, facts=facts, messages=(declined,))


def _void(sale: Sale, purchase: Purchase, order: Order) -> None:
    """Undo a fixed order whose money did not come as it should: its tickets are free again."""
    order.state = OrderState.VOID
    for fare_no, quantity, _ in purchase.lines:
        sale.stock.unsell(fare_no, quantity)
    purchase.basket, purchase.tickets = "[]", 0
    sale.move(purchase, Event.LAPSE)


def _end(sale: Sale, purchase: Purchase, event: Event, actor: str) -> None:
    """Let happen what waited for the payment to be called off."""
    if event is Event.STEP_BACK:
        back_to_choosing(sale, purchase, actor)
        return
    let_go(sale, purchase, event)
    kinds = {Event.LAPSE: Kind.TIME_ENDED, Event.CLOSE: _closing_kind(sale)}
    kind = kinds.get(event)
    messages = [Message(kind, purchase.customer_id, purchase.purchase_id)] if kind else []
    sale.record(purchase.state, actor, purchase, messages=messages)


def _closing_kind(sale: Sale) -> Kind:
    cancelled = sale.book.status == Status.CANCELLED
    return Kind.SHOW_CANCELLED if cancelled else Kind.SALE_CLOSED


def _give_back(
    sale: Sale,
    purchase: Purchase,
    payment: Payment,
    why: str,
    actor: str,
    facts: dict[str, object],
) -> GivenBack:
    """Return money for which there is no ticket."""
    amount_minor = payment.captured_minor
    refund = Refund(
        sale.book.show_id,
        f"{payment.payment_id}-{why.replace(' ', '-')}",
        purchase.purchase_id,
        payment.payment_id,
        amount_minor,
        "[]",
        why,
        RefundState.PENDING,
        "",
        sale.now_ms,
        payment.shift_id,
    )
    sale.refunds[refund.refund_id] = refund
    messages = [Message(Kind.MONEY_RETURNED, purchase.customer_id, purchase.purchase_id)]
    messages += start_refund(refund, payment)
    facts |= {"payment": payment.cells(), "refund": refund.cells()}
    current = purchase.payment_id == payment.payment_id and purchase.state is State.PAYING
    if current and settled(sale, purchase):
        order = sale.orders[purchase.purchase_id]
        _void(sale, purchase, order)
        facts["order"] = order.cells()
    lapses = current and purchase.live and overdue(sale, purchase)
    if current and purchase.live and not purchase.ending and not lapses:
        leave_at_least(sale, purchase, sale.plan.terms.retry_ms)
    sale.record("given_back", actor, purchase, facts=facts, messages=messages)
    if current and purchase.live and (purchase.ending or lapses):
        _end(sale, purchase, Event(purchase.ending or Event.LAPSE), actor)
    return GivenBack(payment.payment_id, amount_minor, why)
