"""What the office answers: frozen values. A refusal is a value that says why, never an exception.

`Standing` answers show a purchase as it now stands, so that a face can rebuild its screen from
any answer. Refusals come after them.
"""

from dataclasses import dataclass
from typing import NamedTuple

from core.purchase import Basket, State


@dataclass(frozen=True, slots=True)
class Standing:
    """A purchase as it stands after the request."""

    show_id: int
    purchase_id: str
    state: State
    number: int | None
    deadline_ms: int | None
    session_ms: int | None
    lines: Basket
    sold_out: bool
    """Every ticket of the show is sold: who still waits, waits for returned tickets."""


class Joined(Standing):
    """In the lobby, in line, or already choosing; also the answer to joining twice."""

    __slots__ = ()


class Claimed(Standing):
    """Choosing, with the clock running."""

    __slots__ = ()


class Chosen(Standing):
    """The basket is held."""

    __slots__ = ()


class Leaving(Standing):
    """The purchase has ended, or ends as soon as its payment is called off."""

    __slots__ = ()


class SteppedBack(Standing):
    """Choosing again, or about to as soon as the payment is called off."""

    __slots__ = ()


class Expired(Standing):
    """What the passed deadline led to; unchanged if it had not passed."""

    __slots__ = ()


class Ended(Standing):
    """The end of a purchase whose show closed or was cancelled."""

    __slots__ = ()


class OrderLine(NamedTuple):
    """Tickets of one fare in an order; amounts in minor units, for one ticket."""

    fare_no: int
    quantity: int
    price_minor: int
    fee_minor: int


@dataclass(frozen=True, slots=True)
class CheckedOut:
    """The order is frozen and awaits payment `payment_id` until `deadline_ms`."""

    show_id: int
    purchase_id: str
    order_code: str
    payment_id: str
    lines: tuple[OrderLine, ...]
    price_minor: int
    fee_minor: int
    currency: str
    deadline_ms: int | None

    @property
    def total_minor(self) -> int:
        """What is to be paid: prices and fees."""
        return self.price_minor + self.fee_minor


@dataclass(frozen=True, slots=True)
class Paid:
    """The money came and the tickets are the customer's."""

    show_id: int
    purchase_id: str
    order_code: str
    order_no: int
    tickets: int


@dataclass(frozen=True, slots=True)
class Noted:
    """The report was taken in; the payment now stands at `payment_state`."""

    payment_id: str
    payment_state: str


@dataclass(frozen=True, slots=True)
class Approved:
    """The provider may take the money; the tickets wait for it until `deadline_ms`."""

    payment_id: str
    purchase_id: str
    deadline_ms: int | None


@dataclass(frozen=True, slots=True)
class GivenBack:
    """Money that came with no ticket to give for it (late, or a wrong amount) is being returned."""

    payment_id: str
    amount_minor: int
    why: str


@dataclass(frozen=True, slots=True)
class Refunded:
    """The tickets are void and the money is on its way, or back (`state` 'done')."""

    refund_id: str
    amount_minor: int
    ticket_nos: tuple[int, ...]
    state: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """Let the person in."""

    tier: str
    fare: str
    proof: bool
    """Ask for the document that proves the right to the fare."""


@dataclass(frozen=True, slots=True)
class Published:
    """The shows and their ids by slug. `unchanged`: slugs that were there already, identical."""

    show_ids: dict[str, int]
    unchanged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Registered:
    """The customer by this id has the contact."""

    customer_id: str


@dataclass(frozen=True, slots=True)
class Preferred:
    """How the customer is written to now. No channels: those of the house, in its order."""

    customer_id: str
    language: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """It is done, or was done before."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The show is as it was asked to be. `fields`: what changed by it; nothing, if it was so."""

    show_id: int
    fields: tuple[str, ...]
    told: bool
    """Whether people are told: the date, the doors or the place changed."""


@dataclass(frozen=True, slots=True)
class SaleNow:
    """Where the sale of the show stands after the request."""

    show_id: int
    status: str


@dataclass(frozen=True, slots=True)
class ShiftNow:
    """A clerk's shift as it stands; what it should hold and what was counted, once closed."""

    shift_id: str
    clerk: str
    number: int
    expected_minor: int | None
    counted_minor: int | None


# Refusals.


@dataclass(frozen=True, slots=True)
class UnknownShow:
    """No show has this id."""

    show_id: int


@dataclass(frozen=True, slots=True)
class UnknownCustomer:
    """No customer has this id: register first."""

    customer_id: str


@dataclass(frozen=True, slots=True)
class UnknownPurchase:
    """The show has no such purchase."""

    purchase_id: str


@dataclass(frozen=True, slots=True)
class UnknownPayment:
    """The show has no such payment."""

    payment_id: str


@dataclass(frozen=True, slots=True)
class UnknownTicket:
    """The show has no such ticket, or no such effect."""

    name: str


@dataclass(frozen=True, slots=True)
class UnknownShift:
    """No shift has this id."""

    shift_id: str


@dataclass(frozen=True, slots=True)
class NotYourShift:
    """The drawer is another clerk's, or its shift is closed."""

    clerk: str


@dataclass(frozen=True, slots=True)
class NotEnoughInDrawer:
    """More cash would be taken out than the drawer should hold."""

    there_minor: int


@dataclass(frozen=True, slots=True)
class UnknownFare:
    """The show has no such fare, or it is closed."""

    fare_no: int


@dataclass(frozen=True, slots=True)
class NotOnSale:
    """Nothing can be joined now. `opens_ms`: when it can, if that is known."""

    status: str
    opens_ms: int | None


@dataclass(frozen=True, slots=True)
class NotYourTurn:
    """The purchase still waits: it is called when its turn comes."""

    state: State
    number: int | None


@dataclass(frozen=True, slots=True)
class CallExpired:
    """The time for this has ended; join again to get a new place."""

    state: State


@dataclass(frozen=True, slots=True)
class WrongState:
    """The request does not fit where the purchase, payment or sale stands."""

    state: str


@dataclass(frozen=True, slots=True)
class NotEnough:
    """The tier, the quota or what others are not promised is short: `available` can be had."""

    available: int
    tier_no: int | None
    quota_no: int | None


@dataclass(frozen=True, slots=True)
class OverLimit:
    """More tickets than one customer may have at this show; `has` are already bought."""

    limit: int
    has: int


@dataclass(frozen=True, slots=True)
class DocumentNeeded:
    """A fare needs a valid CPF of the person who will use it."""

    fare_no: int


@dataclass(frozen=True, slots=True)
class Malformed:
    """The request is not well formed: `field` says where, `advice` what to do."""

    field: str
    advice: str


@dataclass(frozen=True, slots=True)
class Unchangeable:
    """This can't change any more, or not so far: `field` says what, `advice` what to do."""

    field: str
    advice: str


@dataclass(frozen=True, slots=True)
class Taken:
    """The name or id is in use for something else."""

    name: str


@dataclass(frozen=True, slots=True)
class AlreadyUsed:
    """The ticket was used before: do not let the person in."""

    used_ms: int
    where: str


@dataclass(frozen=True, slots=True)
class NotValid:
    """The ticket was refunded or is void."""

    state: str


@dataclass(frozen=True, slots=True)
class NothingToRefund:
    """No ticket of the order, or none of those named, is still valid and unused."""

    purchase_id: str


@dataclass(frozen=True, slots=True)
class RefundsOver:
    """People could give tickets of this show back until then; None: it never takes any back."""

    until_ms: int | None


@dataclass(frozen=True, slots=True)
class NotInOrder:
    """The draw's step does not follow the one before it, or the seed is not the published one."""

    expected: str
