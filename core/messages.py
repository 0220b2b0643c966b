"""What is to be done outside: messages to people and calls to gateways, kept in the outbox.

An effect is written in the transaction of its cause and carried out at least once. Its identity
(show, ledger entry, item) is its idempotency key. Lanes order the work: a call never waits behind
a receipt, a receipt never behind news.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


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
    SECOND_CHANCE = "second_chance"
    CALL_LAPSED = "call_lapsed"
    TIME_ENDED = "time_ended"
    DRAW_RESULT = "draw_result"
    MILESTONE = "milestone"
    END_OF_LINE = "end_of_line"
    SALE_CLOSED = "sale_closed"
    SHOW_CANCELLED = "show_cancelled"
    RECEIPT = "receipt"
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
    Kind.SECOND_CHANCE: Lane.REMINDERS,
    Kind.CALL_LAPSED: Lane.REMINDERS,
    Kind.TIME_ENDED: Lane.REMINDERS,
    Kind.DRAW_RESULT: Lane.NEWS,
    Kind.MILESTONE: Lane.NEWS,
    Kind.END_OF_LINE: Lane.REMINDERS,
    Kind.SALE_CLOSED: Lane.NEWS,
    Kind.SHOW_CANCELLED: Lane.REMINDERS,
}


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
