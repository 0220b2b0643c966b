"""The life of a purchase.

A purchase is one person's attempt to buy at one show. It is a plain state machine: what may happen
in which state is the table `TRANSITIONS` and nothing else; `move` is the only way to change
a state, so what the table does not allow cannot happen.

    Before the opening a person waits in the lobby; the draw gives the lobby its numbers. After the
    opening a person joins the line and gets the next number, or, if nobody waits and a ticket can
    be promised, goes straight to choosing. Being called promises one ticket. Claiming starts the
    choosing, choosing holds stock, checking out freezes the order, and money completes it.

Four states are ends: `completed` (tickets), `left` (the person gave up), `lapsed` (time ended) and
`closed` (the show ended it). Money may come late: a purchase that left or lapsed can still be
completed by `fit`, if stock allows.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from core.ledger import Cells, encode


class State(StrEnum):
    """Where a purchase stands."""

    IN_LOBBY = "in_lobby"
    IN_LINE = "in_line"
    CALLED = "called"
    CHOOSING = "choosing"
    PAYING = "paying"
    COMPLETED = "completed"
    LEFT = "left"
    LAPSED = "lapsed"
    CLOSED = "closed"


class Event(StrEnum):
    """What can happen to a purchase."""

    DRAW = "draw"
    CALL = "call"
    CLAIM = "claim"
    MISS = "miss"
    CHOOSE = "choose"
    CHECK_OUT = "check_out"
    STEP_BACK = "step_back"
    COMPLETE = "complete"
    LEAVE = "leave"
    LAPSE = "lapse"
    CLOSE = "close"
    FIT = "fit"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.IN_LOBBY, Event.DRAW): State.IN_LINE,
    (State.IN_LINE, Event.CALL): State.CALLED,
    (State.CALLED, Event.CLAIM): State.CHOOSING,
    (State.CALLED, Event.MISS): State.IN_LINE,
    (State.CHOOSING, Event.CHOOSE): State.CHOOSING,
    (State.CHOOSING, Event.CHECK_OUT): State.PAYING,
    (State.PAYING, Event.CHECK_OUT): State.PAYING,
    (State.PAYING, Event.STEP_BACK): State.CHOOSING,
    (State.PAYING, Event.COMPLETE): State.COMPLETED,
    (State.IN_LOBBY, Event.LEAVE): State.LEFT,
    (State.IN_LINE, Event.LEAVE): State.LEFT,
    (State.CALLED, Event.LEAVE): State.LEFT,
    (State.CHOOSING, Event.LEAVE): State.LEFT,
    (State.PAYING, Event.LEAVE): State.LEFT,
    (State.CALLED, Event.LAPSE): State.LAPSED,
    (State.CHOOSING, Event.LAPSE): State.LAPSED,
    (State.PAYING, Event.LAPSE): State.LAPSED,
    (State.IN_LOBBY, Event.CLOSE): State.CLOSED,
    (State.IN_LINE, Event.CLOSE): State.CLOSED,
    (State.CALLED, Event.CLOSE): State.CLOSED,
    (State.CHOOSING, Event.CLOSE): State.CLOSED,
    (State.PAYING, Event.CLOSE): State.CLOSED,
    (State.LEFT, Event.FIT): State.COMPLETED,
    (State.LAPSED, Event.FIT): State.COMPLETED,
}

LIVE = frozenset(
    {State.IN_LOBBY, State.IN_LINE, State.CALLED, State.CHOOSING, State.PAYING},
)
OPEN = frozenset({State.CALLED, State.CHOOSING})
"""States in which a purchase counts against the show's `calls_max`."""


def after(state: State, event: Event) -> State:
    """Return the state that `event` leads to; a `KeyError` names a step that the rules forbid."""
    return TRANSITIONS[state, event]


Basket = tuple[tuple[int, int, int], ...]
"""Lines of (fare number, quantity, how many of them come from the channel's allotment)."""


@dataclass(slots=True)
class Purchase:
    """A purchase as the store keeps it; fields in the order of its columns.

    Changed in place while one batch is decided, never shared beyond it.
    """

    show_id: int
    purchase_id: str
    customer_id: str
    channel: str
    state: State
    number: int | None
    """The person's number at this show, given once, in order of arrival or by the draw."""
    place: int | None
    """Sort key in the line; differs from the number's only after a second chance."""
    pool: str
    """Whose tickets the promise stands on: '' for everyone's, or a channel's allotment."""
    basket: str
    """The `Basket` as JSON."""
    tickets: int
    """Tickets in the basket; once completed, tickets still valid."""
    deadline_ms: int | None
    session_ms: int | None
    """Nothing extends the deadline past this."""
    chances: int
    """Second chances used: 0 or 1."""
    told_ahead: int | None
    """The smallest milestone the person has been told."""
    drawn: int
    """1 if the frozen list of the draw holds this purchase."""
    payment_id: str | None
    ending: str
    """The `Event` that follows once the payment under way is called off; '' if none."""
    joined_ms: int
    called_ms: int | None
    ended_ms: int | None
    last_seq: int
    """The newest ledger entry about it, from which its history is walked back."""

    @property
    def lines(self) -> Basket:
        """The basket's lines."""
        return read_basket(self.basket)

    @property
    def live(self) -> bool:
        """Whether it can still lead to tickets by itself."""
        return self.state in LIVE

    @property
    def promised(self) -> bool:
        """Whether it stands on a promise of one ticket: called, or choosing with nothing held."""
        return self.state is State.CALLED or (self.state is State.CHOOSING and self.tickets == 0)

    def move(self, event: Event) -> None:
        """Take the step that `event` means, or raise `KeyError` if the rules forbid it."""
        self.state = TRANSITIONS[self.state, event]

    def cells(self) -> Cells:
        """Return the row, columns in order: what is written, and what the ledger proves."""
        return [
            self.show_id,
            self.purchase_id,
            self.customer_id,
            self.channel,
            self.state,
            self.number,
            self.place,
            self.pool,
            self.basket,
            self.tickets,
            self.deadline_ms,
            self.session_ms,
            self.chances,
            self.told_ahead,
            self.drawn,
            self.payment_id,
            self.ending,
            self.joined_ms,
            self.called_ms,
            self.ended_ms,
            self.last_seq,
        ]


@lru_cache(maxsize=4_096)
def read_basket(text: str) -> Basket:
    """Read basket lines back; few baskets differ, so most were read before."""
    return tuple((fare, quantity, own) for fare, quantity, own in json.loads(text))


def basket_text(lines: Basket) -> str:
    """Write basket lines as the JSON that the store keeps."""
    return encode(lines)
