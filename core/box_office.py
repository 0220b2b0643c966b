"""The one door: every face calls this and nothing else.

What changes something is a request, answered with an outcome that was committed before it was
given. What only looks is a view, read from what is committed. Refusals are values; exceptions are
three: `Overloaded`, `StorageLost`, `BrokenInvariant`.
"""

from collections.abc import Awaitable, Sequence
from typing import cast

from core.admission import CheckInAnswer
from core.desk import Desk
from core.messages import Effect
from core.outbox import AgainAnswer, EffectAnswer, TriedAnswer
from core.outcomes import (
    Changed,
    Done,
    Malformed,
    NotEnoughInDrawer,
    NotYourShift,
    Preferred,
    Published,
    Refunded,
    Registered,
    SaleNow,
    ShiftNow,
    Standing,
    Taken,
    Unchangeable,
    UnknownCustomer,
    UnknownPayment,
    UnknownPurchase,
    UnknownShift,
    UnknownShow,
    WrongState,
)
from core.paying import ApproveAnswer, CheckOutAnswer, StepBackAnswer
from core.ports import Clock, Ids, Store
from core.refunding import DisputeAnswer, RefundAnswer
from core.reports import ReportAnswer
from core.requests import (
    Approve,
    CancelShow,
    Change,
    CheckIn,
    CheckOut,
    Choose,
    Claim,
    CloseSale,
    CloseShift,
    Dispute,
    DrawStep,
    EffectDead,
    EffectDone,
    EffectTried,
    End,
    Erase,
    Expire,
    FixDraw,
    Join,
    Leave,
    MoveCash,
    OpenSale,
    OpenShift,
    PauseSale,
    Prefer,
    Publish,
    Refund,
    RefundReport,
    Register,
    ReleaseAllotment,
    Report,
    ResumeSale,
    SendAgain,
    SetClerk,
    StepBack,
    TellChange,
    Wake,
)
from core.running import DrawAnswer, RunAnswer
from core.selling import ChooseAnswer, JoinAnswer, StepAnswer
from core.views import Views

Running = OpenSale | PauseSale | ResumeSale | CloseSale | CancelShow | ReleaseAllotment | Wake
Drawing = FixDraw | DrawStep
Effecting = EffectDone | EffectDead
ShiftRefusal = Malformed | NotYourShift | UnknownShift


class BoxOffice:
    """The office on one store. `close` it when done: every request taken in is answered first."""

    def __init__(self, store: Store, views: Views, clock: Clock, ids: Ids) -> None:
        self.look = views
        self.ids = ids
        self.clock = clock
        self._store = store
        self._desk = Desk(store, clock, ids)

    async def close(self) -> None:
        """Answer what was taken in, then stop."""
        await self._desk.close()

    # The house.

    def publish(self, request: Publish) -> Awaitable[Published | Malformed | Taken]:
        """Put shows on the catalogue, all or none."""
        return cast("Awaitable[Published | Malformed | Taken]", self._desk.submit(request))

    def register(self, request: Register) -> Awaitable[Registered | Malformed]:
        """Make a customer known by its contacts."""
        return cast("Awaitable[Registered | Malformed]", self._desk.submit(request))

    def prefer(self, request: Prefer) -> Awaitable[Preferred | UnknownCustomer | Malformed]:
        """Change a customer's language and choice of channels."""
        answer = self._desk.submit(request)
        return cast("Awaitable[Preferred | UnknownCustomer | Malformed]", answer)

    def erase(self, request: Erase) -> Awaitable[Done | UnknownCustomer]:
        """Erase who a customer is."""
        return cast("Awaitable[Done | UnknownCustomer]", self._desk.submit(request))

    def set_clerk(self, request: SetClerk) -> Awaitable[Done | Taken | Malformed]:
        """Add or change a clerk."""
        return cast("Awaitable[Done | Taken | Malformed]", self._desk.submit(request))

    # A drawer.

    def open_shift(self, request: OpenShift) -> Awaitable[ShiftNow | Taken | ShiftRefusal]:
        """Open a clerk's drawer with its float."""
        return cast("Awaitable[ShiftNow | Taken | ShiftRefusal]", self._desk.submit(request))

    def move_cash(
        self, request: MoveCash
    ) -> Awaitable[ShiftNow | NotEnoughInDrawer | ShiftRefusal]:
        """Put cash into a drawer or take some out, with a reason."""
        answer = self._desk.submit(request)
        return cast("Awaitable[ShiftNow | NotEnoughInDrawer | ShiftRefusal]", answer)

    def close_shift(self, request: CloseShift) -> Awaitable[ShiftNow | ShiftRefusal]:
        """Close a drawer with what was counted in it."""
        return cast("Awaitable[ShiftNow | ShiftRefusal]", self._desk.submit(request))

    # A show.

    def run(self, request: Running) -> Awaitable[RunAnswer | UnknownShow]:
        """Open, pause, resume, close or cancel a sale, release an allotment, or wake it."""
        return cast("Awaitable[RunAnswer | UnknownShow]", self._desk.submit(request))

    def draw(self, request: Drawing) -> Awaitable[DrawAnswer | UnknownShow]:
        """Take a step of the opening draw."""
        return cast("Awaitable[DrawAnswer | UnknownShow]", self._desk.submit(request))

    def change(
        self, request: Change
    ) -> Awaitable[Changed | Unchangeable | Malformed | UnknownShow]:
        """Change a published show."""
        answer = self._desk.submit(request)
        return cast("Awaitable[Changed | Unchangeable | Malformed | UnknownShow]", answer)

    def tell_change(self, request: TellChange) -> Awaitable[SaleNow | UnknownShow]:
        """Tell the next people of a change."""
        return cast("Awaitable[SaleNow | UnknownShow]", self._desk.submit(request))

    # A purchase.

    def join(self, request: Join) -> Awaitable[JoinAnswer | UnknownShow]:
        """Enter the lobby or the line, or start choosing."""
        return cast("Awaitable[JoinAnswer | UnknownShow]", self._desk.submit(request))

    def leave(self, request: Leave) -> Awaitable[StepAnswer | UnknownShow]:
        """Give up."""
        return cast("Awaitable[StepAnswer | UnknownShow]", self._desk.submit(request))

    def claim(self, request: Claim) -> Awaitable[StepAnswer | UnknownShow]:
        """Answer the call."""
        return cast("Awaitable[StepAnswer | UnknownShow]", self._desk.submit(request))

    def choose(self, request: Choose) -> Awaitable[ChooseAnswer | UnknownShow]:
        """Set the basket."""
        return cast("Awaitable[ChooseAnswer | UnknownShow]", self._desk.submit(request))

    def check_out(self, request: CheckOut) -> Awaitable[CheckOutAnswer | UnknownShow]:
        """Freeze the order and begin a payment."""
        return cast("Awaitable[CheckOutAnswer | UnknownShow]", self._desk.submit(request))

    def step_back(self, request: StepBack) -> Awaitable[StepBackAnswer | UnknownShow]:
        """Go back from paying to choosing."""
        return cast("Awaitable[StepBackAnswer | UnknownShow]", self._desk.submit(request))

    def expire(self, request: Expire) -> Awaitable[StepAnswer | UnknownShow]:
        """Do what a passed deadline asks."""
        return cast("Awaitable[StepAnswer | UnknownShow]", self._desk.submit(request))

    def end(self, request: End) -> Awaitable[Standing | UnknownPurchase | WrongState | UnknownShow]:
        """End one purchase of a sale that is over."""
        answer = self._desk.submit(request)
        return cast("Awaitable[Standing | UnknownPurchase | WrongState | UnknownShow]", answer)

    # Money and tickets.

    def report(self, request: Report) -> Awaitable[ReportAnswer | UnknownShow]:
        """Take in what a gateway says of a payment."""
        return cast("Awaitable[ReportAnswer | UnknownShow]", self._desk.submit(request))

    def approve(self, request: Approve) -> Awaitable[ApproveAnswer | UnknownShow]:
        """Say whether a provider that asks first may take the money now."""
        return cast("Awaitable[ApproveAnswer | UnknownShow]", self._desk.submit(request))

    def dispute(self, request: Dispute) -> Awaitable[DisputeAnswer | UnknownShow]:
        """Take in what a gateway says of a dispute."""
        return cast("Awaitable[DisputeAnswer | UnknownShow]", self._desk.submit(request))

    def refund(self, request: Refund) -> Awaitable[RefundAnswer | UnknownShow]:
        """Give money back for tickets."""
        return cast("Awaitable[RefundAnswer | UnknownShow]", self._desk.submit(request))

    def refund_report(
        self, request: RefundReport
    ) -> Awaitable[Refunded | UnknownPayment | Malformed | UnknownShow]:
        """Take in what a gateway says of a refund."""
        answer = self._desk.submit(request)
        return cast("Awaitable[Refunded | UnknownPayment | Malformed | UnknownShow]", answer)

    def check_in(self, request: CheckIn) -> Awaitable[CheckInAnswer | UnknownShow]:
        """Let a ticket's holder in, once."""
        return cast("Awaitable[CheckInAnswer | UnknownShow]", self._desk.submit(request))

    # The outbox.

    def finish(self, request: Effecting) -> Awaitable[EffectAnswer | UnknownShow]:
        """Note that an effect was carried out, or given up."""
        return cast("Awaitable[EffectAnswer | UnknownShow]", self._desk.submit(request))

    def note_attempt(self, request: EffectTried) -> Awaitable[TriedAnswer | UnknownShow]:
        """Note how a channel answered when a message was handed to it."""
        return cast("Awaitable[TriedAnswer | UnknownShow]", self._desk.submit(request))

    def send_again(self, request: SendAgain) -> Awaitable[AgainAnswer | UnknownShow]:
        """Have a message sent again."""
        return cast("Awaitable[AgainAnswer | UnknownShow]", self._desk.submit(request))

    def take_effects(
        self, worker: str, kinds: Sequence[str], most: int
    ) -> Awaitable[tuple[Effect, ...]]:
        """Lease the next effects of these kinds: nobody else takes them while the lease lives."""
        return self._store.lease(worker, kinds, self.clock.now_ms(), most)

    def put_back(self, effect: Effect, worker: str, due_ms: int, error: str) -> Awaitable[None]:
        """Give a lease back after a failure, to be tried again at `due_ms`.

        No worker (''): what nobody has in hand comes due then.
        """
        return self._store.retry(effect, worker, due_ms, error)
