"""A sale at the window, step by step, each of which may be repeated: `sell` and `join`.

Everything the sale creates is named after its key, so that a sale that was cut off goes on where it
stood when it is run again with the same key.
"""

from base64 import b32encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from app.cli.frame import Refused
from app.cli.words import local_time, refusal
from core.messages import EffectState, Kind
from core.outcomes import CheckedOut, NotOnSale, Paid, Registered, Standing
from core.payments import UNDER_WAY, PaymentState
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
    StepBack,
)
from core.views import PurchaseView, ShowView
from payments.counter import NAME as COUNTER
from payments.counter import Taken

if TYPE_CHECKING:
    from app.wiring import Open

_ID_LENGTH = 26
_TO_CROCKFORD = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """How a sale is paid. `take` takes an order's money, or raises `Refused`."""

    method: str
    take: Callable[[CheckedOut], Taken]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """What a sale came to."""

    view: PurchaseView
    change_minor: int | None
    """None: the money was taken when this sale was run before."""


class WindowSale:
    """One walk-in's sale at one show."""

    def __init__(self, an_office: "Open", show: ShowView, key: str | None, actor: str) -> None:
        self._open = an_office
        self._named = key is not None
        key = key or an_office.ids.new()
        self.key = key
        self._office = an_office.office
        self._show = show
        self._actor = actor
        self._language = an_office.settings.language
        self.show_id = show.card.show_id
        self.purchase_id = _id_of("purchase", str(self.show_id), key)

    async def join(self) -> Standing:
        """Make the walk-in a customer with a place at the show, or find where it stands."""
        known = await self._office.register(
            Register(
                customer_id=_id_of("customer", str(self.show_id), self.key),
                contacts=(("walk_in", f"{self.show_id}:{self.key}"),),
                language=self._language,
                actor=self._actor,
            )
        )
        if not isinstance(known, Registered):
            raise Refused(refusal(known, self._show, self._language))
        request = Join(
            show_id=self.show_id,
            purchase_id=self.purchase_id,
            customer_id=known.customer_id,
            channel=WINDOW,
            actor=self._actor,
        )
        answer = await self._office.join(request)
        if isinstance(answer, NotOnSale) and self._should_be_open(answer):
            await self._open.caretaker.round()
            answer = await self._office.join(request)
        return self._standing(answer)

    def _should_be_open(self, answer: NotOnSale) -> bool:
        """Whether only a scheduler is missing: no `bilheteria work` runs."""
        opens_ms = answer.opens_ms
        return opens_ms is not None and opens_ms <= self._open.clock.now_ms()

    async def sell(
        self,
        standing: Standing,
        wanted: tuple[tuple[int, int], ...],
        document: str | None,
        money: Money,
    ) -> Sold:
        """Go from wherever the sale stands to tickets.

        A refusal keeps the place of a sale that was given a key, to be put right with the same
        key while its clock runs; a sale without one nobody could take up again, so it lets go.
        """
        change_minor = None
        try:
            if standing.state is State.CALLED:
                claim = Claim(show_id=self.show_id, purchase_id=self.purchase_id, actor=self._actor)
                standing = self._standing(await self._office.claim(claim))
            if standing.state is State.CHOOSING:
                await self._choose(wanted, document)
            if standing.state in {State.CHOOSING, State.PAYING}:
                change_minor = await self._pay(money)
            self._refuse_if_over(standing)
        except Refused as refused:
            if not self._named:
                await self.leave()
                raise
            kept = await self._step_back()
            raise Refused(f"{refused}{kept}", refused.code, refused.facts) from refused
        view = await self._office.look.purchase(self.show_id, self.purchase_id)
        assert view is not None, "a sale just made is there"
        await self._receipt_handed_over()
        return Sold(view=view, change_minor=change_minor)

    def _refuse_if_over(self, standing: Standing) -> None:
        if standing.state in {State.LEFT, State.LAPSED, State.CLOSED}:
            over = f"the sale with the key '{self.key}' is over ({standing.state})"
            raise Refused(f"{over}: use another key")

    async def _choose(self, wanted: tuple[tuple[int, int], ...], document: str | None) -> None:
        self._standing(
            await self._office.choose(
                Choose(
                    show_id=self.show_id,
                    purchase_id=self.purchase_id,
                    wanted=wanted,
                    document=document,
                    actor=self._actor,
                )
            )
        )

    async def _pay(self, money: Money) -> int:
        order = await self._office.check_out(
            CheckOut(
                show_id=self.show_id,
                purchase_id=self.purchase_id,
                payment_id=await self._payment_id(),
                gateway=COUNTER,
                method=money.method,
                outside=0,
                actor=self._actor,
            )
        )
        if not isinstance(order, CheckedOut):
            raise Refused(refusal(order, self._show, self._language))
        taken = money.take(order)
        paid = await self._office.report(taken.report)
        if not isinstance(paid, Paid):
            raise Refused(f"not sold: {refusal(paid, self._show, self._language)}")
        return taken.change_minor

    async def _payment_id(self) -> str:
        """Name the attempt to pay: one under way or paid is taken up, a failed one followed."""
        view = await self._office.look.purchase(self.show_id, self.purchase_id)
        payments = view.payments if view is not None else ()
        attempt = len(payments)
        if payments and payments[-1].state in UNDER_WAY | {PaymentState.CAPTURED}:
            attempt -= 1
        return _id_of("payment", str(self.show_id), self.key, str(attempt))

    async def leave(self) -> Standing:
        """Give the place up; what it held goes to the next in line."""
        leave = Leave(show_id=self.show_id, purchase_id=self.purchase_id, actor=self._actor)
        return self._standing(await self._office.leave(leave))

    async def _step_back(self) -> str:
        """Go back to choosing, if it was paying; say until when the place is kept."""
        back = StepBack(show_id=self.show_id, purchase_id=self.purchase_id, actor=self._actor)
        await self._office.step_back(back)
        view = await self._office.look.purchase(self.show_id, self.purchase_id)
        if view is None or view.purchase.deadline_ms is None:
            return ""
        zone = self._show.card.time_zone
        until = local_time(view.purchase.deadline_ms, zone, self._language)
        return f"; the place is kept until {until}: try again with --key {self.key}"

    async def _receipt_handed_over(self) -> None:
        """Note the receipt as given: it was printed before the customer's eyes."""
        for effect in await self._office.look.effects_of(self.show_id, self.purchase_id):
            if effect.kind == Kind.RECEIPT and effect.state == EffectState.WAITING:
                await self._office.finish(
                    EffectDone(
                        show_id=effect.show_id,
                        ledger_seq=effect.ledger_seq,
                        item=effect.item,
                        actor=self._actor,
                    )
                )

    def _standing(self, answer: object) -> Standing:
        if not isinstance(answer, Standing):
            raise Refused(refusal(answer, self._show, self._language))
        return answer


def _id_of(*parts: str) -> str:
    digest = sha256("\n".join(parts).encode()).digest()
    return b32encode(digest).decode("ascii")[:_ID_LENGTH].translate(_TO_CROCKFORD)
