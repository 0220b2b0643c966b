"""What a batch reads: set-based queries in order, each built on the rows of those before it.

A reading is a generator that yields `Query`s and is sent their rows, so that one description serves
every engine: SQLite runs it inside one hop to its thread, PostgreSQL awaits each query.
"""

import json
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Any

from core.house import Known
from core.messages import Effect
from core.payments import (
    Order,
    OrderState,
    Payment,
    PaymentState,
    Refund,
    RefundState,
    Ticket,
    TicketState,
)
from core.ports import Heads, Names, Reading, Snapshot
from core.purchase import Purchase, State
from core.sale import Book, Plan
from core.shifts import Move, Shift, Tally
from core.stock import AllotmentUse, FarePrice, QuotaUse, Stock, TierStock
from core.terms import Terms

Row = tuple[Any, ...]
"""Cells of a row: integers, texts and nulls; what each is, its statement's columns say."""

_BOOK_CELLS = 20
_STATES = {state.value: state for state in State}
_PAYMENT_STATES = {state.value: state for state in PaymentState}
_ORDER_STATES = {state.value: state for state in OrderState}
_OVER = frozenset({State.LEFT, State.LAPSED})
_MAY_BUY = _OVER | {State.CHOOSING}
"""States in which what the customer has already counts: choosing, and money that came late."""
_WITHOUT_ORDER = frozenset({State.IN_LOBBY, State.IN_LINE, State.CALLED})


@dataclass(frozen=True, slots=True)
class Query:
    """A statement by name, and its parameters: a list of keys for JSON, or single values."""

    name: str
    keys: list[tuple[Any, ...]] | None = None
    values: dict[str, int | str] | None = None


Queries = Generator[Query, list[Row], Snapshot]
_Asking = Generator[Query, list[Row], None]


def queries(reading: Reading) -> Queries:
    """Return the queries that answer what a batch asks for."""
    return _heads(reading) if isinstance(reading, Heads) else _named(reading)


def _ones(cells: Iterable[int | str]) -> list[tuple[int | str]]:
    """Make keys of single cells."""
    return [(cell,) for cell in cells]


def _ask(name: str, keys: Iterable[tuple[Any, ...]]) -> Generator[Query, list[Row], list[Row]]:
    """Ask for the rows of these keys; without keys there is nothing to ask."""
    listed = list(keys)
    if not listed:
        return []
    return (yield Query(name, listed))


def _heads(heads: Heads) -> Queries:
    snapshot = Snapshot()
    for show_id, (after_place, most) in heads.wanted.items():
        values: dict[str, int | str] = {
            "show_id": show_id,
            "after_place": after_place,
            "most": most,
        }
        rows = yield Query("line_heads", values=values)
        snapshot.purchases.extend(map(purchase_of, rows))
    return snapshot


def _named(names: Names) -> Queries:
    snapshot = Snapshot()
    if names.shows or names.house:
        shows = [*names.shows, 0] if names.house else [*names.shows]
        yield from _books(snapshot, shows)
    if names.house:
        yield from _house(snapshot, names)
    if names.shows:
        yield from _stocks(snapshot, names.shows)
        yield from _sales(snapshot, names)
    return snapshot


def _house(snapshot: Snapshot, names: Names) -> _Asking:
    rows = yield from _ask("contacts_known", names.contacts)
    snapshot.contacts = {(channel, address): customer for channel, address, customer in rows}
    for customer, *kept, contact in (yield from _ask("customers_kept", _ones(names.customers))):
        known = snapshot.known.setdefault(customer, Known(*kept, contacts=set()))
        known.contacts.update({contact} if contact else ())
    rows = yield from _ask("clerks_by_name", _ones(names.clerks))
    snapshot.clerks = {name: [name, role, hashed] for name, role, hashed in rows}
    yield from _drawers(snapshot, names)
    if names.slugs:
        rows = yield Query("shows_by_slug", [*_ones(names.slugs)])
        snapshot.slugs = {slug: (show_id, plain) for slug, show_id, plain in rows}
        rows = yield Query("venues_all")
        snapshot.venues = {tuple(where): venue_id for venue_id, *where in rows}
        rows = yield Query("series_all")
        snapshot.series = {(slug, title): series_id for series_id, slug, title in rows}
        rows = yield Query("last_show")
        snapshot.last_show_id = rows[0][0]


def _drawers(snapshot: Snapshot, names: Names) -> _Asking:
    """Read the shifts that are named; of those to be added up, all that went through them."""
    rows = yield from _ask("shifts_by_id", _ones(names.shifts))
    rows += yield from _ask("shifts_open_of", _ones(names.shifts_of))
    snapshot.shifts = {row[0]: Shift(*row) for row in rows}
    for row in (yield from _ask("shift_moves_of", _ones(names.drawers))):
        snapshot.moves.setdefault(row[0], []).append(Move(*row))
    for shift_id, *tally in (yield from _ask("shift_tallies", _ones(names.drawers))):
        snapshot.tallies.setdefault(shift_id, []).append(Tally(*tally))
    if names.shifts_of:
        rows = yield Query("last_shift")
        snapshot.last_shift_number = rows[0][0]


def _books(snapshot: Snapshot, show_ids: list[int]) -> _Asking:
    for row in (yield Query("books_of", [*_ones(show_ids)])):
        book = Book(*row[:_BOOK_CELLS])
        snapshot.books.append(book)
        *plan, terms = row[_BOOK_CELLS:]
        if terms is not None:
            known = Terms(**json.loads(terms))
            snapshot.plans.append(Plan(book.show_id, *plan, terms=known))


def _stocks(snapshot: Snapshot, show_ids: set[int]) -> _Asking:
    stocks = {show_id: Stock() for show_id in show_ids}
    for what, show_id, no, name, *cells in (yield Query("stocks_of", [*_ones(show_ids)])):
        stock = stocks[show_id]
        match what:
            case "tier":
                stock.tiers[no] = TierStock(show_id, no, name, *cells[:4])
            case "fare":
                tier_no, *rest = cells
                stock.fares[no] = FarePrice(show_id, no, tier_no, name, *rest)
            case "quota":
                stock.quotas[no] = QuotaUse(show_id, no, name, *cells[:2])
            case "allotment":
                stock.allotments[no, name] = AllotmentUse(show_id, no, name, *cells[:4])
            case _:
                stock.promises[name] = no
    snapshot.stocks = stocks


def _sales(snapshot: Snapshot, names: Names) -> _Asking:
    purchase_ids = set(names.purchases)
    payments: dict[tuple[int, str], Payment] = {}
    yield from _refunds(snapshot, names)
    payment_ids = names.payments | {(r.show_id, r.payment_id) for r in snapshot.refunds}
    for row in (yield from _ask("payments_by_id", payment_ids)):
        payment = payment_of(row)
        payments[payment.show_id, payment.payment_id] = payment
        purchase_ids.add((payment.show_id, payment.purchase_id))
    for row in (yield from _ask("effects_by_id", names.effects)):
        effect = Effect(*row)
        snapshot.effects.append(effect)
        if effect.purchase_id:
            purchase_ids.add((effect.show_id, effect.purchase_id))
    yield from _purchases(snapshot, names, purchase_ids)
    others = {
        (p.show_id, p.payment_id)
        for p in snapshot.purchases
        if p.payment_id and (p.show_id, p.payment_id) not in payments
    }
    for row in (yield from _ask("payments_by_id", others)):
        payment = payment_of(row)
        payments[payment.show_id, payment.payment_id] = payment
    snapshot.payments = list(payments.values())
    yield from _tickets(snapshot, names)
    events = {
        (payments[show_id, payment_id].show_id, payments[show_id, payment_id].gateway, event_id)
        for show_id, payment_id, event_id in names.events
        if (show_id, payment_id) in payments
    }
    snapshot.events = [(r[0], r[1], r[2]) for r in (yield from _ask("events_known", events))]


def _refunds(snapshot: Snapshot, names: Names) -> _Asking:
    refunds: dict[tuple[int, str], Refund] = {}
    for row in (yield from _ask("refunds_by_id", names.refunds)):
        refunds[row[0], row[1]] = refund_of(row)
    for row in (yield from _ask("refunds_by_purchase", names.tickets_of)):
        refunds[row[0], row[1]] = refund_of(row)
    snapshot.refunds = list(refunds.values())


def _purchases(
    snapshot: Snapshot,
    names: Names,
    purchase_ids: set[tuple[int, str]],
) -> _Asking:
    found: dict[tuple[int, str], Purchase] = {}
    for row in (yield from _ask("purchases_by_id", purchase_ids)):
        found[row[0], row[1]] = purchase_of(row)
    # Late money may be fitted: what the customer holds elsewhere counts against the limit then.
    late = {(p.show_id, p.customer_id) for p in found.values() if p.state in _OVER}
    for row in (yield from _ask("purchases_live_of", names.joining | late)):
        if (row[0], row[1]) not in found:
            found[row[0], row[1]] = purchase_of(row)
    snapshot.purchases = list(found.values())
    with_order = [
        (p.show_id, p.purchase_id) for p in found.values() if p.state not in _WITHOUT_ORDER
    ]
    for row in (yield from _ask("orders_by_purchase", with_order)):
        snapshot.orders.append(order_of(row))
    buyers = names.joining | {
        (p.show_id, p.customer_id) for p in found.values() if p.state in _MAY_BUY
    }
    if names.joining:
        customers = {(customer,) for _, customer in names.joining}
        rows = yield from _ask("customers_known", customers)
        known = {customer for (customer,) in rows}
        snapshot.customers = {pair for pair in names.joining if pair[1] in known}
    rows = yield from _ask("bought_by", buyers)
    snapshot.bought = [(show_id, customer, tickets) for show_id, customer, tickets in rows]


def _tickets(snapshot: Snapshot, names: Names) -> _Asking:
    wanted = set(names.orders)
    for purchase in snapshot.purchases:
        key = (purchase.show_id, purchase.purchase_id)
        if key in names.tickets_of and purchase.number is not None:
            wanted.add((purchase.show_id, purchase.number))
    for row in (yield from _ask("tickets_by_order", wanted)):
        snapshot.tickets.append(ticket_of(row))
    known = {(p.show_id, p.purchase_id) for p in snapshot.purchases}
    others = {(t.show_id, t.purchase_id) for t in snapshot.tickets} - known
    for row in (yield from _ask("purchases_by_id", others)):
        snapshot.purchases.append(purchase_of(row))


def purchase_of(row: Row) -> Purchase:
    """Return the purchase that a row holds."""
    cells = list(row)
    cells[4] = _STATES[cells[4]]
    return Purchase(*cells)


def order_of(row: Row) -> Order:
    """Return the order that a row holds."""
    cells = list(row)
    cells[7] = _ORDER_STATES[cells[7]]
    return Order(*cells)


def payment_of(row: Row) -> Payment:
    """Return the payment that a row holds."""
    cells = list(row)
    cells[6] = _PAYMENT_STATES[cells[6]]
    return Payment(*cells)


def refund_of(row: Row) -> Refund:
    """Return the refund that a row holds."""
    cells = list(row)
    cells[7] = RefundState(cells[7])
    return Refund(*cells)


def ticket_of(row: Row) -> Ticket:
    """Return the ticket that a row holds."""
    cells = list(row)
    cells[7] = TicketState(cells[7])
    return Ticket(*cells)
