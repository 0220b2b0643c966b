"""What clerks, door staff and operators look up: people, drawers, tickets at the door, messages."""

from dataclasses import dataclass

from core.messages import REACHED_BY, Effect
from core.receipts import order_code
from core.shifts import Move, Shift, Total


@dataclass(frozen=True, slots=True)
class PurchaseCard:
    """A purchase in a list, with its show and whose it is. Amounts in minor units."""

    show_id: int
    purchase_id: str
    number: int | None
    state: str
    channel: str
    tickets: int
    """In the basket; once completed, still valid."""
    deadline_ms: int | None
    joined_ms: int
    customer_id: str
    name: str
    """'' of a walk-in, or of who was erased."""
    title: str
    starts_ms: int
    time_zone: str
    currency: str
    total_minor: int | None
    """What is to be paid, or was; None before the checkout."""
    refunded_minor: int
    placed_ms: int | None

    @property
    def order_code(self) -> str:
        """The code that people quote."""
        return order_code(self.show_id, self.number or 0, self.purchase_id)


@dataclass(frozen=True, slots=True)
class ShiftView:
    """A drawer as it stands now: what came in by method, and what it should hold in cash."""

    shift: Shift
    totals: tuple[Total, ...]
    moves: tuple[Move, ...]
    expected_minor: int


@dataclass(frozen=True, slots=True)
class DoorTicket:
    """A ticket as the door's list has it."""

    order_no: int
    ticket_no: int
    fare_no: int
    state: str
    used_ms: int | None
    used_where: str


@dataclass(frozen=True, slots=True)
class Stakes:
    """Whom the cancelling of a show concerns."""

    orders: int
    """With valid tickets: each is refunded."""
    tickets: int
    live: int
    """Waiting, choosing or paying: each is sent away."""
    silent: int
    """Of all these, who left no contact to be told by."""


@dataclass(frozen=True, slots=True)
class CustomerView:
    """Who a customer is, how reached, and how they want to be."""

    customer_id: str
    name: str
    language: str
    channels: tuple[str, ...]
    """The kinds of contact that they chose to be reached by, the best first; () if they did not."""
    contacts: tuple[tuple[str, str], ...]
    """(channel, address) of each, as they were given."""

    @property
    def ways(self) -> tuple[tuple[str, str], ...]:
        """The contacts by which they are written to, the one to be tried first first."""
        order = self.channels or REACHED_BY
        return tuple(one for channel in order for one in self.contacts if one[0] == channel)


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message to a person, and how it stands."""

    effect: Effect
    error: str
    """Why it failed last; '' if it did not."""
    ended_ms: int | None
    leased: bool
    """Whether a worker has it in hand, or died with it."""
