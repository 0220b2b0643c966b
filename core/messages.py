"""What is to be done outside: messages to people and calls to gateways, kept in the outbox.

An effect is written in the transaction of its cause and carried out at least once. Its identity
(show, ledger entry, item) is its idempotency key. Lanes order the work: a call never waits behind
a receipt, a receipt never behind news.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

REACHED_BY = ("telegram", "email", "phone", "push")
"""Kinds of contact, in the order in which people are tried who chose no other."""


class Lane(IntEnum):
    """Which effects go first."""

    CALLS = 0
    MONEY = 1
    RECEIPTS = 2
    REMINDERS = 3
    NEWS = 4


class Kind(StrEnum):
    """What is to be done. Payment kinds are carried out by gateways, the rest by the notifier."""

    YOUR_TURN = "your_turn"
    PLACE_CONFIRMED = "place_confirmed"
    """For who joined somewhere that does not answer in a chat: the window, a web face."""
    SECOND_CHANCE = "second_chance"
    CALL_LAPSED = "call_lapsed"
    TIME_ENDED = "time_ended"
    DRAW_RESULT = "draw_result"
    MILESTONE = "milestone"
    END_OF_LINE = "end_of_line"
    SALE_CLOSED = "sale_closed"
    SHOW_CANCELLED = "show_cancelled"
    SHOW_CHANGED = "show_changed"
    """The date, the doors or the place. Data: how they were (`changing.Before`)."""
    RECEIPT = "receipt"
    REMINDER = "reminder"
    """Written with the receipt, due a day before the show."""
    PAYMENT_READY = "payment_ready"
    """How to pay is known: a link, a Pix code, an invoice. Data: the payment's id."""
    PAYMENT_DECLINED = "payment_declined"
    PAYMENT_DISPUTED = "payment_disputed"
    """The payer's bank asks for the money back: the tickets are valid while that is open."""
    MONEY_RETURNED = "money_returned"
    REFUND_STARTED = "refund_started"
    REFUND_DONE = "refund_done"
    REFUND_FAILED = "refund_failed"
    PAYMENT_START = "payment.start"
    PAYMENT_CAPTURE = "payment.capture"
    PAYMENT_SETTLE = "payment.settle"
    PAYMENT_REFUND = "payment.refund"


GATEWAY_KINDS = frozenset(
    {Kind.PAYMENT_START, Kind.PAYMENT_CAPTURE, Kind.PAYMENT_SETTLE, Kind.PAYMENT_REFUND},
)
MESSAGE_KINDS = frozenset(Kind) - GATEWAY_KINDS

LANES: dict[Kind, Lane] = {
    Kind.YOUR_TURN: Lane.CALLS,
    Kind.PAYMENT_READY: Lane.CALLS,
    Kind.RECEIPT: Lane.RECEIPTS,
    Kind.PAYMENT_START: Lane.MONEY,
    Kind.PAYMENT_CAPTURE: Lane.MONEY,
    Kind.PAYMENT_SETTLE: Lane.MONEY,
    Kind.PAYMENT_REFUND: Lane.MONEY,
    Kind.PAYMENT_DECLINED: Lane.RECEIPTS,
    Kind.PAYMENT_DISPUTED: Lane.RECEIPTS,
    Kind.MONEY_RETURNED: Lane.RECEIPTS,
    Kind.REFUND_STARTED: Lane.RECEIPTS,
    Kind.REFUND_DONE: Lane.RECEIPTS,
    Kind.REFUND_FAILED: Lane.RECEIPTS,
    Kind.PLACE_CONFIRMED: Lane.REMINDERS,
    Kind.REMINDER: Lane.REMINDERS,
    Kind.SECOND_CHANCE: Lane.REMINDERS,
    Kind.CALL_LAPSED: Lane.REMINDERS,
    Kind.TIME_ENDED: Lane.REMINDERS,
    Kind.DRAW_RESULT: Lane.NEWS,
    Kind.MILESTONE: Lane.NEWS,
    Kind.END_OF_LINE: Lane.REMINDERS,
    Kind.SALE_CLOSED: Lane.NEWS,
    Kind.SHOW_CANCELLED: Lane.REMINDERS,
    Kind.SHOW_CHANGED: Lane.REMINDERS,
}


def lanes_of(kinds: Iterable[str]) -> list[Lane]:
    """Return the lanes in which effects of these kinds wait, the first first."""
    return sorted({LANES[Kind(kind)] for kind in kinds})


class EffectState(StrEnum):
    """Where an effect stands."""

    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect as a worker takes it. `data` is JSON whose keys depend on the kind."""

    show_id: int
    ledger_seq: int
    item: int
    lane: int
    kind: str
    customer_id: str | None
    purchase_id: str | None
    data: str
    state: str
    due_ms: int
    attempts: int

    @property
    def key(self) -> str:
        """The idempotency key: the same however often it is tried."""
        return f"{self.show_id}.{self.ledger_seq}.{self.item}"


class AttemptState(StrEnum):
    """How an attempt to reach a person ended."""

    SENT = "sent"
    """The channel accepted it."""
    FAILED = "failed"
    """It may work later."""
    REFUSED = "refused"
    """It will never work: no such address, blocked."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to carry a message out over one channel; columns in order.

    A message of several parts (a text, a file, a picture) has an attempt for each, so that who
    takes over from a dead worker goes on where it stopped.
    """

    show_id: int
    ledger_seq: int
    item: int
    try_no: int
    """Below 0: at an earlier sending, before the message was given up and sent again."""
    channel: str
    part: int
    state: str
    at_ms: int
    said: str
    """Of a failure, what is fit to be kept: its kind and our own words."""
