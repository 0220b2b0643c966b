"""What can be asked of the office: frozen requests, one class an act.

Whoever asks names what will be created (`purchase_id`, `payment_id`, `refund_id`, ...: see
`ports.Ids`), so that asking again creates nothing new and gets the same answer. `actor` says who
did it, for the ledger: `fan`, `system`, `operator`, `clerk:<name>` or `gateway:<name>`.

What concerns the house and no show is in `house_requests`, and named here like the rest.
"""

from dataclasses import dataclass, field

from core.catalogue import ShowDraft
from core.house_requests import (
    SYSTEM,
    CloseShift,
    Erase,
    MoveCash,
    OpenShift,
    Prefer,
    Publish,
    Register,
    Request,
    SetClerk,
)

TELEGRAM = "telegram"
WINDOW = "window"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRequest(Request):
    """A request about one show."""

    show_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseRequest(ShowRequest):
    """A request about one purchase."""

    purchase_id: str


# A show.


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(ShowRequest):
    """Change a published show to what a draft of the same slug says, as far as it may change."""

    draft: ShowDraft
    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class TellChange(ShowRequest):
    """Tell the next people of a change: those of these purchases whom it concerns.

    `after`: the last purchase told so far. No purchases: everyone was told. Idempotent.
    """

    after: str
    purchase_ids: tuple[str, ...]
    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSale(ShowRequest):
    """Open the sale now: close the lobby for its draw, or open at once if nobody is in it."""

    due: int = 0
    """1: only if its time has come."""
    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class FixDraw(ShowRequest):
    """Reveal the seed and fix the digest of the frozen list; from here the order is determined."""

    seed: str
    list_digest: str
    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawStep(ShowRequest):
    """Give the next numbers of the draw, `first_number` on, to purchases in their drawn order."""

    first_number: int
    purchase_ids: tuple[str, ...]
    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseSale(ShowRequest):
    """Stop calling and letting in. Open purchases may finish; numbers are kept."""

    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeSale(ShowRequest):
    """Go on after a pause."""

    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSale(ShowRequest):
    """End the sale: who waits is told, open purchases may finish."""

    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelShow(ShowRequest):
    """Cancel the show: every purchase ends and everyone is refunded."""

    reason: str = ""
    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseAllotment(ShowRequest):
    """Give a channel's unsold allotment of a tier back to everyone before its time."""

    tier_no: int
    channel: str
    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake(ShowRequest):
    """Do what the show's own clock asks: release allotments, call, tell, close. Idempotent."""

    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class End(PurchaseRequest):
    """End one purchase of a show that closed or was cancelled, with its refund. Idempotent."""

    actor: str = SYSTEM


# A purchase.


@dataclass(frozen=True, slots=True, kw_only=True)
class Join(PurchaseRequest):
    """Enter the lobby, join the line, or go straight to choosing if nobody waits."""

    customer_id: str
    channel: str = TELEGRAM


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave(PurchaseRequest):
    """Give up; what was held goes to the next in line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(PurchaseRequest):
    """Answer the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose(PurchaseRequest):
    """Set the basket whole: `wanted` is ((fare number, quantity), ...). Empty puts all back."""

    wanted: tuple[tuple[int, int], ...]
    document: str | None = field(default=None, repr=False)
    """The CPF that a fare may need; kept apart, erased after the show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOut(PurchaseRequest):
    """Freeze the basket as an order and begin one attempt to pay it.

    `outside` is 1 where a provider must be asked about the payment before it can be called off.
    """

    payment_id: str
    gateway: str
    method: str
    outside: int = 1
    shift_id: str = ""
    """The shift of the clerk whose drawer takes it; '' away from the window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBack(PurchaseRequest):
    """Go back from paying to choosing, basket kept; a payment under way is called off first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expire(PurchaseRequest):
    """End or move on a purchase whose deadline has passed. Idempotent; too early does nothing."""

    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(ShowRequest):
    """What a gateway says of a payment: its present state there, under the event's own id.

    `state` is 'pending', 'authorised', 'captured', 'cancelled' or 'failed'. Amounts in minor units.
    """

    payment_id: str
    event_id: str
    state: str
    amount_minor: int
    currency: str
    reference: str = ""
    action: str = ""
    """How the person pays (`payments.Action`), once the gateway knows; '' says nothing new."""
    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve(ShowRequest):
    """A provider asks whether it may take the money of a payment now.

    For providers that ask before they take, as Telegram's pre-checkout does. Approved, the purchase
    stays open for `limits.APPROVAL_MS` at least, or to the end of its session.
    """

    payment_id: str
    amount_minor: int
    currency: str
    reference: str = ""
    """Kept with the payment, so that its gateway knows when the money was approved."""
    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute(ShowRequest):
    """What a gateway says of a dispute: the payer's bank took the money back, for now.

    `state` is 'opened', 'won' or 'lost'. The tickets stay valid until it is lost; then they are
    refunded as money returned at the provider (`Refund.reference`).
    """

    payment_id: str
    event_id: str
    state: str
    amount_minor: int
    reference: str = ""
    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund(PurchaseRequest):
    """Give money back for all tickets still valid, or for the named ticket numbers.

    What a fan asks is bound by the show's `refunds_until_ms`, what the house decides is not.
    `reference` names a refund that was made at the provider already: nothing is asked of it then.
    """

    refund_id: str
    reason: str
    ticket_nos: tuple[int, ...] | None = None
    reference: str = ""
    shift_id: str = ""
    """The shift of the clerk whose drawer gives it back; '' away from the window."""
    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundReport(ShowRequest):
    """What a gateway says of a refund: 'done' or 'failed'."""

    refund_id: str
    state: str
    reference: str = ""
    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn(ShowRequest):
    """Let the holder of a ticket in, once. `order_no` and `ticket_no` come from its code."""

    order_no: int
    ticket_no: int
    where: str = ""


# Effects.


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectDone(ShowRequest):
    """An effect was carried out. For a call this is its delivery: the claim clock starts."""

    ledger_seq: int
    item: int
    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectDead(ShowRequest):
    """An effect can't be carried out; it is kept for a person to see and send again."""

    ledger_seq: int
    item: int
    error: str
    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectTried(ShowRequest):
    """A message was handed to a channel, and what came of it (`messages.AttemptState`)."""

    ledger_seq: int
    item: int
    try_no: int
    channel: str
    state: str
    part: int = 0
    said: str = ""
    actor: str = SYSTEM


@dataclass(frozen=True, slots=True, kw_only=True)
class SendAgain(ShowRequest):
    """Send a message again that was given up, or that its reader has lost."""

    ledger_seq: int
    item: int
    channel: str = ""
    """The contact to try first: 'email'. '': in the order of the reader's contacts."""
    customer_id: str = ""
    """Who is to have it in place of its reader: a walk-in's tickets go to an address so."""
    actor: str = SYSTEM


PurchaseAct = Join | Leave | Claim | Choose | CheckOut | StepBack | Expire | Refund | End
ShowAct = (
    OpenSale
    | FixDraw
    | DrawStep
    | PauseSale
    | ResumeSale
    | CloseSale
    | CancelShow
    | ReleaseAllotment
    | Wake
    | TellChange
)
MoneyAct = Report | RefundReport | Approve | Dispute
ShiftAct = OpenShift | MoveCash | CloseShift
HouseAct = Publish | Register | Prefer | Erase | SetClerk | ShiftAct
EffectAct = EffectDone | EffectDead | EffectTried | SendAgain
AnyRequest = PurchaseAct | ShowAct | Change | MoneyAct | HouseAct | EffectAct | CheckIn
