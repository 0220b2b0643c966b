"""The line: numbers, places, calls and second chances.

Numbers are given in order of arrival and never reused. The line is kept by *place*, a sort key
that starts out as the number times `PLACE_GAP`; a second chance gets a place between two others,
and where two share a place the lower number goes first. Calls go out in order of place, as many as
there are tickets to promise, no faster than they can be spoken (`calls_per_s`, with a burst of
one second), and never more than `calls_max` purchases open at a time.
"""

from core import limits
from core.ledger import encode
from core.messages import Kind
from core.purchase import Event, Purchase, State
from core.requests import SYSTEM, WINDOW
from core.sale import Message, Sale, Status
from core.stock import GENERAL

_BURST_MS = 1_000


def take_number(sale: Sale, purchase: Purchase) -> None:
    """Give the next number, and the place that goes with it."""
    give_number(purchase, sale.book.next_number)
    sale.book.next_number += 1


def give_number(purchase: Purchase, number: int) -> None:
    """Give this number, and the place that goes with it."""
    purchase.number = number
    purchase.place = number * limits.PLACE_GAP


def pool_for(sale: Sale, channel: str) -> str | None:
    """Return the pool on which a newcomer could be let in at once, or None: join the line.

    A channel's own allotment serves its people without a line. Everyone's tickets go to whoever
    waits first.
    """
    if sale.book.status != Status.OPEN:
        return None
    if sale.stock.promisable_from(channel) > 0:
        return channel
    if sale.book.waiting == 0 and _openings(sale) > 0:
        return GENERAL
    return None


def _openings(sale: Sale) -> int:
    """How many more people the stock and `calls_max` let in."""
    room = sale.stock.promisable()
    if sale.plan.terms.calls_max:
        room = min(room, sale.plan.terms.calls_max - sale.book.opened)
    return room


def _spoken(sale: Sale) -> int:
    """How many calls the pace allows now."""
    rate = sale.plan.terms.calls_per_s
    clear_ms = max(sale.book.calls_clear_ms, sale.now_ms)
    return max(0, (sale.now_ms + _BURST_MS - clear_ms) * rate // 1_000)


def to_call(sale: Sale) -> int:
    """How many people to call now, if that many wait."""
    if sale.book.status != Status.OPEN or not sale.book.waiting:
        return 0
    room = _openings(sale)
    if room <= 0:
        return 0
    return min(room, sale.book.waiting, _spoken(sale), limits.CALLS_PER_BATCH)


def paced_until_ms(sale: Sale) -> int | None:
    """When the pace allows the next call, if only the pace is in its way."""
    if sale.book.status != Status.OPEN or not sale.book.waiting or _openings(sale) <= 0:
        return None
    rate = sale.plan.terms.calls_per_s
    return max(sale.now_ms, sale.book.calls_clear_ms - _BURST_MS + -(-1_000 // rate))


def advance(sale: Sale, stored: list[Purchase]) -> None:
    """Place second chances, then call the next people, then tell who came near.

    `stored`: the first of the line as the store has it, in order, enough of them for all three.
    """
    heads = _merge(sale, stored)
    for purchase in sale.returning:
        if purchase.state is State.IN_LINE:  # It may have left later in the batch.
            _place_again(sale, purchase, heads)
    sale.returning.clear()
    count = to_call(sale)
    for purchase in heads[:count]:
        _call(sale, purchase)
    if count:
        rate = sale.plan.terms.calls_per_s
        spoken_ms = -(-count * 1_000 // rate)
        sale.book.calls_clear_ms = max(sale.book.calls_clear_ms, sale.now_ms) + spoken_ms
        _tell_milestones(sale, heads[count:])


def _merge(sale: Sale, stored: list[Purchase]) -> list[Purchase]:
    """Return the first of the line as it stands now: the store's, less and plus this batch's.

    The store's list may stop short of the end of the line, so who joined in this batch counts only
    if it does not.
    """
    heads = [sale.purchases.setdefault(p.purchase_id, p) for p in stored]
    known = {p.purchase_id for p in heads}
    heads.extend(p for p in sale.purchases.values() if p.purchase_id not in known)
    heads = [p for p in heads if p.state is State.IN_LINE and p.place is not None]
    heads.sort(key=_order)
    return heads


def _order(purchase: Purchase) -> tuple[int, int]:
    return (purchase.place or 0, purchase.number or 0)


def _place_again(sale: Sale, purchase: Purchase, heads: list[Purchase]) -> None:
    behind = min(sale.plan.terms.second_chance_places, len(heads))
    if behind:
        purchase.place = (heads[behind - 1].place or 0) + 1
    else:
        give_number(purchase, purchase.number or 0)
    sale.count_place(purchase.place or 0, 1)
    heads.append(purchase)
    heads.sort(key=_order)
    message = _message(Kind.SECOND_CHANCE, purchase, ahead=behind)
    sale.record("missed", SYSTEM, purchase, messages=(message,))


def _call(sale: Sale, purchase: Purchase) -> None:
    terms = sale.plan.terms
    purchase.pool = GENERAL
    sale.move(purchase, Event.CALL)
    purchase.called_ms = sale.now_ms
    # At the window a number is called out: it is heard at once. A message is heard on delivery,
    # and until then only the cap runs.
    waits_ms = 0 if purchase.channel == WINDOW else terms.delivery_cap_ms
    purchase.deadline_ms = sale.now_ms + waits_ms + terms.claim_ms
    facts = {"claim_ms": terms.claim_ms, "called_ms": sale.now_ms}
    message = _message(Kind.YOUR_TURN, purchase, **facts)
    sale.record("called", SYSTEM, purchase, messages=(message,))


def _tell_milestones(sale: Sale, waiting: list[Purchase]) -> None:
    for ahead, purchase in enumerate(waiting[: limits.MILESTONES[0] + 1]):
        milestone = min(m for m in limits.MILESTONES if m >= ahead)
        if purchase.told_ahead is None or purchase.told_ahead > milestone:
            purchase.told_ahead = milestone
            message = _message(Kind.MILESTONE, purchase, ahead=ahead)
            sale.record("milestone", SYSTEM, purchase, messages=(message,))


def tell_end(sale: Sale, stored: list[Purchase]) -> None:
    """Tell the next of those in line (`stored`, past `told_place`) that every ticket is sold."""
    sale.tell = False
    waiting = [p for p in (sale.purchases.get(s.purchase_id, s) for s in stored) if p.place]
    told = [p for p in waiting if p.state is State.IN_LINE]
    if not waiting:
        sale.book.told_place = sale.book.next_number * limits.PLACE_GAP
        return
    messages = [_message(Kind.END_OF_LINE, purchase) for purchase in told]
    sale.book.told_place = max(p.place or 0 for p in waiting)
    sale.record("end_told", SYSTEM, facts={"told": len(told)}, messages=messages)


def near(sale: Sale) -> int:
    """How many of the line's head `advance` must see; 0 if it has nothing to do."""
    count = to_call(sale)
    if not count and not sale.returning:
        return 0
    again = sale.plan.terms.second_chance_places if sale.returning else 0
    gone = sum(
        1
        for p in sale.purchases.values()
        if p.state is not State.IN_LINE and p.purchase_id not in sale.fresh
    )
    return count + max(again, limits.MILESTONES[0] + 1) + gone


def _message(kind: Kind, purchase: Purchase, **data: int) -> Message:
    facts = {"number": purchase.number, **data}
    return Message(kind, purchase.customer_id, purchase.purchase_id, encode(facts))
