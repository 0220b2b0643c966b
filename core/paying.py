"""From a basket to tickets: checkout, what gateways report, and calling a payment off.

Two rules keep money and tickets together. A purchase never ends while its payment may still
succeed: the payment is called off at its gateway first. And money that comes after all (late,
twice, a wrong amount) is fitted with tickets if the stock allows, and otherwise returned at once.
"""

from core import limits, pricing
from core.ledger import encode
from core.messages import Kind
from core.outcomes import (
    Approved,
    CallExpired,
    CheckedOut,
    Malformed,
    NotYourTurn,
    Standing,
    SteppedBack,
    Taken,
    UnknownPayment,
    UnknownPurchase,
    WrongState,
)
from core.payments import (
    UNDER_WAY,
    Order,
    OrderState,
    Payment,
    PaymentState,
    read_lines,
)
from core.purchase import Event, Purchase, State
from core.receipts import order_code
from core.requests import WINDOW, Approve, CheckOut, StepBack
from core.sale import Message, Sale
from core.shifts import not_in_shift

CheckOutAnswer = (
    CheckedOut | Malformed | Taken | NotYourTurn | CallExpired | WrongState | UnknownPurchase
)
ApproveAnswer = Approved | Malformed | CallExpired | WrongState | UnknownPayment
StepBackAnswer = Standing | CallExpired | WrongState | UnknownPurchase


def gateway_call(kind: Kind, payment: Payment, **data: object) -> Message:
    """Return the effect that asks the payment's gateway for something."""
    facts = encode({"payment": payment.payment_id, "gateway": payment.gateway, **data})
    return Message(kind, None, payment.purchase_id, facts)


def under_way(sale: Sale, purchase: Purchase) -> bool:
    """Whether the money of the purchase's payment may still come."""
    payment = sale.payments.get(purchase.payment_id or "")
    return payment is not None and payment.state in UNDER_WAY


def settled(sale: Sale, purchase: Purchase) -> bool:
    """Whether the tickets are sold to the order already, with the capture on its way."""
    order = sale.orders.get(purchase.purchase_id)
    return order is not None and order.state is OrderState.FIXED


def overdue(sale: Sale, purchase: Purchase) -> bool:
    """Whether the deadline has passed, swept already or not."""
    return purchase.deadline_ms is not None and purchase.deadline_ms <= sale.now_ms


def call_off(sale: Sale, purchase: Purchase, event: Event, actor: str) -> bool:
    """Call the payment under way off. True: done here. False: the gateway is asked first.

    When the gateway has answered, `event` happens to the purchase, or what asked for it last;
    going back to choosing undoes no other end.
    """
    payment = sale.payments[purchase.payment_id or ""]
    if not payment.outside:
        payment.state, payment.changed_ms = PaymentState.CANCELLED, sale.now_ms
        sale.record("called_off", actor, purchase, facts={"payment": payment.cells()})
        return True
    if purchase.ending == event or (purchase.ending and event is Event.STEP_BACK):
        return False
    # The call to the gateway is repeated until it is answered: one is enough. Authorised and not
    # fixed, it is being voided: that call is on its way too.
    asked = purchase.ending or payment.state is PaymentState.AUTHORISED
    messages = [] if asked else [gateway_call(Kind.PAYMENT_SETTLE, payment)]
    purchase.ending = event
    purchase.deadline_ms = None
    sale.record("calling_off", actor, purchase, messages=messages)
    return False


def check_out(sale: Sale, request: CheckOut) -> CheckOutAnswer:
    """Freeze the basket with its prices and begin a payment attempt."""
    purchase = sale.purchases.get(request.purchase_id)
    if purchase is None:
        return UnknownPurchase(request.purchase_id)
    known = sale.payments.get(request.payment_id)
    if known is not None:
        if known.purchase_id != request.purchase_id:
            return Taken(request.payment_id)
        return _checked_out(sale, purchase, known)
    refused = _no_checkout(sale, purchase, request) or not_in_shift(sale, request)
    if refused is not None:
        return refused
    order = _freeze(sale, purchase)
    payment = Payment(
        sale.book.show_id,
        request.payment_id,
        purchase.purchase_id,
        request.gateway,
        request.method,
        request.outside,
        PaymentState.CREATED,
        order.total_minor,
        order.currency,
        "",
        0,
        0,
        sale.now_ms,
        sale.now_ms,
        shift_id=request.shift_id,
    )
    sale.payments[payment.payment_id] = payment
    purchase.payment_id = payment.payment_id
    sale.move(purchase, Event.CHECK_OUT)
    leave_at_least(sale, purchase, sale.plan.terms.paying_ms)
    payment.until_ms = purchase.deadline_ms or 0
    messages = [gateway_call(Kind.PAYMENT_START, payment)] if payment.outside else []
    facts: dict[str, object] = {"order": order.cells(), "payment": payment.cells()}
    sale.record("checked_out", request.actor, purchase, facts=facts, messages=messages)
    return _checked_out(sale, purchase, payment)


def _no_checkout(
    sale: Sale,
    purchase: Purchase,
    request: CheckOut,
) -> NotYourTurn | CallExpired | WrongState | Malformed | None:
    if purchase.state in {State.IN_LOBBY, State.IN_LINE, State.CALLED}:
        return NotYourTurn(purchase.state, purchase.number)
    if purchase.state is State.LAPSED:
        return CallExpired(purchase.state)
    if purchase.state not in {State.CHOOSING, State.PAYING}:
        return WrongState(purchase.state)
    if under_way(sale, purchase) or settled(sale, purchase):
        return WrongState(purchase.state)
    if overdue(sale, purchase):
        return CallExpired(purchase.state)
    if not purchase.tickets:
        return Malformed("basket", "choose tickets first")
    if request.outside not in {0, 1}:
        return Malformed("outside", "say 1 if a provider must be asked, 0 if not")
    if not request.payment_id or not request.gateway:
        return Malformed("payment_id", "name the payment and its gateway")
    return None


def _freeze(sale: Sale, purchase: Purchase) -> Order:
    with_fee = purchase.channel != WINDOW or sale.plan.terms.window_fee
    lines = pricing.price(purchase.lines, sale.stock.fares, with_fee=with_fee)
    price_minor, fee_minor = pricing.totals(lines)
    order = Order(
        sale.book.show_id,
        purchase.purchase_id,
        purchase.number or 0,
        encode(lines),
        price_minor,
        fee_minor,
        sale.plan.currency,
        OrderState.FROZEN,
        sale.now_ms,
        0,
    )
    sale.orders[purchase.purchase_id] = order
    return order


def _checked_out(sale: Sale, purchase: Purchase, payment: Payment) -> CheckedOut:
    order = sale.orders[purchase.purchase_id]
    return CheckedOut(
        order.show_id,
        order.purchase_id,
        order_code(order.show_id, order.order_no, order.purchase_id),
        payment.payment_id,
        read_lines(order.lines),
        order.price_minor,
        order.fee_minor,
        order.currency,
        purchase.deadline_ms,
    )


def leave_at_least(sale: Sale, purchase: Purchase, span_ms: int) -> None:
    """Move the deadline out so that `span_ms` remain, never past the session's end."""
    wanted_ms = max(purchase.deadline_ms or 0, sale.now_ms + span_ms)
    purchase.deadline_ms = min(wanted_ms, purchase.session_ms or wanted_ms)


def approve(sale: Sale, request: Approve) -> ApproveAnswer:
    """Say whether the money may be taken: the present attempt, the right sum, still in time.

    Who calls it off after this waits for the gateway, which knows by `changed_ms` when it was told
    to take the money.
    """
    payment = sale.payments.get(request.payment_id)
    if payment is None:
        return UnknownPayment(request.payment_id)
    if (request.amount_minor, request.currency) != (payment.amount_minor, payment.currency):
        return Malformed("amount_minor", f"ask for {payment.amount_minor} {payment.currency}")
    purchase = sale.purchases[payment.purchase_id]
    current = purchase.payment_id == payment.payment_id and purchase.state is State.PAYING
    if not current or purchase.ending:
        return WrongState(purchase.ending or purchase.state)
    if payment.state not in {PaymentState.CREATED, PaymentState.PENDING}:
        return WrongState(payment.state)
    if overdue(sale, purchase):
        return CallExpired(purchase.state)
    before = (payment.state, payment.changed_ms, purchase.deadline_ms)
    payment.state, payment.changed_ms = PaymentState.PENDING, sale.now_ms
    payment.reference = request.reference[: limits.REFERENCE_LENGTH] or payment.reference
    leave_at_least(sale, purchase, limits.APPROVAL_MS)
    if before != (payment.state, payment.changed_ms, purchase.deadline_ms):
        sale.record("approved", request.actor, purchase, facts={"payment": payment.cells()})
    return Approved(payment.payment_id, purchase.purchase_id, purchase.deadline_ms)


def step_back(sale: Sale, request: StepBack) -> StepBackAnswer:
    """Return to choosing with the basket kept; a payment under way is called off first."""
    purchase = sale.purchases.get(request.purchase_id)
    if purchase is None:
        return UnknownPurchase(request.purchase_id)
    if purchase.state is State.CHOOSING:
        return sale.standing(SteppedBack, purchase)
    if purchase.state is not State.PAYING or settled(sale, purchase):
        return WrongState(purchase.state)
    if overdue(sale, purchase):
        return CallExpired(purchase.state)
    if under_way(sale, purchase) and not call_off(sale, purchase, Event.STEP_BACK, request.actor):
        return sale.standing(SteppedBack, purchase)
    back_to_choosing(sale, purchase, request.actor)
    return sale.standing(SteppedBack, purchase)


def back_to_choosing(sale: Sale, purchase: Purchase, actor: str) -> None:
    """Let the person choose again, with time for it."""
    purchase.ending = ""
    sale.move(purchase, Event.STEP_BACK)
    leave_at_least(sale, purchase, sale.plan.terms.retry_ms)
    sale.record("stepped_back", actor, purchase)
