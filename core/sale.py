"""The working set of one show while a batch is decided.

Rows come in from the snapshot, are changed in place by the rules, and go out as changes. Nothing
here decides anything: the rules do (`selling`, `paying`, `line`, `running`), and each act they
take is `record`ed, which writes the ledger entry, its effects and the changed rows together.
"""

from dataclasses import dataclass, field
from typing import cast

from core import limits
from core.ledger import Cell, Cells, encode, link
from core.messages import LANES, Effect, Kind
from core.outcomes import Standing
from core.payments import Order, Payment, Refund, Ticket
from core.purchase import LIVE, OPEN, Event, Purchase, State
from core.shifts import Shift
from core.stock import Stock
from core.terms import Terms


class Status:
    """Where the sale of a show stands."""

    PUBLISHED = "published"
    DRAWING = "drawing"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    CANCELLED = "cancelled"


_STEPPING = frozenset({State.CHOOSING, State.PAYING})
OVER = frozenset({Status.CLOSED, Status.CANCELLED})


@dataclass(slots=True)
class Book:
    """What changes about a sale besides its stock; columns in order. Book 0 is the house's."""

    show_id: int
    status: str
    next_number: int
    lobby: int
    """Purchases in the lobby."""
    waiting: int
    """Purchases in line."""
    opened: int
    """Purchases called or choosing."""
    paying: int
    valid: int
    """Tickets sold and not refunded."""
    to_draw: int
    """Length of the frozen list of the draw."""
    drawn: int
    """How many of them have their number."""
    list_digest: str
    """Digest of that list, once it is fixed."""
    seed: str
    """The seed of the draw, once it is revealed."""
    change: str
    """What changed of the show while people are told of it, as JSON: how it was before."""
    told_id: str
    """The purchases up to this one have been told of the change."""
    calls_clear_ms: int
    """When the calls made so far have been spoken, at the show's pace."""
    told_place: int
    """Everyone in line up to this place has been told that the show is sold out."""
    wake_ms: int | None
    last_ms: int
    """The show's time never runs backwards past this."""
    ledger_seq: int
    ledger_head: str

    def cells(self) -> Cells:
        """Return the row, columns in order."""
        return [
            self.show_id,
            self.status,
            self.next_number,
            self.lobby,
            self.waiting,
            self.opened,
            self.paying,
            self.valid,
            self.to_draw,
            self.drawn,
            self.list_digest,
            self.seed,
            self.change,
            self.told_id,
            self.calls_clear_ms,
            self.told_place,
            self.wake_ms,
            self.last_ms,
            self.ledger_seq,
            self.ledger_head,
        ]


@dataclass(slots=True)
class Plan:
    """What the catalogue says of a show; a change of it makes another one."""

    show_id: int
    slug: str
    currency: str
    starts_ms: int
    seed_digest: str
    terms: Terms


@dataclass(slots=True)
class Changes:
    """What a batch writes: rows as cells, new and changed ones apart where the store cares."""

    books: list[Cells] = field(default_factory=list[Cells])
    tiers: list[Cells] = field(default_factory=list[Cells])
    quotas: list[Cells] = field(default_factory=list[Cells])
    allotments: list[Cells] = field(default_factory=list[Cells])
    promises: list[Cells] = field(default_factory=list[Cells])
    blocks: list[Cells] = field(default_factory=list[Cells])
    new_purchases: list[Cells] = field(default_factory=list[Cells])
    steps: list[Cells] = field(default_factory=list[Cells])
    """Purchases choosing or paying."""
    drawn: list[Cells] = field(default_factory=list[Cells])
    """Purchases that the draw gave their numbers."""
    moves: list[Cells] = field(default_factory=list[Cells])
    """Purchases in the lobby, in line or called."""
    ends: list[Cells] = field(default_factory=list[Cells])
    """Purchases that ended."""
    orders: list[Cells] = field(default_factory=list[Cells])
    payments: list[Cells] = field(default_factory=list[Cells])
    refunds: list[Cells] = field(default_factory=list[Cells])
    tickets: list[Cells] = field(default_factory=list[Cells])
    events: list[Cells] = field(default_factory=list[Cells])
    documents: list[Cells] = field(default_factory=list[Cells])
    forgotten: list[Cells] = field(default_factory=list[Cells])
    """Shows whose documents are erased."""
    effects: list[Cells] = field(default_factory=list[Cells])
    effect_ends: list[Cells] = field(default_factory=list[Cells])
    effects_again: list[Cells] = field(default_factory=list[Cells])
    attempts: list[Cells] = field(default_factory=list[Cells])
    ledger: list[Cells] = field(default_factory=list[Cells])
    customers: list[Cells] = field(default_factory=list[Cells])
    contacts: list[Cells] = field(default_factory=list[Cells])
    preferred: list[Cells] = field(default_factory=list[Cells])
    erased: list[Cells] = field(default_factory=list[Cells])
    clerks: list[Cells] = field(default_factory=list[Cells])
    shifts: list[Cells] = field(default_factory=list[Cells])
    shift_moves: list[Cells] = field(default_factory=list[Cells])
    venues: list[Cells] = field(default_factory=list[Cells])
    series: list[Cells] = field(default_factory=list[Cells])
    shows: list[Cells] = field(default_factory=list[Cells])
    old_venues: list[Cells] = field(default_factory=list[Cells])
    """Venues and series that a show had before it changed: kept while another has them."""
    old_series: list[Cells] = field(default_factory=list[Cells])
    new_tiers: list[Cells] = field(default_factory=list[Cells])
    new_quotas: list[Cells] = field(default_factory=list[Cells])
    new_allotments: list[Cells] = field(default_factory=list[Cells])
    fares: list[Cells] = field(default_factory=list[Cells])


@dataclass(slots=True)
class Message:
    """An effect to be written: what, to whom, about what. `data` is JSON."""

    kind: Kind
    customer_id: str | None
    purchase_id: str | None
    data: str = "{}"
    due_ms: int = 0
    """Not to be carried out before this."""


def chain(  # noqa: PLR0913, PLR0917 - the parts of an entry, in its order
    book: Book,
    changes: Changes,
    now_ms: int,
    kind: str,
    purchase_id: str | None,
    actor: str,
    data: dict[str, object],
) -> None:
    """Append an entry to the book's chain."""
    text = encode(data)
    book.ledger_seq += 1
    book.ledger_head = link(
        book.ledger_head, book.show_id, book.ledger_seq, now_ms, kind, purchase_id, actor, text
    )
    book.last_ms = now_ms
    changes.ledger.append(
        [book.show_id, book.ledger_seq, now_ms, kind, purchase_id, actor, text, book.ledger_head],
    )


@dataclass(slots=True)
class Sale:
    """One show's working set."""

    book: Book
    plan: Plan
    stock: Stock
    now_ms: int
    purchases: dict[str, Purchase] = field(default_factory=dict[str, Purchase])
    live: dict[str, Purchase] = field(default_factory=dict[str, Purchase])
    """The one live purchase of each customer named by the batch."""
    bought: dict[str, int] = field(default_factory=dict[str, int])
    """Valid tickets by customer, of completed purchases."""
    customers: set[str] = field(default_factory=set[str])
    """Customers named by the batch who exist."""
    orders: dict[str, Order] = field(default_factory=dict[str, Order])
    payments: dict[str, Payment] = field(default_factory=dict[str, Payment])
    refunds: dict[str, Refund] = field(default_factory=dict[str, Refund])
    tickets: dict[tuple[int, int], Ticket] = field(default_factory=dict[tuple[int, int], Ticket])
    effects: dict[tuple[int, int], Effect] = field(default_factory=dict[tuple[int, int], Effect])
    events: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """(gateway, event id) pairs taken in before."""
    shifts: dict[str, Shift] = field(default_factory=dict[str, Shift])
    """The shifts that the batch names, of all shows: one drawer serves them all."""
    returning: list[Purchase] = field(default_factory=list[Purchase])
    """Second chances that still need their place."""
    woken: bool = False
    """Whether the caretaker came in this batch."""
    tell: bool = False
    """Whether the next of those in line are to be told that the show is sold out."""
    blocks: dict[int, int] = field(default_factory=dict[int, int])
    """Changes of the counts of the waiting, by block."""
    fresh: set[str] = field(default_factory=set[str])
    """Purchases that this batch creates."""
    changed: dict[str, Cells] = field(default_factory=dict[str, Cells])
    rows: dict[str, dict[tuple[Cell, Cell], Cells]] = field(
        default_factory=lambda: {"order": {}, "payment": {}, "refund": {}, "tickets": {}},
    )
    """Changed rows by the name they have in ledger entries, then by key."""
    changes: Changes = field(default_factory=Changes)

    @property
    def changed_anything(self) -> bool:
        """Whether the batch changed this show at all."""
        changes = self.changes
        unlogged = changes.forgotten or changes.attempts
        return bool(changes.ledger or self.stock.changed or unlogged)

    def move(self, purchase: Purchase, event: Event) -> None:
        """Take a step of a purchase's life and keep the counts that depend on states."""
        before, promised = purchase.state, purchase.promised
        purchase.move(event)
        self.recount(purchase, before, promised=promised)

    def recount(self, purchase: Purchase, before: State | None, *, promised: bool) -> None:
        """Move a purchase's weight from its old state (None: it is new) to its present one."""
        book, now = self.book, purchase.state
        if before is not now:
            if before is not None:
                self._count(purchase, before, -1)
            self._count(purchase, now, 1)
        if promised != purchase.promised:
            self.stock.promise(purchase.pool, 1 if purchase.promised else -1)
        if not purchase.live and before is not now:
            purchase.ended_ms = self.now_ms
            purchase.deadline_ms = None
            if self.live.get(purchase.customer_id) is purchase:
                del self.live[purchase.customer_id]
        assert book.waiting >= 0 <= book.opened, "more left the line than were in it"

    def _count(self, purchase: Purchase, state: State, change: int) -> None:
        book = self.book
        if state is State.IN_LINE:
            book.waiting += change
            if purchase.place is not None:
                self.count_place(purchase.place, change)
        elif state in OPEN:
            book.opened += change
        elif state is State.PAYING:
            book.paying += change
        elif state is State.IN_LOBBY:
            book.lobby += change

    def count_place(self, place: int, change: int) -> None:
        """Count a person in or out of the block of the line that holds `place`."""
        block = place // limits.PLACES_PER_BLOCK
        self.blocks[block] = self.blocks.get(block, 0) + change

    def record(
        self,
        kind: str,
        actor: str,
        purchase: Purchase | None = None,
        *,
        facts: dict[str, object] | None = None,
        messages: tuple[Message, ...] | list[Message] = (),
    ) -> int:
        """Write what happened: the entry with its rows after it, its effects, the changed rows.

        `facts` values are rows (cells) or plain JSON. Returns the entry's number in the chain.
        """
        book, now_ms = self.book, self.now_ms
        seq = book.ledger_seq + 1
        data: dict[str, object] = {}
        if purchase is not None:
            data["prev"], purchase.last_seq = purchase.last_seq, seq
            cells = purchase.cells()
            self.changed[purchase.purchase_id] = cells
            data["purchase"] = cells
        if facts:
            data.update(facts)
            self._keep(facts)
        if messages:
            listed: list[list[object]] = []
            for item, message in enumerate(messages):
                start: Cells = [
                    book.show_id,
                    seq,
                    item,
                    LANES[message.kind],
                    message.kind,
                    message.customer_id,
                    message.purchase_id,
                    message.data,
                ]
                listed.append(start[2:])  # type: ignore[arg-type]
                due_ms = max(now_ms, message.due_ms)
                self.changes.effects.append([*start, "waiting", due_ms, 0])
            data["effects"] = listed
        purchase_id = purchase.purchase_id if purchase is not None else None
        chain(book, self.changes, now_ms, kind, purchase_id, actor, data)
        return seq

    def _keep(self, facts: dict[str, object]) -> None:
        """Write the rows among an entry's facts to their tables too."""
        for name, rows in facts.items():
            if name in self.rows:
                for cells in cast("list[Cells]", rows if name == "tickets" else [rows]):
                    self.rows[name][cells[1], cells[2]] = cells
            elif name == "event":
                self.changes.events.append(cast("Cells", rows))

    def standing(self, answer: type[Standing], purchase: Purchase) -> Standing:
        """Answer with the purchase as it now stands."""
        return answer(
            self.book.show_id,
            purchase.purchase_id,
            purchase.state,
            purchase.number,
            purchase.deadline_ms,
            purchase.session_ms,
            purchase.lines if purchase.tickets else (),
            self.stock.sold_out(),
        )

    def collect(self) -> Changes:
        """Return what is to be written, after the rules have had their say."""
        changes, show_id = self.changes, self.book.show_id
        for purchase_id, cells in self.changed.items():
            if purchase_id in self.fresh:
                changes.new_purchases.append(cells)
            elif cells[4] in _STEPPING:
                changes.steps.append(cells)
            elif cells[4] in LIVE:
                changes.moves.append(cells)
            else:
                changes.ends.append(cells)
        changes.orders = list(self.rows["order"].values())
        changes.payments = list(self.rows["payment"].values())
        changes.refunds = list(self.rows["refund"].values())
        changes.tickets = list(self.rows["tickets"].values())
        if self.stock.changed:
            self.stock.check()
            stock = self.stock
            changes.tiers = [[show_id, t.tier_no, t.held, t.sold] for t in stock.tiers.values()]
            changes.quotas = [[show_id, q.quota_no, q.used] for q in stock.quotas.values()]
            changes.allotments = [
                [show_id, a.tier_no, a.channel, a.taken, a.released]
                for a in stock.allotments.values()
            ]
            changes.promises = [[show_id, pool, n] for pool, n in stock.promises.items()]
        changes.blocks = [[show_id, block, n] for block, n in self.blocks.items() if n]
        changes.books.append(self.book.cells())
        return changes
