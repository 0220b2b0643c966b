"""The sale that is open at the window, step by step; each step may be taken again harmlessly.

All that it creates is named after it: the walk-in's contact is `<clerk>/<sale>`, payments are the
purchase with their attempt. So a sale that was cut off anywhere is found again by its clerk's name
and goes on where it stood.
"""

from dataclasses import dataclass, field

from core.messages import Effect, EffectState, Kind
from core.offers import Offer
from core.outcomes import CheckedOut, Registered, Standing
from core.payments import UNDER_WAY, Payment
from core.purchase import State
from core.requests import (
    WINDOW,
    CheckOut,
    Choose,
    Claim,
    EffectDone,
    Join,
    Leave,
    Register,
    Report,
    StepBack,
)
from core.views import PurchaseView, ShowView
from tui.context import Context, Lost

WALK_IN = "walk_in"


@dataclass(slots=True)
class WindowSale:
    """One person's purchase at one show, served by the clerk who sits here."""

    context: Context
    show: ShowView
    purchase_id: str
    channel: str = WINDOW
    customer_id: str = ""
    standing: Standing | None = None
    order: CheckedOut | None = None
    document: str | None = None
    steps: list[dict[int, int]] = field(default_factory=list[dict[int, int]])
    """The baskets before this one, for undoing."""
    attempts: int = 0
    method: str = ""
    """How the payment under way is made."""

    @classmethod
    def new(cls, context: Context, show: ShowView) -> "WindowSale":
        """Begin with nothing asked yet."""
        return cls(context, show, context.new_id())

    @classmethod
    def of(cls, context: Context, show: ShowView, view: PurchaseView) -> "WindowSale":
        """Take up a purchase as it stands: one that was cut off, or a fan's own."""
        purchase = view.purchase
        sale = cls(context, show, purchase.purchase_id, purchase.channel, purchase.customer_id)
        sale.attempts = len(view.payments)
        sale.standing = Standing(
            purchase.show_id,
            purchase.purchase_id,
            purchase.state,
            purchase.number,
            purchase.deadline_ms,
            purchase.session_ms,
            purchase.lines if purchase.live else (),
            view.sold_out,
        )
        if view.order is not None and purchase.state is State.PAYING:
            payment = current_payment(view)
            sale.method = payment.method if payment else ""
            sale.order = CheckedOut(
                purchase.show_id,
                purchase.purchase_id,
                view.order_code or "",
                payment.payment_id if payment else "",
                view.order_lines,
                view.order.price_minor,
                view.order.fee_minor,
                view.order.currency,
                purchase.deadline_ms,
            )
        return sale

    @property
    def show_id(self) -> int:
        """The show."""
        return self.show.card.show_id

    @property
    def state(self) -> State | None:
        """Where the purchase stands; None before anything was asked."""
        return self.standing.state if self.standing else None

    @property
    def held(self) -> dict[int, int]:
        """What the basket holds: fare number to quantity."""
        lines = self.standing.lines if self.standing else ()
        return {fare_no: quantity for fare_no, quantity, _ in lines}

    async def join(self) -> object:
        """Make the walk-in a customer with a place at the show; return a `Standing`, or not."""
        context = self.context
        office, key = context.givens.office, f"{context.actor.partition(':')[2]}/{self.purchase_id}"
        known = await context.ask(
            lambda: office.register(
                Register(
                    customer_id=self.purchase_id,
                    contacts=((WALK_IN, key),),
                    language=context.givens.language,
                    actor=context.actor,
                )
            )
        )
        if not isinstance(known, Registered):
            return known
        self.customer_id = known.customer_id
        request = Join(
            show_id=self.show_id,
            purchase_id=self.purchase_id,
            customer_id=known.customer_id,
            channel=WINDOW,
            actor=context.actor,
        )
        return self._note(await context.ask(lambda: office.join(request)))

    async def claim(self) -> object:
        """Answer the call in the person's stead: they stand here."""
        request = Claim(
            show_id=self.show_id, purchase_id=self.purchase_id, actor=self.context.actor
        )
        office = self.context.givens.office
        return self._note(await self.context.ask(lambda: office.claim(request)))

    async def choose(self, wanted: dict[int, int]) -> object:
        """Set the basket whole; the first time, the person joins before it."""
        if self.standing is None:
            joined = await self.join()
            if not isinstance(joined, Standing):
                return joined
        if self.state is not State.CHOOSING:
            return self.standing
        before, request = self.held, self._choice(wanted)
        office = self.context.givens.office
        answer = self._note(await self.context.ask(lambda: office.choose(request)))
        if isinstance(answer, Standing) and before != self.held:
            self.steps.append(before)
        return answer

    async def undo_choice(self) -> object:
        """Put the basket back to what it was before the last change."""
        request = self._choice(self.steps.pop())
        office = self.context.givens.office
        return self._note(await self.context.ask(lambda: office.choose(request)))

    def _choice(self, wanted: dict[int, int]) -> Choose:
        lines = tuple((fare_no, count) for fare_no, count in sorted(wanted.items()) if count)
        return Choose(
            show_id=self.show_id,
            purchase_id=self.purchase_id,
            wanted=lines,
            document=self.document,
            actor=self.context.actor,
        )

    async def check_out(self, offer: Offer) -> object:
        """Freeze the order for one way to pay; return a `CheckedOut`, or not."""
        self.attempts += 1
        request = CheckOut(
            show_id=self.show_id,
            purchase_id=self.purchase_id,
            payment_id=f"{self.purchase_id}-{self.attempts}",
            gateway=offer.gateway,
            method=offer.method,
            outside=offer.outside,
            shift_id=self.context.shift_id,
            actor=self.context.actor,
        )
        office = self.context.givens.office
        answer = await self.context.ask(lambda: office.check_out(request))
        if isinstance(answer, CheckedOut):
            self.order, self.method = answer, offer.method
        return answer

    async def report(self, report: Report) -> object:
        """Tell that the money is there; return a `Paid`, or not."""
        office = self.context.givens.office
        return await self.context.ask(lambda: office.report(report))

    async def step_back(self) -> object:
        """Go back from paying to choosing; return a `Standing`, or not."""
        request = StepBack(
            show_id=self.show_id, purchase_id=self.purchase_id, actor=self.context.actor
        )
        office = self.context.givens.office
        answer = self._note(await self.context.ask(lambda: office.step_back(request)))
        if isinstance(answer, Standing):
            self.order = None
        return answer

    async def leave(self) -> object:
        """Give everything up."""
        if self.standing is None:
            return None
        request = Leave(
            show_id=self.show_id, purchase_id=self.purchase_id, actor=self.context.actor
        )
        office = self.context.givens.office
        return self._note(await self.context.ask(lambda: office.leave(request)))

    async def look(self) -> PurchaseView | Lost | None:
        """Return the purchase as it stands in the office."""
        look = self.context.givens.office.look
        return await self.context.ask(lambda: look.purchase(self.show_id, self.purchase_id))

    async def receipt(self) -> Effect | None:
        """Return the message with the tickets, the one written when they were paid."""
        look = self.context.givens.office.look
        effects = await self.context.ask(lambda: look.effects_of(self.show_id, self.purchase_id))
        if isinstance(effects, Lost):
            return None
        return next((effect for effect in effects if effect.kind == Kind.RECEIPT), None)

    async def handed_over(self) -> None:
        """Note that the receipt was handed over, so that no message is sent for it."""
        office, effect = self.context.givens.office, await self.receipt()
        if effect is not None and effect.state == EffectState.WAITING:
            done = EffectDone(
                show_id=effect.show_id, ledger_seq=effect.ledger_seq, item=effect.item
            )
            await self.context.ask(lambda: office.finish(done))

    def _note(self, answer: object) -> object:
        if isinstance(answer, Standing):
            self.standing = answer
        return answer


def current_payment(view: PurchaseView) -> Payment | None:
    """Return the payment that a purchase waits for."""
    its_id = view.purchase.payment_id
    found = next((p for p in view.payments if p.payment_id == its_id), None)
    return found if found and found.state in UNDER_WAY else None


async def open_sale(context: Context) -> WindowSale | None:
    """Find the sale that the clerk left open: killed, cut off, or locked away.

    Walk-ins who wait in line are no open sale: they have their number. A sale that was paid and
    whose tickets nobody has handed over yet is one.
    """
    look = context.givens.office.look
    if context.clerk is None:
        return None
    name = context.clerk.name
    found = await context.ask(lambda: look.sales_at(f"{name}/"))
    if isinstance(found, Lost):
        return None
    for at, (show_id, purchase_id, state) in enumerate(found):
        live = state in {State.CHOOSING, State.PAYING}
        unprinted = at == 0 and state == State.COMPLETED
        if unprinted:
            effects = await look.effects_of(show_id, purchase_id)
            unprinted = any(e.kind == Kind.RECEIPT and e.state != EffectState.DONE for e in effects)
        if not (live or unprinted):
            continue
        show, view = await look.show(show_id), await look.purchase(show_id, purchase_id)
        if show is not None and view is not None:
            return WindowSale.of(context, show, view)
    return None
