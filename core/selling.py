"""From arriving to a basket: join, leave, claim, choose, and what a passed deadline does.

Each rule takes the sale and a request, changes the sale, and returns the answer. Asking twice has
one effect: the second answer shows the purchase as the first left it.
"""

from core import limits, line
from core.catalogue import CHANNELS
from core.documents import valid_cpf
from core.messages import Kind
from core.outcomes import (
    CallExpired,
    Chosen,
    Claimed,
    DocumentNeeded,
    Expired,
    Joined,
    Leaving,
    Malformed,
    NotEnough,
    NotOnSale,
    NotYourTurn,
    OverLimit,
    Standing,
    Taken,
    UnknownCustomer,
    UnknownFare,
    UnknownPurchase,
    WrongState,
)
from core.paying import call_off, overdue, settled, under_way
from core.purchase import Event, Purchase, State, basket_text
from core.requests import SYSTEM, TELEGRAM, Choose, Claim, Expire, Join, Leave, OpenSale
from core.running import open_sale
from core.sale import OVER, Message, Sale, Status
from core.stock import GENERAL, Shortage

JoinAnswer = Standing | NotOnSale | OverLimit | Taken | UnknownCustomer | Malformed
ChooseAnswer = (
    Standing
    | NotEnough
    | OverLimit
    | DocumentNeeded
    | UnknownFare
    | Malformed
    | NotYourTurn
    | CallExpired
    | WrongState
    | UnknownPurchase
)
StepAnswer = Standing | NotYourTurn | CallExpired | WrongState | UnknownPurchase


def join(sale: Sale, request: Join) -> JoinAnswer:
    """Enter the lobby or the line, or start choosing; the purchase that lives answers again."""
    known = sale.purchases.get(request.purchase_id)
    if known is not None and known.customer_id != request.customer_id:
        return Taken(request.purchase_id)
    known = known or sale.live.get(request.customer_id)
    if known is not None:
        return sale.standing(Joined, known)
    if request.customer_id not in sale.customers:
        return UnknownCustomer(request.customer_id)
    if sale.book.status == Status.PUBLISHED and _opens_now(sale):
        open_sale(sale, OpenSale(show_id=request.show_id))
    refused = _not_now(sale)
    if refused is not None:
        return refused
    if request.channel not in CHANNELS:
        return Malformed("channel", "give one of " + ", ".join(CHANNELS))
    has, limit = sale.bought.get(request.customer_id, 0), sale.plan.terms.limit_per_customer
    if has >= limit:
        return OverLimit(limit, has)
    purchase = _enter(sale, request)
    sale.record("joined", request.actor, purchase, messages=_confirmation(purchase))
    return sale.standing(Joined, purchase)


def _confirmation(purchase: Purchase) -> list[Message]:
    """Return the message that confirms a place. A chat's own answer to joining is one already."""
    if purchase.channel == TELEGRAM or purchase.state not in {State.IN_LOBBY, State.IN_LINE}:
        return []
    return [Message(Kind.PLACE_CONFIRMED, purchase.customer_id, purchase.purchase_id)]


def _opens_now(sale: Sale) -> bool:
    """Whether the sale is due to open: who comes now comes after the lobby, caretaker or not."""
    return sale.now_ms >= sale.plan.terms.sale_opens_ms


def _not_now(sale: Sale) -> NotOnSale | None:
    """Say when a show can't be joined now."""
    terms, status = sale.plan.terms, sale.book.status
    if status in OVER or sale.now_ms >= terms.sale_closes_ms:
        return NotOnSale(Status.CLOSED if status == Status.OPEN else status, None)
    if status == Status.PUBLISHED:
        opens_ms = terms.sale_opens_ms if terms.lobby_opens_ms is None else terms.lobby_opens_ms
        if sale.now_ms < opens_ms or terms.lobby_opens_ms is None:
            return NotOnSale(status, opens_ms)
    return None


def _enter(sale: Sale, request: Join) -> Purchase:
    purchase = Purchase(
        sale.book.show_id,
        request.purchase_id,
        request.customer_id,
        request.channel,
        State.IN_LOBBY,
        None,
        None,
        GENERAL,
        "[]",
        0,
        None,
        None,
        0,
        None,
        0,
        None,
        "",
        sale.now_ms,
        None,
        None,
        0,
    )
    if sale.book.status != Status.PUBLISHED:
        pool = line.pool_for(sale, request.channel)
        line.take_number(sale, purchase)
        if pool is None:
            purchase.state = State.IN_LINE
            _joined_near(sale, purchase)
        else:
            purchase.state, purchase.pool = State.CHOOSING, pool
            _start_choosing(sale, purchase)
    sale.purchases[purchase.purchase_id] = purchase
    sale.live[purchase.customer_id] = purchase
    sale.fresh.add(purchase.purchase_id)
    sale.recount(purchase, None, promised=False)
    return purchase


def _joined_near(sale: Sale, purchase: Purchase) -> None:
    """Note what the answer itself tells: a milestone already passed, or a show sold out."""
    ahead, place = sale.book.waiting, purchase.place or 0
    if ahead <= limits.MILESTONES[0]:
        purchase.told_ahead = min(m for m in limits.MILESTONES if m >= ahead)
    all_told = not ahead or sale.book.told_place >= place - limits.PLACE_GAP
    if sale.stock.sold_out() and all_told:
        sale.book.told_place = max(sale.book.told_place, place)


def _start_choosing(sale: Sale, purchase: Purchase) -> None:
    terms = sale.plan.terms
    purchase.session_ms = sale.now_ms + terms.session_max_ms
    purchase.deadline_ms = min(sale.now_ms + terms.choosing_ms, purchase.session_ms)


def _refused(purchase: Purchase) -> NotYourTurn | CallExpired | WrongState:
    """Say why a step can't be taken now."""
    if purchase.state in {State.IN_LOBBY, State.IN_LINE}:
        return NotYourTurn(purchase.state, purchase.number)
    if purchase.state is State.LAPSED:
        return CallExpired(purchase.state)
    return WrongState(purchase.state)


def claim(sale: Sale, request: Claim) -> StepAnswer:
    """Start choosing; the choosing clock runs from here."""
    purchase = sale.purchases.get(request.purchase_id)
    if purchase is None:
        return UnknownPurchase(request.purchase_id)
    if purchase.state in {State.CHOOSING, State.PAYING, State.COMPLETED}:
        return sale.standing(Claimed, purchase)
    if purchase.state is not State.CALLED:
        return _refused(purchase)
    if overdue(sale, purchase):
        return CallExpired(purchase.state)
    sale.move(purchase, Event.CLAIM)
    _start_choosing(sale, purchase)
    sale.record("claimed", request.actor, purchase)
    return sale.standing(Claimed, purchase)


def choose(sale: Sale, request: Choose) -> ChooseAnswer:
    """Set the basket whole, holding its stock; no deadline moves."""
    purchase = sale.purchases.get(request.purchase_id)
    if purchase is None:
        return UnknownPurchase(request.purchase_id)
    if purchase.state is not State.CHOOSING:
        return _refused(purchase)
    if overdue(sale, purchase):
        return CallExpired(purchase.state)
    wanted = dict(request.wanted)
    refused = _bad_basket(sale, purchase, request, wanted)
    if refused is not None:
        return refused
    held, promised = purchase.lines, purchase.promised
    if {fare: quantity for fare, quantity, _ in held} == wanted:
        return sale.standing(Chosen, purchase)
    sale.stock.release(held, purchase.channel)
    if promised:
        sale.stock.promise(purchase.pool, -1)
    shortage = (
        sale.stock.shortage(wanted, purchase.channel)
        or _past_the_line(sale, purchase, wanted)
        or _nothing_back(sale, purchase, wanted)
    )
    if shortage is None:
        purchase.basket = basket_text(sale.stock.hold(wanted, purchase.channel))
        purchase.tickets = sum(wanted.values())
    else:
        sale.stock.regain(held, purchase.channel)
    if purchase.promised:
        if any(own for _, _, own in held):
            purchase.pool = purchase.channel
        sale.stock.promise(purchase.pool, 1)
    if shortage is not None:
        return NotEnough(shortage.available, shortage.tier_no, shortage.quota_no)
    asked = any(sale.stock.fares[fare_no].document for fare_no in wanted)
    if request.document and asked:
        sale.changes.documents.append(
            [sale.book.show_id, purchase.purchase_id, valid_cpf(request.document)],
        )
    sale.record("chosen", request.actor, purchase)
    return sale.standing(Chosen, purchase)


def _past_the_line(sale: Sale, purchase: Purchase, wanted: dict[int, int]) -> Shortage | None:
    """Say why not, if the basket would take everyone's tickets past those who wait for them.

    Who was let in without waiting, on the channel's own tickets, may take those and no others
    while there are any.
    """
    if not purchase.pool or not sale.book.waiting:
        return None
    if sale.stock.left_of(purchase.pool):
        return sale.stock.own_shortage(wanted, purchase.pool)
    # None are left: the promise fell back on everyone's, and is one ticket.
    return Shortage(1) if sum(wanted.values()) > 1 else None


def _nothing_back(sale: Sale, purchase: Purchase, wanted: dict[int, int]) -> Shortage | None:
    """Say why not, if what is put back is of a closed tier and leaves nothing to be promised."""
    stock = sale.stock
    closed = any(stock.tiers[stock.fares[no].tier_no].closed for no, _, _ in purchase.lines)
    none_left = stock.promisable() + max(0, stock.promisable_from(purchase.channel)) < 1
    return Shortage(0) if closed and not wanted and none_left else None


def _bad_basket(
    sale: Sale,
    purchase: Purchase,
    request: Choose,
    wanted: dict[int, int],
) -> Malformed | UnknownFare | OverLimit | DocumentNeeded | None:
    if len(wanted) != len(request.wanted):
        return Malformed("wanted", "name each fare once")
    for fare_no, quantity in wanted.items():
        fare, held = sale.stock.fares.get(fare_no), {no: n for no, n, _ in purchase.lines}
        if fare is None or (fare.closed and quantity > held.get(fare_no, 0)):
            return UnknownFare(fare_no)
        if not 0 < quantity <= limits.TICKETS_PER_BASKET:
            return Malformed("quantity", f"give 1 to {limits.TICKETS_PER_BASKET} of a fare")
    has, limit = sale.bought.get(purchase.customer_id, 0), sale.plan.terms.limit_per_customer
    if has + sum(wanted.values()) > limit:
        return OverLimit(limit, has)
    if request.document and valid_cpf(request.document) is None:
        return DocumentNeeded(request.wanted[0][0] if request.wanted else 0)
    for fare_no in wanted:
        if sale.stock.fares[fare_no].document and not request.document:
            return DocumentNeeded(fare_no)
    return None


def let_go(sale: Sale, purchase: Purchase, event: Event) -> None:
    """End a purchase that has no payment under way, freeing what it holds."""
    if purchase.state is State.IN_LOBBY and sale.book.status == Status.DRAWING:
        purchase.drawn = 1  # The draw's list is frozen: it keeps its number there.
    sale.stock.release(purchase.lines, purchase.channel)
    state, promised = purchase.state, purchase.promised
    purchase.basket, purchase.tickets, purchase.ending = "[]", 0, ""
    purchase.move(event)
    sale.recount(purchase, state, promised=promised)


def leave(sale: Sale, request: Leave) -> StepAnswer:
    """Give up. A payment under way is called off at its gateway first."""
    purchase = sale.purchases.get(request.purchase_id)
    if purchase is None:
        return UnknownPurchase(request.purchase_id)
    if not purchase.live:
        if purchase.state is State.COMPLETED:
            return WrongState(purchase.state)
        return sale.standing(Leaving, purchase)
    if settled(sale, purchase):
        return WrongState(purchase.state)
    if under_way(sale, purchase) and not call_off(sale, purchase, Event.LEAVE, request.actor):
        return sale.standing(Leaving, purchase)
    let_go(sale, purchase, Event.LEAVE)
    sale.record("left", request.actor, purchase)
    return sale.standing(Leaving, purchase)


def expire(sale: Sale, request: Expire) -> StepAnswer:
    """Do what the passed deadline asks: second chance, lapse, or ask the gateway first."""
    purchase = sale.purchases.get(request.purchase_id)
    if purchase is None:
        return UnknownPurchase(request.purchase_id)
    if not overdue(sale, purchase):
        return sale.standing(Expired, purchase)
    if purchase.state is State.CALLED and not purchase.chances:
        purchase.chances = 1
        purchase.place = purchase.deadline_ms = purchase.called_ms = None
        sale.move(purchase, Event.MISS)
        sale.returning.append(purchase)
        return sale.standing(Expired, purchase)
    if under_way(sale, purchase) and not call_off(sale, purchase, Event.LAPSE, request.actor):
        return sale.standing(Expired, purchase)
    kind = Kind.CALL_LAPSED if purchase.state is State.CALLED else Kind.TIME_ENDED
    let_go(sale, purchase, Event.LAPSE)
    message = Message(kind, purchase.customer_id, purchase.purchase_id)
    sale.record("lapsed", SYSTEM, purchase, messages=(message,))
    return sale.standing(Expired, purchase)
