r"""Orders and the money for them.

A payment is one attempt to pay an order through a gateway, and moves one way only:

    created -> pending -> authorised -> captured -> refunded
                   \-> cancelled | failed (from created, pending or authorised)

What a gateway reports is its present state there, not a step: reports may come twice, late or out
of order, so a report that is not ahead of what we know changes nothing. Where the method can
authorise first, the tickets are sold and the order fixed before the money is captured.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from core.ledger import Cells, encode
from core.outcomes import OrderLine
from core.shifts import CASH


class PaymentState(StrEnum):
    """Where a payment stands."""

    CREATED = "created"
    PENDING = "pending"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    CANCELLED = "cancelled"
    FAILED = "failed"
    REFUNDED = "refunded"


_FOLLOWERS: dict[PaymentState, frozenset[PaymentState]] = {
    PaymentState.CREATED: frozenset(
        {
            PaymentState.PENDING,
            PaymentState.AUTHORISED,
            PaymentState.CAPTURED,
            PaymentState.CANCELLED,
            PaymentState.FAILED,
        },
    ),
    PaymentState.PENDING: frozenset(
        {
            PaymentState.AUTHORISED,
            PaymentState.CAPTURED,
            PaymentState.CANCELLED,
            PaymentState.FAILED,
        },
    ),
    PaymentState.AUTHORISED: frozenset(
        {PaymentState.CAPTURED, PaymentState.CANCELLED, PaymentState.FAILED},
    ),
    PaymentState.CAPTURED: frozenset({PaymentState.REFUNDED}),
    # A provider's word that the money came outweighs its earlier word that it did not.
    PaymentState.CANCELLED: frozenset({PaymentState.CAPTURED}),
    PaymentState.FAILED: frozenset({PaymentState.CAPTURED}),
    PaymentState.REFUNDED: frozenset(),
}

UNDER_WAY = frozenset({PaymentState.CREATED, PaymentState.PENDING, PaymentState.AUTHORISED})
"""States in which the money may still come."""
REPORTABLE = frozenset(PaymentState) - {PaymentState.CREATED, PaymentState.REFUNDED}
"""What a gateway may report; refunds have reports of their own."""


def follows(now: PaymentState, reported: PaymentState) -> bool:
    """Say whether a reported state is news."""
    return reported in _FOLLOWERS[now]


@lru_cache(maxsize=4_096)
def read_lines(text: str) -> tuple[OrderLine, ...]:
    """Read an order's lines back; few differ, so most were read before."""
    return tuple(OrderLine(*line) for line in json.loads(text))


class OrderState(StrEnum):
    """Where an order stands: `fixed` once its tickets are sold and the capture is on its way."""

    FROZEN = "frozen"
    FIXED = "fixed"
    PAID = "paid"
    VOID = "void"


class TicketState(StrEnum):
    """Where a ticket stands; being used is not a state but a time."""

    VALID = "valid"
    REFUNDED = "refunded"


class RefundState(StrEnum):
    """Where a refund stands at its gateway."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class ActionKind(StrEnum):
    """How a person pays."""

    LINK = "link"
    """Open `url` in a browser."""
    PIX = "pix"
    """Pay `code`, as a QR code or by copy and paste; `url`, if any, is a page that shows both."""
    INVOICE = "invoice"
    """Open `url` in the chat: the channel's own payment sheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What a person does to pay, until `expires_ms` (0: the purchase's own deadline alone)."""

    kind: ActionKind
    url: str = ""
    code: str = ""
    expires_ms: int = 0

    @property
    def text(self) -> str:
        """As JSON, empty fields left out."""
        fields: dict[str, str | int] = {
            "kind": self.kind,
            "url": self.url,
            "code": self.code,
            "expires_ms": self.expires_ms,
        }
        return encode({name: value for name, value in fields.items() if value})


def read_action(text: str) -> Action | None:
    """Read an action back; None if there is none, or it is not one we know."""
    try:
        given: dict[str, object] = json.loads(text) if text else {}
        kind, expires_ms = ActionKind(str(given["kind"])), given.get("expires_ms", 0)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if type(expires_ms) is not int:
        return None
    url, code = str(given.get("url", "")), str(given.get("code", ""))
    if not (code if kind is ActionKind.PIX else url):
        return None
    return Action(kind=kind, url=url, code=code, expires_ms=expires_ms)


@dataclass(slots=True)
class Order:
    """The frozen basket of a purchase with its prices; columns in order."""

    show_id: int
    purchase_id: str
    order_no: int
    """The purchase's number at the show."""
    lines: str
    """JSON: [fare number, quantity, price, fee] with minor units a ticket."""
    price_minor: int
    fee_minor: int
    currency: str
    state: OrderState
    placed_ms: int
    refunded_minor: int

    @property
    def total_minor(self) -> int:
        """What is to be paid."""
        return self.price_minor + self.fee_minor

    def cells(self) -> Cells:
        """Return the row, columns in order."""
        return [
            self.show_id,
            self.purchase_id,
            self.order_no,
            self.lines,
            self.price_minor,
            self.fee_minor,
            self.currency,
            self.state,
            self.placed_ms,
            self.refunded_minor,
        ]


@dataclass(slots=True)
class Payment:
    """One attempt to pay an order; columns in order."""

    show_id: int
    payment_id: str
    purchase_id: str
    gateway: str
    method: str
    outside: int
    state: PaymentState
    amount_minor: int
    currency: str
    reference: str
    """The provider's own name for it, or a card terminal's NSU."""
    captured_minor: int
    refunded_minor: int
    created_ms: int
    changed_ms: int
    until_ms: int = 0
    """How long the person had to pay when it began: what a provider that can be told is told."""
    action: str = ""
    """How the person pays, as an `Action` in JSON; '' if there is nothing to show (yet)."""

    shift_id: str = ""
    """The shift in whose drawer it was taken; '' for none."""

    @property
    def how(self) -> "Action | None":
        """How the person pays, if they must be shown."""
        return read_action(self.action)

    @property
    def cash(self) -> tuple[int, int] | None:
        """What was given in cash and what of it was change, as `payments.counter` wrote it."""
        match self.reference.split():
            case ["given", given, "change", change] if self.method == CASH:
                return int(given), int(change)
            case _:
                return None

    def cells(self) -> Cells:
        """Return the row, columns in order."""
        return [
            self.show_id,
            self.payment_id,
            self.purchase_id,
            self.gateway,
            self.method,
            self.outside,
            self.state,
            self.amount_minor,
            self.currency,
            self.reference,
            self.captured_minor,
            self.refunded_minor,
            self.created_ms,
            self.changed_ms,
            self.until_ms,
            self.action,
            self.shift_id,
        ]


@dataclass(slots=True)
class Refund:
    """Money on its way back; columns in order. `ticket_nos` is JSON; empty for late money."""

    show_id: int
    refund_id: str
    purchase_id: str
    payment_id: str
    amount_minor: int
    ticket_nos: str
    reason: str
    state: RefundState
    reference: str
    created_ms: int
    shift_id: str = ""
    """The shift whose drawer gave it back; '' for none."""
    tries: int = 1
    """How often it was asked for: one that failed is sent again when it is asked for again."""

    def cells(self) -> Cells:
        """Return the row, columns in order."""
        return [
            self.show_id,
            self.refund_id,
            self.purchase_id,
            self.payment_id,
            self.amount_minor,
            self.ticket_nos,
            self.reason,
            self.state,
            self.reference,
            self.created_ms,
            self.shift_id,
            self.tries,
        ]


@dataclass(slots=True)
class Ticket:
    """One admission; columns in order. Its code is made from these by the signer."""

    show_id: int
    order_no: int
    ticket_no: int
    purchase_id: str
    fare_no: int
    price_minor: int
    fee_minor: int
    state: TicketState
    used_ms: int | None
    used_where: str

    def cells(self) -> Cells:
        """Return the row, columns in order."""
        return [
            self.show_id,
            self.order_no,
            self.ticket_no,
            self.purchase_id,
            self.fare_no,
            self.price_minor,
            self.fee_minor,
            self.state,
            self.used_ms,
            self.used_where,
        ]
