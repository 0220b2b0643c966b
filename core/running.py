"""Running a sale: opening with the draw, pause and resume, closing, cancelling, and its clock."""

from core import limits, line
from core.draw import seed_digest
from core.ledger import encode
from core.messages import Kind
from core.outcomes import Malformed, NotInOrder, SaleNow, UnknownPurchase, WrongState
from core.purchase import Event, State
from core.requests import (
    CancelShow,
    CloseSale,
    DrawStep,
    FixDraw,
    OpenSale,
    PauseSale,
    ReleaseAllotment,
    ResumeSale,
    Wake,
)
from core.sale import OVER, Message, Sale, Status
from core.stock import AllotmentUse
from core.terms import DAY_MS

RunAnswer = SaleNow | WrongState | Malformed
DrawAnswer = SaleNow | WrongState | NotInOrder | UnknownPurchase

_ENDING_AGAIN_MS = 5_000
"""How soon to look again at what did not end by itself: last payments, an unfinished draw."""


def _now(sale: Sale) -> SaleNow:
    return SaleNow(sale.book.show_id, sale.book.status)


def _switch(sale: Sale, status: str, kind: str, actor: str, **facts: object) -> SaleNow:
    sale.book.status = status
    sale.record(kind, actor, facts={"status": status, **facts})
    return _now(sale)


def open_sale(sale: Sale, request: OpenSale) -> RunAnswer:
    """Close the lobby for its draw; with nobody in it the sale is open at once."""
    book = sale.book
    if book.status in {Status.OPEN, Status.DRAWING}:
        return _now(sale)
    if book.status != Status.PUBLISHED:
        return WrongState(book.status)
    if request.due and sale.now_ms < sale.plan.terms.sale_opens_ms:
        return _now(sale)
    if not book.lobby:
        return _switch(sale, Status.OPEN, "opened", request.actor)
    # The drawn get the first numbers; whoever comes during the draw comes after them.
    book.to_draw = book.lobby
    book.next_number += book.lobby
    return _switch(sale, Status.DRAWING, "lobby_closed", request.actor, to_draw=book.lobby)


def fix_draw(sale: Sale, request: FixDraw) -> DrawAnswer:
    """Reveal the seed over the frozen list."""
    book = sale.book
    if book.status != Status.DRAWING:
        return _now(sale) if book.drawn else WrongState(book.status)
    if book.list_digest:
        same = book.list_digest == request.list_digest
        return _now(sale) if same else NotInOrder(book.list_digest)
    if seed_digest(request.seed) != sale.plan.seed_digest:
        return NotInOrder(sale.plan.seed_digest)
    book.list_digest, book.seed = request.list_digest, request.seed
    sale.record(
        "draw_fixed",
        request.actor,
        facts={"list_digest": request.list_digest, "seed": request.seed},
    )
    return _now(sale)


def draw_step(sale: Sale, request: DrawStep) -> DrawAnswer:
    """Give the next numbers; the last one opens the sale. A step done before does nothing."""
    book = sale.book
    if book.status != Status.DRAWING or not book.list_digest:
        return _now(sale) if book.drawn else WrongState(book.status)
    if request.first_number <= book.drawn:
        return _now(sale)
    last = request.first_number + len(request.purchase_ids) - 1
    if request.first_number != book.drawn + 1 or last > book.to_draw:
        return NotInOrder(str(book.drawn + 1))
    for purchase_id in request.purchase_ids:
        if purchase_id not in sale.purchases:
            return UnknownPurchase(purchase_id)
    rows: list[list[int | str | None]] = []
    prevs: list[int] = []
    messages: list[Message] = []
    for number, purchase_id in enumerate(request.purchase_ids, request.first_number):
        purchase = sale.purchases[purchase_id]
        line.give_number(purchase, number)
        purchase.drawn = 1
        if purchase.state is State.IN_LOBBY:
            sale.move(purchase, Event.DRAW)
            data = encode({"number": number})
            messages.append(
                Message(Kind.DRAW_RESULT, purchase.customer_id, purchase_id, data),
            )
        prevs.append(purchase.last_seq)
        purchase.last_seq = book.ledger_seq + 1
        rows.append(purchase.cells())
        if purchase_id in sale.changed:
            sale.changed[purchase_id] = rows[-1]
    sale.changes.drawn.extend(rows)
    book.drawn = last
    facts: dict[str, object] = {"purchases": rows, "prevs": prevs}
    sale.record("drawn", request.actor, facts=facts, messages=messages)
    if book.drawn == book.to_draw:
        return _switch(sale, Status.OPEN, "opened", request.actor)
    return _now(sale)


def pause(sale: Sale, request: PauseSale) -> RunAnswer:
    """Stop calling and letting in."""
    if sale.book.status == Status.PAUSED:
        return _now(sale)
    if sale.book.status != Status.OPEN:
        return WrongState(sale.book.status)
    return _switch(sale, Status.PAUSED, "paused", request.actor)


def resume(sale: Sale, request: ResumeSale) -> RunAnswer:
    """Go on; the batch calls who is next."""
    if sale.book.status == Status.OPEN:
        return _now(sale)
    if sale.book.status != Status.PAUSED:
        return WrongState(sale.book.status)
    return _switch(sale, Status.OPEN, "resumed", request.actor)


def close(sale: Sale, request: CloseSale) -> RunAnswer:
    """End the sale; the caretaker tells who waits, one by one."""
    if sale.book.status == Status.CLOSED:
        return _now(sale)
    if sale.book.status in {Status.CANCELLED, Status.DRAWING}:
        return WrongState(sale.book.status)
    return _switch(sale, Status.CLOSED, "sale_closed", request.actor)


def cancel(sale: Sale, request: CancelShow) -> RunAnswer:
    """Cancel the show; the caretaker ends and refunds everyone, one by one."""
    if sale.book.status == Status.CANCELLED:
        return _now(sale)
    return _switch(sale, Status.CANCELLED, "cancelled", request.actor, reason=request.reason)


def release_allotment(sale: Sale, request: ReleaseAllotment) -> RunAnswer:
    """Give what is left of an allotment to everyone."""
    allotment = sale.stock.allotments.get((request.tier_no, request.channel))
    if allotment is None:
        return Malformed("channel", "the tier has no allotment for this channel")
    if not allotment.released:
        _release(sale, allotment, request.actor)
    return _now(sale)


def _release(sale: Sale, allotment: AllotmentUse, actor: str) -> None:
    freed, allotment.released = allotment.left, 1
    sale.stock.changed = True
    facts: dict[str, object] = {
        "tier_no": allotment.tier_no,
        "channel": allotment.channel,
        "freed": freed,
    }
    sale.record("allotment_released", actor, facts=facts)


def wake(sale: Sale, request: Wake) -> RunAnswer:
    """Do what has come due. Opening is left to the caretaker, as the draw takes several steps."""
    sale.woken = True
    for allotment in sale.stock.allotments.values():
        if not allotment.released and allotment.release_ms <= sale.now_ms:
            _release(sale, allotment, request.actor)
    if sale.book.status in {Status.OPEN, Status.PAUSED} and _closes(sale):
        _switch(sale, Status.CLOSED, "sale_closed", request.actor)
    sale.tell = _end_untold(sale)
    if sale.now_ms >= _forgets_ms(sale):
        sale.changes.forgotten.append([sale.book.show_id])
    return _now(sale)


def _forgets_ms(sale: Sale) -> int:
    """When the documents that fares needed are erased: a day after the show began."""
    return sale.plan.starts_ms + DAY_MS


def _closes(sale: Sale) -> bool:
    return sale.now_ms >= sale.plan.terms.sale_closes_ms


def _end_untold(sale: Sale) -> bool:
    last = (sale.book.next_number - 1) * limits.PLACE_GAP
    return (
        sale.book.status == Status.OPEN
        and bool(sale.book.waiting)
        and sale.stock.sold_out()
        and sale.book.told_place < last
    )


def next_wake_ms(sale: Sale) -> int | None:
    """Return when the show next needs its caretaker, or None.

    Only the caretaker's own coming puts that off: else who asks often enough could do so for ever.
    """
    due = [_due_ms(sale)] if sale.woken else [_due_ms(sale), sale.book.wake_ms]
    return min((ms for ms in due if ms is not None), default=None)


def _due_ms(sale: Sale) -> int | None:
    book, terms = sale.book, sale.plan.terms
    if book.change:
        return sale.now_ms
    if book.status in OVER:
        waits = book.lobby + book.waiting
        if waits:
            return sale.now_ms
        if book.status == Status.CANCELLED and book.opened + book.paying + book.valid:
            return sale.now_ms + _ENDING_AGAIN_MS
        forgets_ms = _forgets_ms(sale)
        return forgets_ms if sale.now_ms < forgets_ms else None
    if book.status == Status.DRAWING:
        return sale.now_ms + _ENDING_AGAIN_MS * sale.woken
    if _end_untold(sale):
        return sale.now_ms
    due = [a.release_ms for a in sale.stock.allotments.values() if not a.released]
    due.append(terms.sale_opens_ms if book.status == Status.PUBLISHED else terms.sale_closes_ms)
    paced_ms = line.paced_until_ms(sale)
    if paced_ms is not None:
        due.append(paced_ms)
    return min(due)
