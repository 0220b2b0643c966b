"""Who buys in the storm of payments: people who pay, decline, leave, and come back late."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.wiring import Open
from core import requests as ask
from core.outcomes import CheckedOut, Chosen, Joined
from core.purchase import State
from tests.stripe.server import StripeStandIn

WAYS = (
    *("card",) * 28,
    *("pix",) * 27,
    *("declined",) * 8,
    *("3ds", "3ds no") * 4,
    *("abandons",) * 8,
    *("leaves",) * 5,
    *("goes back",) * 6,
    *("late",) * 8,
    *("disputed",) * 2,
)
"""What people do, in hundredths."""


@dataclass
class Deeds:
    """What people leave for the time when all is over; `seed` decides what each does."""

    seed: int
    late: list[str] = field(default_factory=list[str])
    """Stripe's names of what will be paid when it has ended."""
    disputed: list[str] = field(default_factory=list[str])
    """Purchases whose money will be taken back there."""


@dataclass
class Fan:
    """One person who buys, in a way that was drawn."""

    an_office: Open
    stripe: StripeStandIn
    name: str
    way: str
    deeds: Deeds

    async def buy(self) -> None:
        """Join, choose, check out, and do at Stripe what this one does."""
        office, chance = self.an_office.office, random.Random(self.name + str(self.deeds.seed))
        contact = (("telegram", self.name),)
        await office.register(ask.Register(customer_id=self.name, contacts=contact))
        at: dict[str, Any] = {"show_id": 1, "purchase_id": self.name}
        joined = await office.join(ask.Join(**at, customer_id=self.name))
        if not isinstance(joined, Joined) or joined.state is not State.CHOOSING:
            return
        wanted = ((1, chance.randint(1, 3)),)
        if not isinstance(await office.choose(ask.Choose(**at, wanted=wanted)), Chosen):
            await office.leave(ask.Leave(**at))  # So many are not left.
            return
        pix = self.way in {"pix", "late", "goes back"} or chance.random() < 0.2
        reference = await self._check_out("a", "pix" if pix else "card")
        if self.way == "leaves":
            await office.leave(ask.Leave(**at))
        elif self.way == "goes back":
            await office.step_back(ask.StepBack(**at))
            await self._until(lambda state, _: state == State.CHOOSING)
            again = await self._check_out("b", "card")
            self._pay(again, "card")
            if chance.random() < 0.3:
                self.deeds.late.append(reference)
        elif self.way == "late":
            self.deeds.late.append(reference)
        elif self.way != "abandons":
            self._pay(reference, self.way)
            if self.way == "disputed":
                self.deeds.disputed.append(self.name)
            if chance.random() < 0.05:
                await self._until(lambda state, _: state == State.COMPLETED)
                await office.refund(ask.Refund(**at, refund_id=f"{self.name}-r", reason="asked"))

    async def _check_out(self, attempt: str, method: str) -> str:
        """Check out; return Stripe's name of the payment once it is shown how to pay."""
        payment_id = f"{self.name}-{attempt}"
        answer = await self.an_office.office.check_out(
            ask.CheckOut(
                show_id=1,
                purchase_id=self.name,
                payment_id=payment_id,
                gateway="stripe",
                method=method,
            )
        )
        assert isinstance(answer, CheckedOut), answer
        return await self._until(lambda _, reference: bool(reference))

    async def _until(self, ready: Callable[[str, str], bool]) -> str:
        """Wait until (state, reference of the newest payment) are so; give up as people do."""
        async with asyncio.timeout(45):
            while True:
                view = await self.an_office.look.purchase(1, self.name)
                assert view is not None, "it was joined"
                newest = max(view.payments, key=lambda p: p.payment_id)
                if ready(view.purchase.state, newest.reference):
                    return newest.reference
                await asyncio.sleep(0.1)

    def _pay(self, reference: str, way: str) -> None:
        world = self.stripe.world
        if reference.startswith("pi_"):
            world.pay_pix(reference)
            return
        if not reference.startswith("cs_"):
            return
        if way == "declined":
            world.pay_card(reference, "declined")
        if way.startswith("3ds"):
            world.pay_card(reference, "3ds")
            world.answer_3ds(reference, yes=way == "3ds")
        else:
            world.pay_card(reference)
