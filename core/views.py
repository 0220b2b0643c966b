"""What can be looked at without changing anything: read from what is committed."""

from dataclasses import dataclass
from typing import Protocol

from core.ledger import Entry
from core.lookups import (
    CustomerView,
    DoorTicket,
    MessageView,
    PurchaseCard,
    ShiftView,
    Stakes,
)
from core.messages import Attempt, Effect
from core.outcomes import OrderLine
from core.payments import Order, Payment, Refund, Ticket
from core.purchase import Purchase
from core.shifts import Shift, Total


@dataclass(frozen=True, slots=True)
class ShowCard:
    """A show in a list. `free`: in nobody's basket, ticket or allotment."""

    show_id: int
    slug: str
    title: str
    series: str | None
    starts_ms: int
    venue: str
    city: str
    region: str
    time_zone: str
    currency: str
    status: str
    capacity: int
    free: int
    from_minor: int
    """The lowest price, without its fee."""


@dataclass(frozen=True, slots=True)
class TierView:
    """A tier and its stock. `free` counts out what open allotments keep."""

    tier_no: int
    name: str
    capacity: int
    held: int
    sold: int
    kept: int
    closed: bool = False
    """Whether none of it is sold any more."""

    @property
    def free(self) -> int:
        """Tickets that anyone may still choose, promises aside."""
        return 0 if self.closed else self.capacity - self.held - self.sold - self.kept


@dataclass(frozen=True, slots=True)
class FareView:
    """A fare; amounts in minor units. `quota_left` is None without a quota."""

    fare_no: int
    tier_no: int
    name: str
    price_minor: int
    fee_minor: int
    proof: bool
    document: bool
    quota: str | None
    quota_left: int | None
    closed: bool = False
    """Whether it can't be chosen any more; those who have its tickets keep them."""


@dataclass(frozen=True, slots=True)
class AllotmentView:
    """Tickets kept for a channel."""

    tier_no: int
    channel: str
    quantity: int
    taken: int
    release_ms: int
    released: bool


@dataclass(frozen=True, slots=True)
class ShowView:
    """A show whole: what is sold, how it stands, and what the draw published."""

    card: ShowCard
    plain: str
    """The show as published, JSON (`core.plain`)."""
    tiers: tuple[TierView, ...]
    fares: tuple[FareView, ...]
    allotments: tuple[AllotmentView, ...]
    lobby: int
    waiting: int
    opened: int
    """Called or choosing."""
    promised: int
    paying: int
    valid: int
    """Tickets sold and not refunded."""
    seed_digest: str
    list_digest: str
    """Of the frozen lobby; '' before the draw."""
    seed: str
    """Revealed by the draw; '' before."""

    @property
    def offered(self) -> tuple[FareView, ...]:
        """The fares that can be chosen."""
        return tuple(fare for fare in self.fares if not fare.closed)


@dataclass(frozen=True, slots=True)
class PurchaseView:
    """A purchase as it stands, rebuilt from what is committed."""

    purchase: Purchase
    ahead: int | None
    """How many are ahead in line; None if it is not in line."""
    sold_out: bool
    order: Order | None
    order_code: str | None
    order_lines: tuple[OrderLine, ...]
    payments: tuple[Payment, ...]
    tickets: tuple[Ticket, ...]
    refunds: tuple[Refund, ...]


@dataclass(frozen=True, slots=True)
class Takings:
    """What one fare of one tier made through one channel and method on one day (venue's zone)."""

    show: str
    tier: str
    fare: str
    channel: str
    method: str
    day: str
    sold: int
    refunded: int
    price_minor: int
    """Prices less refunds."""
    fee_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Clerk:
    """A clerk; the password is kept as an argon2id hash."""

    name: str
    role: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class OutboxCount:
    """How many effects of a kind are in a state, and when the first of them is due."""

    kind: str
    state: str
    count: int
    first_due_ms: int


@dataclass(frozen=True, slots=True)
class PaymentName:
    """Where a payment is found."""

    show_id: int
    purchase_id: str
    payment_id: str
    gateway: str


class Views(Protocol):
    """Looks at what is committed. Unknown ids give None or nothing, never an exception."""

    async def search(  # noqa: PLR0913 - each narrows the search in its own way
        self,
        *,
        words: str = "",
        city: str = "",
        venue: str = "",
        from_ms: int = 0,
        to_ms: int | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[ShowCard, ...]:
        """Find shows by words, city and venue (accents and case aside) and time, soonest first."""
        ...

    async def show_id(self, slug: str) -> int | None:
        """Return the id of the show with this slug (or of which this is the id, in digits)."""
        ...

    async def show(self, show_id: int) -> ShowView | None:
        """Return a show whole."""
        ...

    async def position(self, show_id: int, purchase_id: str) -> int | None:
        """Return how many are ahead in line, exactly; None if it is not in line."""
        ...

    async def purchase(self, show_id: int, purchase_id: str) -> PurchaseView | None:
        """Return a purchase whole."""
        ...

    async def purchase_by_number(self, show_id: int, number: int) -> PurchaseView | None:
        """Return the purchase with this number at the show: an order's number is the same."""
        ...

    async def purchases_of(self, customer_id: str, limit: int = 50) -> tuple[Purchase, ...]:
        """Return a customer's purchases of all shows, the newest first."""
        ...

    async def line(self, show_id: int, limit: int = 50) -> tuple[Purchase, ...]:
        """Return the first in line, in order."""
        ...

    async def history(self, show_id: int, purchase_id: str) -> tuple[Entry, ...]:
        """Return the ledger's entries about a purchase, in order."""
        ...

    async def due_purchases(self, now_ms: int, limit: int) -> tuple[tuple[int, str], ...]:
        """Return (show, purchase) whose deadline has passed, the longest overdue first."""
        ...

    async def due_shows(self, now_ms: int, limit: int) -> tuple[tuple[int, str], ...]:
        """Return (show, status) of shows that need their caretaker now."""
        ...

    async def next_due_ms(self) -> int | None:
        """Return when the next purchase or show comes due; None if none will by itself."""
        ...

    async def lobby_ids(self, show_id: int, after: str, limit: int) -> tuple[str, ...]:
        """Return the next ids of the draw's frozen list, sorted."""
        ...

    async def unsettled(self, show_id: int, limit: int, after: str = "") -> tuple[str, ...]:
        """Return purchases of a sale that is over which must still be ended or refunded."""
        ...

    async def untold(self, show_id: int, limit: int) -> tuple[str, tuple[str, ...]] | None:
        """Return (the last told of the show's change, the next whom it concerns); None: no change.

        Those are who waits, buys or holds tickets. None of them: everyone was told.
        """
        ...

    async def takings(self, show_id: int | None = None) -> tuple[Takings, ...]:
        """Return what was sold and refunded by show, tier, fare, channel, method and day."""
        ...

    async def clerks(self) -> tuple[Clerk, ...]:
        """Return all clerks by name."""
        ...

    async def outbox(self) -> tuple[OutboxCount, ...]:
        """Return how the outbox stands, by kind and state."""
        ...

    async def payments_open(self, before_ms: int, limit: int) -> tuple[PaymentName, ...]:
        """Return payments at providers, begun before then, whose money may still come."""
        ...

    async def payments_since(
        self, since_ms: int, limit: int, after: PaymentName | None = None
    ) -> tuple[PaymentName, ...]:
        """Return the next payments at providers begun since then; `after`: the last one seen."""
        ...

    async def refunds_failed(self, before_ms: int, limit: int) -> tuple[PaymentName, ...]:
        """Return payments, begun before then, of which refunds failed, the oldest first."""
        ...

    async def effects_of(self, show_id: int, purchase_id: str) -> tuple[Effect, ...]:
        """Return the effects about a purchase, in order."""
        ...

    async def purchases_with(
        self,
        *,
        address: str = "",
        document: str = "",
        name: str = "",
        from_ms: int | None = None,
        to_ms: int | None = None,
        limit: int = 50,
    ) -> tuple[PurchaseCard, ...]:
        """Find live purchases and orders by one of these: whose they are, or a span of time.

        `address`: of any contact, whole. `document`: the digits of a CPF. `name`: words of it,
        accents and case aside. `from_ms` and `to_ms`: when the order was placed, or the show is.
        """
        ...

    async def purchase_card(self, show_id: int, purchase_id: str) -> PurchaseCard | None:
        """Return one purchase as a list would show it."""
        ...

    async def open_people(self, show_id: int, limit: int = 100) -> tuple[PurchaseCard, ...]:
        """Return who is called, choosing or paying at a show, the shortest clock first."""
        ...

    async def line_people(self, show_id: int, limit: int = 100) -> tuple[PurchaseCard, ...]:
        """Return the first in line with their names, in order."""
        ...

    async def sales_at(self, prefix: str, limit: int = 20) -> tuple[tuple[int, str, str], ...]:
        """Return (show, purchase, state) of walk-ins whose key begins so, the newest first."""
        ...

    async def methods(self, show_id: int) -> tuple[Total, ...]:
        """Return what a show took and gave back by method of payment."""
        ...

    async def stakes(self, show_id: int) -> Stakes:
        """Return whom the cancelling of a show would concern."""
        ...

    async def shift(self, shift_id: str) -> ShiftView | None:
        """Return a drawer as it stands."""
        ...

    async def open_shift(self, clerk: str) -> ShiftView | None:
        """Return a clerk's open drawer."""
        ...

    async def shifts(self, limit: int = 50) -> tuple[Shift, ...]:
        """Return shifts, the newest first."""
        ...

    async def door_list(self, show_id: int) -> tuple[DoorTicket, ...]:
        """Return every ticket of a show, for the door to keep."""
        ...

    async def customer_of(self, channel: str, address: str) -> str | None:
        """Return the id of the customer with this contact."""
        ...

    async def customer_with(self, channel: str, address: str) -> CustomerView | None:
        """Return who the customer with this contact is."""
        ...

    async def customer(self, customer_id: str) -> CustomerView | None:
        """Return who a customer is; nothing is left but the id of one who was erased."""
        ...

    async def messages(
        self,
        *,
        state: str = "",
        kind: str = "",
        show_id: int | None = None,
        customer_id: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[MessageView, ...]:
        """Return messages to people, the newest first."""
        ...

    async def message(self, show_id: int, ledger_seq: int, item: int) -> MessageView | None:
        """Return one message."""
        ...

    async def attempts(self, show_id: int, ledger_seq: int, item: int) -> tuple[Attempt, ...]:
        """Return how a message was handed to channels, in order."""
        ...
