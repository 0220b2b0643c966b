"""A batch: from requests to changes and answers, without touching the world.

    names      which rows do the requests name?             -> read by the store
    decide     each request in turn: sale, request -> sale, answer; it sees those before it
    advance    call the next people of every show touched   -> the heads of their lines are read
    collect    the changed rows, ledger entries and effects -> written by the store

`Batch.steps` is a generator: it yields what must be read and is sent the rows, so that the same
rules run under any engine. It gets the time once and holds nothing of its own between two runs.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, assert_never

from core import (
    admission,
    changing,
    house,
    limits,
    line,
    outbox,
    paying,
    refunding,
    reports,
    running,
    selling,
    shifts,
)
from core.naming import name_rows
from core.outcomes import Registered, UnknownShow
from core.ports import BrokenInvariant, Heads, Ids, Names, Snapshot, Steps
from core.requests import (
    AnyRequest,
    Approve,
    CancelShow,
    Change,
    CheckIn,
    CheckOut,
    Choose,
    Claim,
    CloseSale,
    CloseShift,
    Dispute,
    DrawStep,
    EffectDead,
    EffectDone,
    EffectTried,
    End,
    Erase,
    Expire,
    FixDraw,
    HouseAct,
    Join,
    Leave,
    MoveCash,
    OpenSale,
    OpenShift,
    PauseSale,
    Prefer,
    Publish,
    Refund,
    RefundReport,
    Register,
    ReleaseAllotment,
    Report,
    ResumeSale,
    SendAgain,
    SetClerk,
    ShowAct,
    StepBack,
    TellChange,
    Wake,
)
from core.sale import Changes, Plan, Sale
from core.stock import Stock

if TYPE_CHECKING:
    from core.purchase import Purchase

SaleRequest = (
    Join
    | Leave
    | Claim
    | Choose
    | CheckOut
    | StepBack
    | Expire
    | Refund
    | End
    | Report
    | RefundReport
    | Approve
    | Dispute
    | CheckIn
    | EffectDone
    | EffectDead
    | EffectTried
    | SendAgain
    | ShowAct
)


class Batch:
    """Requests decided together; after the store ran it, `outcomes[i]` answers `requests[i]`."""

    def __init__(self, requests: Sequence[AnyRequest], now_ms: int, ids: Ids) -> None:
        self._requests = requests
        self._now_ms = now_ms
        self._ids = ids
        self._sales: dict[int, Sale] = {}
        self.outcomes: list[object] = []

    def steps(self) -> Steps:
        """Decide, from the first request again whenever it is called."""
        self.outcomes = []
        names = Names()
        for request in self._requests:
            name_rows(request, names)
        snapshot = yield names
        try:
            self._sales = open_sales(snapshot, self._now_ms)
            its_house = self._open_house(snapshot)
            self.outcomes = [self._decide(request, its_house) for request in self._requests]
            heads = self._heads()
        except (AssertionError, KeyError) as broken:
            raise BrokenInvariant(repr(broken)) from broken
        lines = (yield Heads(heads)).purchases if heads else []
        try:
            self._advance(lines, heads)
            return self._collect(its_house)
        except (AssertionError, KeyError) as broken:
            raise BrokenInvariant(repr(broken)) from broken

    def _open_house(self, snapshot: Snapshot) -> "house.House | None":
        for book in snapshot.books:
            if book.show_id == 0:
                now_ms = max(self._now_ms, book.last_ms)
                return house.House(book, snapshot, now_ms, self._ids)
        return None

    def _decide(self, request: AnyRequest, its_house: "house.House | None") -> object:
        if isinstance(request, HouseAct):
            assert its_house is not None, "the house's book was not read"
            answer = _decide_house(its_house, request, self._sales)
            if isinstance(answer, Registered):  # Who joins in this very batch is known now.
                for sale in self._sales.values():
                    sale.customers.add(answer.customer_id)
            return answer
        sale = self._sales.get(request.show_id)
        if sale is None:
            return UnknownShow(request.show_id)
        if isinstance(request, Change):
            assert its_house is not None, "the house's book was not read"
            return changing.change(sale, its_house, request)
        return _decide_sale(sale, request)

    def _heads(self) -> dict[int, tuple[int, int]]:
        """Return which heads of lines are needed: show -> (after this place, how many)."""
        heads: dict[int, tuple[int, int]] = {}
        for show_id, sale in self._sales.items():
            near = line.near(sale)
            if near:
                heads[show_id] = (0, near)
            elif sale.tell:
                heads[show_id] = (sale.book.told_place, limits.TOLD_PER_BATCH)
        return heads

    def _advance(self, lines: "list[Purchase]", heads: dict[int, tuple[int, int]]) -> None:
        by_show: dict[int, list[Purchase]] = {show_id: [] for show_id in heads}
        for purchase in lines:
            by_show[purchase.show_id].append(purchase)
        for show_id, (after_place, _) in heads.items():
            if after_place or not line.near(self._sales[show_id]):
                line.tell_end(self._sales[show_id], by_show[show_id])
            else:
                line.advance(self._sales[show_id], by_show[show_id])

    def _collect(self, its_house: "house.House | None") -> list[Changes]:
        collected: list[Changes] = []
        for sale in self._sales.values():
            wake_ms = running.next_wake_ms(sale)
            if sale.changed_anything or wake_ms != sale.book.wake_ms:
                sale.book.wake_ms = wake_ms
                collected.append(sale.collect())
        if its_house is not None:
            collected.append(its_house.collect())
        return collected


def open_sales(snapshot: Snapshot, now_ms: int) -> dict[int, Sale]:
    """Lay the rows of a snapshot out by show. A show's time never runs backwards."""
    plans: dict[int, Plan] = {plan.show_id: plan for plan in snapshot.plans}
    sales = {
        book.show_id: Sale(
            book,
            plans[book.show_id],
            snapshot.stocks.get(book.show_id) or Stock(),
            max(now_ms, book.last_ms),
        )
        for book in snapshot.books
        if book.show_id
    }
    for sale in sales.values():
        sale.shifts = snapshot.shifts
    for purchase in snapshot.purchases:
        sale = sales[purchase.show_id]
        sale.purchases[purchase.purchase_id] = purchase
        if purchase.live:
            sale.live[purchase.customer_id] = purchase
    for show_id, customer_id in snapshot.customers:
        sales[show_id].customers.add(customer_id)
    for show_id, customer_id, tickets in snapshot.bought:
        sales[show_id].bought[customer_id] = tickets
    for payment in snapshot.payments:
        sales[payment.show_id].payments[payment.payment_id] = payment
    for order in snapshot.orders:
        sales[order.show_id].orders[order.purchase_id] = order
    for refund in snapshot.refunds:
        sales[refund.show_id].refunds[refund.refund_id] = refund
    for ticket in snapshot.tickets:
        sales[ticket.show_id].tickets[ticket.order_no, ticket.ticket_no] = ticket
    for show_id, gateway, event_id in snapshot.events:
        sales[show_id].events.add((gateway, event_id))
    for effect in snapshot.effects:
        sales[effect.show_id].effects[effect.ledger_seq, effect.item] = effect
    return sales


def _decide_sale(sale: Sale, request: SaleRequest) -> object:  # noqa: C901 - one case a request
    match request:
        case Join():
            return selling.join(sale, request)
        case Choose():
            return selling.choose(sale, request)
        case CheckOut():
            return paying.check_out(sale, request)
        case Report():
            return reports.report(sale, request)
        case Claim():
            return selling.claim(sale, request)
        case Leave():
            return selling.leave(sale, request)
        case Expire():
            return selling.expire(sale, request)
        case StepBack():
            return paying.step_back(sale, request)
        case Approve():
            return paying.approve(sale, request)
        case Dispute():
            return refunding.dispute(sale, request)
        case Refund():
            return refunding.refund(sale, request)
        case RefundReport():
            return refunding.refund_report(sale, request)
        case End():
            return refunding.end(sale, request)
        case EffectDone():
            return outbox.effect_done(sale, request)
        case EffectDead():
            return outbox.effect_dead(sale, request)
        case EffectTried():
            return outbox.effect_tried(sale, request)
        case SendAgain():
            return outbox.send_again(sale, request)
        case CheckIn():
            return admission.check_in(sale, request)
        case _:
            return _decide_show(sale, request)


def _decide_show(sale: Sale, request: ShowAct) -> object:
    match request:
        case Wake():
            return running.wake(sale, request)
        case OpenSale():
            return running.open_sale(sale, request)
        case FixDraw():
            return running.fix_draw(sale, request)
        case DrawStep():
            return running.draw_step(sale, request)
        case PauseSale():
            return running.pause(sale, request)
        case ResumeSale():
            return running.resume(sale, request)
        case CloseSale():
            return running.close(sale, request)
        case CancelShow():
            return running.cancel(sale, request)
        case ReleaseAllotment():
            return running.release_allotment(sale, request)
        case TellChange():
            return changing.tell(sale, request)
        case _:
            assert_never(request)


def _decide_house(its_house: "house.House", request: HouseAct, sales: dict[int, Sale]) -> object:
    match request:
        case Register():
            return house.register(its_house, request)
        case Publish():
            return house.publish(its_house, request)
        case Prefer():
            return house.prefer(its_house, request)
        case Erase():
            return house.erase(its_house, request)
        case SetClerk():
            return house.set_clerk(its_house, request)
        case OpenShift():
            return shifts.open_shift(its_house, request)
        case MoveCash():
            return shifts.move_cash(its_house, request)
        case CloseShift():
            busy = any(_in_drawer(sale, request.shift_id) for sale in sales.values())
            return shifts.close_shift(its_house, request, busy=busy)
        case _:
            assert_never(request)


def _in_drawer(sale: Sale, shift_id: str) -> bool:
    """Whether this very batch changes money of the drawer, which its tallies don't have yet."""
    rows = (*sale.rows["payment"].values(), *sale.rows["refund"].values())
    return any(row[-1] == shift_id for row in rows)
