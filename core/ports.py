"""What the core needs from outside: narrow protocols beside the rules that use them."""

from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from core.bills import Bill
    from core.house import Known
    from core.ledger import Cells
    from core.messages import Effect
    from core.offers import Offer
    from core.payments import Order, Payment, Refund, Ticket
    from core.purchase import Purchase
    from core.sale import Book, Changes, Plan
    from core.shifts import Move, Shift, Tally
    from core.stock import Stock


class Clock(Protocol):
    """Tells the time."""

    def now_ms(self) -> int:
        """Return UTC epoch milliseconds."""
        ...


class Ids(Protocol):
    """Makes ids: unguessable, and later ones sort after earlier ones."""

    def new(self) -> str:
        """Return a new id, at most `limits.ID_LENGTH` characters."""
        ...


class Signer(Protocol):
    """Signs with the house's private key."""

    def sign(self, text: str) -> str:
        """Return the Ed25519 signature of the text in base 32, 103 characters, no padding."""
        ...

    def seed(self, name: str) -> str:
        """Return the secret draw seed of the show with this slug: 64 hexadecimal digits."""
        ...


class Verifier(Protocol):
    """Verifies with the house's public key."""

    def verify(self, text: str, signature: str) -> bool:
        """Say whether the signature (base 32) is the house's for the text."""
        ...


class Gateway(Protocol):
    """Takes payments. Each call may be repeated with the same ids and then has one effect.

    A provider that sends the person elsewhere, shows a code or pays in the chat fits alike:
    `start` reports `pending` with an `action`, and what happens there is reported later, by who
    hears of it first: a webhook, `settle` at the deadline, or `look`.
    """

    name: str
    outside: int
    """1 if a provider holds the state of payments and must be asked."""
    moves_money: bool
    """False for trying out: every screen and receipt must say that no money moves."""

    def offers(self, channel: str, currency: str) -> Sequence["Offer"]:
        """Return the ways to pay that it has for people of a channel, the best first."""
        ...

    async def start(self, bill: "Bill") -> Sequence["GatewayReport"]:
        """Begin a payment at the provider; the report of it brings the action, if one is shown."""
        ...

    async def capture(self, payment: "Payment") -> Sequence["GatewayReport"]:
        """Take the money that was authorised."""
        ...

    async def settle(self, payment: "Payment", *, void: bool) -> Sequence["GatewayReport"]:
        """Ask how it stands; unpaid, cancel it there. `void`: cancel it if only authorised too.

        The payment was begun: what never was is begun first (`app.gateway_calls`), so that no
        beginning under way elsewhere outlives its end.
        """
        ...

    async def refund(self, refund: "Refund", payment: "Payment") -> str:
        """Give money back; return 'done', 'failed' or 'pending'."""
        ...

    async def look(self, payment: "Payment") -> "Account | None":
        """Say how a payment stands at the provider, changing nothing there; None: not known there.

        What is reported of it may be acted upon at once: providers' webhooks get lost.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayReport:
    """What a gateway says of a payment; the fields of `requests.Report` that it knows."""

    event_id: str
    state: str
    amount_minor: int
    currency: str
    reference: str = ""
    action: str = ""
    """How the person pays: `core.payments.Action` as text, if it must be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """Money of a payment that its provider gave back, or had taken from it by a dispute."""

    reference: str
    """The provider's own name for it."""
    amount_minor: int
    state: str
    """'pending', 'done' or 'failed'; of a dispute: 'opened', 'won' or 'lost'."""
    refund_id: str = ""
    """Ours, if it is one of our refunds; '' if it was made at the provider by hand."""
    try_no: int = 1
    """Of our refund: which of its `tries` this is."""
    disputed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How a payment stands at its provider: its present state, and the money that went back."""

    report: GatewayReport
    returned: tuple[Returned, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A payment that its provider says it made for this house."""

    payment: "Payment"
    """As it stands there, in the form that it has, or would have, here."""
    about: str
    """What the provider was told it is for."""


@runtime_checkable
class Lister(Gateway, Protocol):
    """A gateway whose provider can be asked for all that it has, besides what is asked by name."""

    def seen(self, since_ms: int) -> AsyncGenerator[Seen]:
        """Yield what was begun there since then, and what money of older payments went back of.

        Of this house alone: an account may serve others. One may be told twice.
        """
        ...


@dataclass(slots=True)
class Names:
    """What a batch of requests names: all the rows it may need, to be read at once.

    The store adds what hangs on them: a show's book, plan and stock; the payments, orders and
    customers of named purchases.
    """

    shows: set[int] = field(default_factory=set[int])
    purchases: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    joining: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    """(show, customer): their live purchase, what they bought, whether they exist."""
    payments: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    refunds: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    events: set[tuple[int, str, str]] = field(default_factory=set[tuple[int, str, str]])
    """(show, payment, event id)."""
    orders: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    """(show, order number): their tickets."""
    tickets_of: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    """(show, purchase): all its tickets and refunds."""
    effects: set[tuple[int, int, int]] = field(default_factory=set[tuple[int, int, int]])
    contacts: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    customers: set[str] = field(default_factory=set[str])
    clerks: set[str] = field(default_factory=set[str])
    slugs: set[str] = field(default_factory=set[str])
    shifts: set[str] = field(default_factory=set[str])
    drawers: set[str] = field(default_factory=set[str])
    """Those of the shifts whose cash is added up: with moves, payments and refunds."""
    shifts_of: set[str] = field(default_factory=set[str])
    """Clerks whose open shift is wanted."""
    house: bool = False
    """Whether anything of the house is named: its book is read too."""


@dataclass(slots=True)
class Heads:
    """The first of the lines: for each show (after this place, how many)."""

    wanted: dict[int, tuple[int, int]]


@dataclass(slots=True)
class Snapshot:
    """The rows a batch named, as they stood when its transaction began."""

    books: list["Book"] = field(default_factory=list["Book"])
    plans: list["Plan"] = field(default_factory=list["Plan"])
    stocks: dict[int, "Stock"] = field(default_factory=dict[int, "Stock"])
    purchases: list["Purchase"] = field(default_factory=list["Purchase"])
    customers: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    bought: list[tuple[int, str, int]] = field(default_factory=list[tuple[int, str, int]])
    payments: list["Payment"] = field(default_factory=list["Payment"])
    orders: list["Order"] = field(default_factory=list["Order"])
    refunds: list["Refund"] = field(default_factory=list["Refund"])
    tickets: list["Ticket"] = field(default_factory=list["Ticket"])
    events: list[tuple[int, str, str]] = field(default_factory=list[tuple[int, str, str]])
    effects: list["Effect"] = field(default_factory=list["Effect"])
    contacts: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    known: dict[str, "Known"] = field(default_factory=dict[str, "Known"])
    """Those of `Names.customers` that exist."""
    clerks: dict[str, "Cells"] = field(default_factory=dict[str, "Cells"])
    slugs: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    """Slug to (show id, the show as plain JSON)."""
    venues: dict[tuple[str, ...], int] = field(default_factory=dict[tuple[str, ...], int])
    """(name, city, address, region, country, zone) to venue id, of all; read with slugs only.

    Two shows that say different things of one house have two: each is shown as it was published.
    """
    series: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    """(slug, title) to series id, of all."""
    last_show_id: int = 0
    shifts: dict[str, "Shift"] = field(default_factory=dict[str, "Shift"])
    moves: dict[str, list["Move"]] = field(default_factory=dict[str, list["Move"]])
    tallies: dict[str, list["Tally"]] = field(default_factory=dict[str, list["Tally"]])
    last_shift_number: int = 0


Reading = Names | Heads
Steps = Generator[Reading, Snapshot, "Sequence[Changes]"]
"""A batch in the making: yields what it must read, is sent the rows, returns what to write."""


class Store(Protocol):
    """Keeps everything."""

    async def transact(self, steps: Callable[[], Steps]) -> None:
        """Run a batch in one transaction, from its first step again if it must be retried.

        Raises `StorageLost` if it could not be committed.
        """
        ...

    async def lease(
        self, worker: str, kinds: "Sequence[str]", now_ms: int, most: int
    ) -> "tuple[Effect, ...]":
        """Lease the next effects of these kinds for `limits.LEASE_MS`, in order of lane."""
        ...

    async def retry(self, effect: "Effect", worker: str, due_ms: int, error: str) -> None:
        """Give a lease back, to be tried again at `due_ms`. An ended lease is left alone."""
        ...


class Signal(Protocol):
    """Tells that what is shown may be out of date."""

    def changes(self) -> AsyncGenerator[frozenset[int]]:
        """Yield at once, then soon after anyone, in any process, committed something.

        Each yield names the shows that changed; an empty set: any may have, also the house. Changes
        that come close together are told together, and one may be told twice. While the storage is
        lost nothing is told; when it is back, an empty set is. Ends when the store is closed.
        """
        ...


class StorageLost(Exception):
    """The store could not be reached or written; nothing of the request was kept. Try again."""


class Overloaded(Exception):
    """More requests wait than the office can hold. Nothing was done; try again in a moment."""


class BrokenInvariant(Exception):
    """A rule that always holds did not. Nothing was written; this is a bug to be reported."""
