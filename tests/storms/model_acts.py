"""What each request does to the model, and the name of its answer."""

from collections.abc import Callable
from typing import Any

from core import requests as ask
from tests.storms.model import (
    NEXT,
    Answer,
    Payment,
    Purchase,
    Show,
    amounts,
    lines_total,
)

OVER = {"closed", "cancelled"}
WAITING = {"in_lobby", "in_line"}


def act(show: Show, request: ask.ShowRequest) -> Answer:
    """Do what was asked; an answer that changes nothing leaves the show's time alone."""
    match request:
        case ask.Join():
            return join(show, request)
        case ask.Report():
            return report(show, request)
        case ask.Approve():
            return approve(show, request)
        case ask.PurchaseRequest():
            p = show.purchases.get(request.purchase_id)
            if p is None:
                return "UnknownPurchase", None
            return _PURCHASE_ACTS[type(request)](show, p, request), p
        case ask.CheckIn():
            return check_in(show, request), None
        case ask.Change():
            return change(show, request), None
        case _:
            return run(show, request), None


def join(show: Show, request: ask.Join) -> Answer:
    known = show.purchases.get(request.purchase_id)
    if known is not None and known.customer != request.customer_id:
        return "Taken", None
    known = known or show.of_customer(request.customer_id)
    if known is not None:
        return "Joined", known
    if show.status == "published" and show.now >= show.terms.sale_opens_ms:
        open_sale(show)
        show.last = show.now
    lobby_ms = show.terms.lobby_opens_ms
    if show.status in OVER or show.now >= show.terms.sale_closes_ms:
        return "NotOnSale", None
    if show.status == "published" and (lobby_ms is None or show.now < lobby_ms):
        return "NotOnSale", None
    if show.bought(request.customer_id) >= show.terms.limit_per_customer:
        return "OverLimit", None
    p = Purchase(request.purchase_id, request.customer_id, request.channel, "in_lobby")
    if show.status != "published":
        pool = show.let_in(request.channel)
        show.give_number(p, show.next_number)
        show.next_number += 1
        p.state = "in_line"
        if pool is not None:
            p.pool = pool
            show.start_choosing(p)
    show.purchases[p.name] = p
    show.last = show.now
    return "Joined", p


def refused(p: Purchase) -> str:
    if p.state in WAITING:
        return "NotYourTurn"
    return "CallExpired" if p.state == "lapsed" else "WrongState"


def late(show: Show, p: Purchase) -> bool:
    return p.until is not None and p.until <= show.now


def claim(show: Show, p: Purchase, _: object) -> str:
    if p.state in {"choosing", "paying", "completed"}:
        return "Claimed"
    if p.state != "called":
        return refused(p)
    if late(show, p):
        return "CallExpired"
    show.start_choosing(p)
    show.last = show.now
    return "Claimed"


def choose(show: Show, p: Purchase, request: ask.Choose) -> str:
    if p.state != "choosing":
        return refused(p)
    if late(show, p):
        return "CallExpired"
    wanted = dict(request.wanted)
    if show.bought(p.customer) + sum(wanted.values()) > show.terms.limit_per_customer:
        return "OverLimit"
    if {fare: n for fare, n, _ in p.lines} == wanted:
        return "Chosen"
    if past_the_line(show, p, wanted) or not show.grant(p, wanted):
        return "NotEnough"
    show.last = show.now
    return "Chosen"


def past_the_line(show: Show, p: Purchase, wanted: dict[int, int]) -> bool:
    """Whether someone who did not wait would take what those who wait are waiting for."""
    if not p.pool or not show.in_line():
        return False
    own = {tier: show.own_left(tier) for tier in show.kept}
    for fare, _, mine in p.lines:
        tier = show.fares[fare][0]
        own[tier] = own.get(tier, 0) + (mine if tier in show.kept else 0)
    if not sum(own.values()):
        return sum(wanted.values()) > 1
    asked: dict[int, int] = {}
    for fare, n in wanted.items():
        asked[show.fares[fare][0]] = asked.get(show.fares[fare][0], 0) + n
    return any(n > own.get(tier, 0) for tier, n in asked.items())


def call_off(show: Show, p: Purchase, ending: str) -> bool:
    """Whether the payment under way could be called off here and now."""
    assert p.paying is not None
    show.last = show.now
    if not p.paying.outside:
        p.paying.state = "cancelled"
        return True
    if ending != "step_back" or not p.ending:
        p.ending, p.until = ending, None
    return False


def leave(show: Show, p: Purchase, _: object) -> str:
    if not p.live:
        return "WrongState" if p.state == "completed" else "Leaving"
    if p.order == "fixed":
        return "WrongState"
    if not p.unpaid or call_off(show, p, "leave"):
        show.finish(p, "left")
        show.last = show.now
    return "Leaving"


def expire(show: Show, p: Purchase, _: object) -> str:
    if not late(show, p):
        return "Expired"
    if p.state == "called" and not p.chances:
        p.chances, p.until, p.state = 1, None, "in_line"
        show.returning.append(p)
        show.last = show.now
    elif not p.unpaid or call_off(show, p, "lapse"):
        show.finish(p, "lapsed")
        show.last = show.now
    return "Expired"


def check_out(show: Show, p: Purchase, request: ask.CheckOut) -> str:
    if request.payment_id in p.payments:
        return "CheckedOut"
    if any(request.payment_id in other.payments for other in show.purchases.values()):
        return "Taken"
    if p.state in WAITING | {"called"}:
        return "NotYourTurn"
    if p.state == "lapsed":
        return "CallExpired"
    if p.state not in {"choosing", "paying"} or p.unpaid or p.order == "fixed":
        return "WrongState"
    if late(show, p):
        return "CallExpired"
    if not p.lines:
        return "Malformed"
    p.order, p.total = "frozen", lines_total(show, p)
    p.wanted = {fare: n for fare, n, _ in p.lines}
    p.paying = p.payments[request.payment_id] = Payment(
        request.payment_id, request.outside, p.total
    )
    p.state = "paying"
    show.at_least(p, show.terms.paying_ms)
    show.last = show.now
    return "CheckedOut"


def step_back(show: Show, p: Purchase, _: object) -> str:
    if p.state == "choosing":
        return "SteppedBack"
    if p.state != "paying" or p.order == "fixed":
        return "WrongState"
    if late(show, p):
        return "CallExpired"
    if not p.unpaid or call_off(show, p, "step_back"):
        choose_again(show, p)
    return "SteppedBack"


def choose_again(show: Show, p: Purchase) -> None:
    p.state, p.ending = "choosing", ""
    show.at_least(p, show.terms.retry_ms)
    show.last = show.now


def refund(show: Show, p: Purchase, request: ask.Refund) -> str:
    if request.refund_id in p.refunds:
        return "Refunded"
    if any(request.refund_id in other.refunds for other in show.purchases.values()):
        return "Taken"
    if p.state != "completed":
        return "WrongState"
    asked = set(request.ticket_nos) if request.ticket_nos is not None else set(p.tickets)
    numbers = asked & set(p.tickets) - p.used
    if not numbers or (request.ticket_nos is not None and numbers != asked):
        return "NothingToRefund"
    p.refunds.add(request.refund_id)
    for number in numbers:
        del p.tickets[number]
    show.last = show.now
    return "Refunded"


def end(show: Show, p: Purchase, _: object) -> str:
    if show.status not in OVER:
        return "WrongState"
    cancelled = show.status == "cancelled"
    if p.live and (p.state in WAITING or cancelled):
        if p.order != "fixed" and (not p.unpaid or call_off(show, p, "close")):
            show.finish(p, "closed")
            show.last = show.now
    elif p.state == "completed" and cancelled and p.tickets:
        p.tickets.clear()
        show.last = show.now
    return "Ended"


_PURCHASE_ACTS: dict[type, Callable[[Show, Purchase, Any], str]] = {
    ask.Claim: claim,
    ask.Choose: choose,
    ask.Leave: leave,
    ask.Expire: expire,
    ask.CheckOut: check_out,
    ask.StepBack: step_back,
    ask.Refund: refund,
    ask.End: end,
}


def report(show: Show, request: ask.Report) -> Answer:
    p = next((p for p in show.purchases.values() if request.payment_id in p.payments), None)
    if p is None:
        return "UnknownPayment", None
    payment = p.payments[request.payment_id]
    again = "Paid" if p.state == "completed" and p.paying is payment else "Noted"
    if request.event_id in payment.events:
        return again, p
    payment.events.add(request.event_id)
    show.last = show.now
    if request.state not in NEXT.get(payment.state, set()):
        return again, p
    payment.state = request.state
    right = request.amount_minor == p.total
    current = p.paying is payment and p.state == "paying"
    if request.state == "captured":
        if right and fits(show, p, payment):
            complete(show, p, payment)
            return "Paid", p
        if current:
            called_off(show, p)
        return "GivenBack", p
    if request.state == "authorised":
        if current and right:
            p.order, p.ending, p.until = "fixed", "", None
    elif request.state in {"cancelled", "failed"} and current:
        called_off(show, p)
    return "Noted", p


def approve(show: Show, request: ask.Approve) -> Answer:
    p = next((p for p in show.purchases.values() if request.payment_id in p.payments), None)
    if p is None:
        return "UnknownPayment", None
    payment = p.payments[request.payment_id]
    if request.amount_minor != payment.total:
        return "Malformed", p
    if p.paying is not payment or p.state != "paying" or p.ending:
        return "WrongState", p
    if payment.state not in {"created", "pending"}:
        return "WrongState", p
    if late(show, p):
        return "CallExpired", p
    payment.state = "pending"
    show.at_least(p, 120_000)
    show.last = show.now
    return "Approved", p


def called_off(show: Show, p: Purchase) -> None:
    """The money will not come."""
    if p.order == "fixed":
        keep_own_sold(show, p)
        p.order = "void"
        show.finish(p, "lapsed")
    elif p.ending == "step_back":
        choose_again(show, p)
    elif p.ending:
        show.finish(p, {"leave": "left", "lapse": "lapsed", "close": "closed"}[p.ending])
    elif late(show, p):
        show.finish(p, "lapsed")
    else:
        show.at_least(p, show.terms.retry_ms)


def fits(show: Show, p: Purchase, payment: Payment) -> bool:
    if p.order == "paid":
        return False
    if p.state == "paying":
        return p.order != "fixed" or p.paying is payment
    if p.state == "choosing":
        return {fare: n for fare, n, _ in p.lines} == p.wanted
    if p.state not in {"left", "lapsed"} or show.status == "cancelled":
        return False
    elsewhere = show.of_customer(p.customer)
    has = show.bought(p.customer) + (elsewhere.held if elsewhere else 0)
    if has + sum(p.wanted.values()) > show.terms.limit_per_customer:
        return False
    return show.grant(p, p.wanted)


def keep_own_sold(show: Show, p: Purchase) -> None:
    """What was sold of an allotment is used up; given back, it is everyone's."""
    for fare, _, own in p.lines:
        show.own_sold[show.fares[fare][0]] += own


def complete(show: Show, p: Purchase, payment: Payment) -> None:
    keep_own_sold(show, p)
    fares = [fare for fare, n in sorted(p.wanted.items()) for _ in range(n)]
    p.order, p.paying = "paid", payment
    show.finish(p, "completed")
    p.tickets = dict(enumerate(fares, 1))


def check_in(show: Show, request: ask.CheckIn) -> str:
    p = next((p for p in show.purchases.values() if p.number == request.order_no), None)
    if p is None or p.order != "paid" or not 0 < request.ticket_no <= sum(p.wanted.values()):
        return "UnknownTicket"
    if request.ticket_no not in p.tickets:
        return "NotValid"
    if request.ticket_no in p.used:
        return "AlreadyUsed"
    p.used.add(request.ticket_no)
    show.last = show.now
    return "Admitted"


def change(show: Show, request: ask.Change) -> str:
    """Other capacities and prices: what is taken, set aside and promised must stay covered."""
    was = show.tiers, show.quotas, show.fares
    if amounts(request.draft) == was:
        return "Changed"
    if show.status in OVER:
        return "Unchangeable"
    show.tiers, show.quotas, show.fares = amounts(request.draft)
    enough = all(show.used(quota) <= n for quota, n in show.quotas.items())
    enough = enough and all(show.rest(tier) >= show.own_left(tier) for tier in show.tiers)
    if not enough or show.slack() < 0:
        show.tiers, show.quotas, show.fares = was
        return "Unchangeable"
    show.last = show.now
    return "Changed"


def run(show: Show, request: object) -> str:
    before = show.status
    match request, before:
        case ask.OpenSale(), "published":
            open_sale(show)
        case ask.OpenSale(), "open" | "drawing":
            pass
        case ask.PauseSale(), "open" | "paused":
            show.status = "paused"
        case ask.ResumeSale(), "open" | "paused":
            show.status = "open"
        case ask.CloseSale(), "published" | "open" | "paused" | "closed":
            show.status = "closed"
        case ask.CancelShow(), _:
            show.status = "cancelled"
        case ask.ReleaseAllotment(tier_no=tier), _:
            if tier not in show.release:
                return "Malformed"
            release(show, tier)
        case ask.Wake(), _:
            wake(show)
        case _:
            return "WrongState"
    if show.status != before:
        show.last = show.now
    return "SaleNow"


def open_sale(show: Show) -> None:
    show.to_draw = [p.name for p in show.live()]
    show.status = "drawing" if show.to_draw else "open"
    show.next_number += len(show.to_draw)


def release(show: Show, tier: int) -> None:
    if show.kept.pop(tier, None) is not None:
        show.last = show.now


def wake(show: Show) -> None:
    for tier, release_ms in show.release.items():
        if tier in show.kept and release_ms <= show.now:
            release(show, tier)
    if show.status in {"open", "paused"} and show.now >= show.terms.sale_closes_ms:
        show.status, show.last = "closed", show.now
