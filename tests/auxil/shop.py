"""An office that sells through Stripe: the stand-in, webhooks and workers over real sockets."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from api.server import build
from app.effects import EffectWorker
from app.gateway_calls import GatewayCalls
from app.reconciler import Reconciler
from app.reporting import Money
from app.stripe_hook import StripeHook
from core import requests as ask
from core.box_office import BoxOffice
from core.caretaker import Caretaker
from core.messages import GATEWAY_KINDS, Kind
from core.outcomes import CheckedOut
from core.payments import Payment
from core.ports import Gateway
from core.views import PurchaseView
from payments.stripe.calls import StripeCalls
from payments.stripe.events import StripeEvents
from payments.stripe.gateway import Stripe
from tests.auxil.drafts import fare, show, tier
from tests.auxil.fans import register
from tests.auxil.offices import SIGNER, CountedIds, HandClock, new_file, open_office, publish
from tests.stripe.server import KEY, SECRET, Faults, StripeStandIn, serving, stand_in

MINUTE_MS = 60_000
HOUSE = "house"
PRICE_MINOR = 11_000
"""Of one ticket with its fee."""


@dataclass
class Shop:
    """Everything between a fan and the till."""

    office: BoxOffice
    clock: HandClock
    path: Path
    stripe: StripeStandIn
    gateway: Stripe
    calls: StripeCalls
    money: Money
    worker: EffectWorker
    caretaker: Caretaker
    reconciler: Reconciler
    hook_url: str

    async def work(self) -> None:
        """Carry out what is due at gateways, and let every webhook arrive."""
        while await self.worker.round():
            pass
        await self.stripe.settle()
        while await self.worker.round():
            pass
        await self.stripe.settle()

    async def later(self, ms: int) -> None:
        """Let time pass, the caretaker go round, and work be done."""
        self.clock.ms += ms
        await self.caretaker.round()
        await self.work()

    async def check_out(self, name: str, method: str = "card", tickets: int = 1) -> CheckedOut:
        """Bring someone to the point where they are to pay."""
        await self.office.join(ask.Join(show_id=1, purchase_id=name, customer_id=name))
        await self.office.choose(ask.Choose(show_id=1, purchase_id=name, wanted=((1, tickets),)))
        return await self.pay_again(name, f"{name}-pay", method)

    async def pay_again(self, name: str, payment_id: str, method: str = "card") -> CheckedOut:
        answer = await self.office.check_out(
            ask.CheckOut(
                show_id=1,
                purchase_id=name,
                payment_id=payment_id,
                gateway="stripe",
                method=method,
            )
        )
        assert isinstance(answer, CheckedOut), answer
        await self.work()
        return answer

    async def view(self, name: str) -> PurchaseView:
        view = await self.office.look.purchase(1, name)
        assert view is not None
        return view

    async def payment(self, name: str, number: int = 0) -> Payment:
        return (await self.view(name)).payments[number]

    async def state(self, name: str) -> str:
        """'completed captured', 'paying pending': the purchase, and its newest payment."""
        view = await self.view(name)
        return f"{view.purchase.state} {view.payments[-1].state}"

    async def told(self, name: str) -> list[str]:
        """What the person was told, in order."""
        effects = await self.office.look.effects_of(1, name)
        aside = GATEWAY_KINDS | {Kind.REMINDER}
        return [e.kind for e in effects if e.kind not in aside]

    async def buys(self, name: str, method: str = "card", tickets: int = 1) -> None:
        """The whole way to tickets."""
        await self.check_out(name, method, tickets)
        reference = (await self.payment(name)).reference
        if method == "card":
            assert self.stripe.world.pay_card(reference) == "authorised"
        else:
            assert self.stripe.world.pay_pix(reference) == "paid"
        await self.work()

    async def worth(self) -> int:
        """What the valid tickets are worth, in minor units."""
        show_view = await self.office.look.show(1)
        assert show_view is not None
        return show_view.valid * PRICE_MINOR


@asynccontextmanager
async def open_shop(
    folder: Path, faults: Faults | None = None, capacity: int = 4
) -> AsyncGenerator[Shop]:
    """Open a shop with one show of one tier at 110.00."""

    path, clock = new_file(folder / "shop.db"), HandClock()
    async with (
        open_office(path, clock, CountedIds()) as office,
        stand_in(clock.now_ms, faults) as stripe,
    ):
        whole = fare("inteira", 10_000, 1_000)
        await publish(office, show(tier("pista", capacity, whole), slug="s"))
        await office.run(ask.OpenSale(show_id=1))
        await register(office, "ana", "beto", "caio", "duda")
        calls = StripeCalls(KEY, stripe.url, timeout_s=5)
        gateway = Stripe(calls, "https://t.me/bot", HOUSE)
        gateways: dict[str, Gateway] = {"stripe": gateway}
        money = Money(office, gateways)
        hook = StripeHook(StripeEvents(calls, SECRET, HOUSE), money, clock)

        async def ready() -> None:
            await office.look.next_due_ms()

        async def look_up() -> tuple[()]:
            return ()

        async with serving(build({"stripe": hook}, ready, look_up)) as url:
            stripe.hook = f"{url}/hooks/stripe"
            yield Shop(
                office=office,
                clock=clock,
                path=path,
                stripe=stripe,
                gateway=gateway,
                calls=calls,
                money=money,
                worker=EffectWorker(office, "w", GATEWAY_KINDS, GatewayCalls(office, gateways)),
                caretaker=Caretaker(office, SIGNER),
                reconciler=Reconciler(money, office.look, clock),
                hook_url=stripe.hook,
            )
            await stripe.settle()
        await calls.close()
        await asyncio.sleep(0)
