"""The storm of payments: thousands of purchases through Stripe with every fault at once.

A crowd pays by card and Pix at a stand-in that answers 429 and 500, cuts its answers, loses,
repeats, delays and forges its webhooks and is gone for moments, while the processes of the office
are killed and started again. People are declined, leave, pay late, pay what was ended, get money
back by hand at the provider, or dispute it. In the end, webhooks silent, the reconciler has the
last word, and both sides must agree to the last cent. The seed decides what everybody does.
"""

import asyncio
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.clock import SystemClock
from app.effects import EffectWorker
from app.gateway_calls import GatewayCalls
from app.reconciler import Reconciler
from app.reporting import Money
from app.settings import Settings
from app.wiring import Open, open_office
from benchmarks.ground import Room
from benchmarks.payment_fans import WAYS, Deeds, Fan
from benchmarks.results import Figure, Result
from benchmarks.running import Options, say
from core import requests as ask
from core.catalogue import Fare, ShowDraft, Tier, Venue
from core.draw import seed_digest
from core.messages import GATEWAY_KINDS, EffectState
from core.outcomes import Published
from core.ports import Overloaded, StorageLost
from core.terms import DAY_MS, MINUTE_MS, Terms
from tests.stripe.server import KEY, SECRET, Faults, StripeStandIn, stand_in
from tests.stripe.world import World

PURCHASES = 2_000
SEED = 4
PRICE_MINOR, FEE_MINOR = 10_000, 1_000
_AT_ONCE = 120
_STEP_MS = 65_000
_STEPS = 60
_LATE_STEP = 15
"""By then every deadline has passed: who pays now pays late."""
_TOLD = 10
"""Differences that are told in words."""
_ROOT = Path(__file__).resolve().parent.parent
_FAULTS: dict[str, Any] = {
    "too_many": 30,
    "error": 20,
    "error_after": 15,
    "cut": 20,
    "drop": 20,
    "slow": 30,
    "lose": 150,
    "twice": 150,
    "delay": 300,
    "delay_s": 1.0,
    "forge": 50,
}


@dataclass
class Clock:
    """The machine's clock; `ahead_ms` moves once the crowd has gone, to see every deadline pass."""

    ahead_ms: int = 0

    def now_ms(self) -> int:
        """Return the time of the storm."""
        return SystemClock().now_ms() + self.ahead_ms


@dataclass
class Outcome:
    """What the storm left."""

    purchases: int = 0
    by_kind: dict[str, int] = field(default_factory=dict[str, int])
    """How many faults of each kind there were."""
    kills: int = 0
    sold: int = 0
    charged_without_ticket: int = 0
    ticket_without_charge: int = 0
    difference_minor: int = 0
    kept_minor: int = 0
    listed: list[str] = field(default_factory=list[str])
    """What the reconciler still puts before a person."""

    @property
    def faults(self) -> int:
        """How many faults there were."""
        return sum(self.by_kind.values())

    @property
    def clean(self) -> bool:
        """Whether the money is right."""
        wrong = self.charged_without_ticket or self.ticket_without_charge
        return not (wrong or self.difference_minor or self.listed)


class Storm:
    """One storm in a folder of its own."""

    def __init__(self, folder: Path, purchases: int, seed: int, database: str = "") -> None:
        self.folder, self.purchases, self.seed = folder, purchases, seed
        self.clock = Clock()
        self.chance = random.Random(seed)
        self.kills = 0
        self.kill_each = purchases
        self.strike = asyncio.Event()
        self.deeds = Deeds(seed)
        self.database = database or f"sqlite:{folder / 'storm.db'}"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])

    def settings(self, url: str) -> dict[str, str]:
        """Return what the office and its processes are told."""
        return {
            "database": self.database,
            "key_file": str(self.folder / "house.key"),
            "stripe_key": KEY,
            "stripe_webhook_secret": SECRET,
            "stripe_url": url,
            "serve_port": str(self.port),
            "reconcile_seconds": "5",
            "log_level": "error",
        }

    def environment(self, url: str) -> dict[str, str]:
        """Return the environment of a process of the office."""
        told = {f"BILHETERIA_{name.upper()}": text for name, text in self.settings(url).items()}
        clean = {k: v for k, v in os.environ.items() if not k.startswith("BILHETERIA_")}
        return clean | told | {"PYTHONPATH": str(_ROOT)}

    async def run(self, kill_each: int) -> Outcome:
        """Let it all happen, and count; a process is killed each time so many have bought."""
        self.kill_each = kill_each
        faults = Faults(seed=self.seed, **_FAULTS)
        async with stand_in(self.clock.now_ms, faults) as stripe:
            environment = self.environment(stripe.url)
            init = [sys.executable, "-m", "app", "init"]
            await asyncio.to_thread(
                subprocess.run, init, cwd=self.folder, env=environment, check=True,
                stdout=subprocess.DEVNULL,
            )  # fmt: skip
            stripe.hook = f"http://127.0.0.1:{self.port}/hooks/stripe"
            settings = Settings.model_validate(self.settings(stripe.url))
            async with open_office(settings, self.clock) as an_office:
                await self._put_on_sale(an_office)
                async with self._processes(environment), self._outages(faults):
                    await self._crowd(an_office, stripe)
                    await stripe.settle()
                stripe.faults = Faults()
                stripe.hook = ""
                say("the crowd has gone; the reconciler has the last word")
                outcome = await self._settle(an_office, stripe.world)
            outcome.by_kind = faults.counts
            outcome.kills = self.kills
            return outcome

    async def _put_on_sale(self, an_office: Open) -> None:
        now_ms = self.clock.now_ms()
        venue = Venue(
            name="Storm", address="", city="Recife", region="PE", country="BR", time_zone="UTC"
        )
        fare = Fare(
            name="inteira", price_minor=PRICE_MINOR, fee_minor=FEE_MINOR, quota=None,
            proof=False, document=False,
        )  # fmt: skip
        tier = Tier(name="pista", capacity=self.purchases * 2, fares=(fare,), allotments=())
        terms = Terms(
            sale_opens_ms=now_ms - 1_000,
            sale_closes_ms=now_ms + 20 * DAY_MS,
            paying_ms=5 * MINUTE_MS,
            retry_ms=MINUTE_MS,
        )
        draft = ShowDraft(
            slug="storm", title="Storm", description="", language="en", series=None, venue=venue,
            starts_ms=now_ms + 30 * DAY_MS, doors_ms=None, currency="BRL", tiers=(tier,),
            quotas=(), terms=terms,
        )  # fmt: skip
        digests = {"storm": seed_digest(an_office.signer.seed("storm"))}
        answer = await an_office.office.publish(ask.Publish(drafts=(draft,), seed_digests=digests))
        assert isinstance(answer, Published), answer
        await an_office.office.run(ask.OpenSale(show_id=1))

    # The office's processes.

    @asynccontextmanager
    async def _processes(self, environment: dict[str, str]) -> AsyncGenerator[None]:
        """Keep the office's processes going, and kill one of them now and then."""
        verbs = ("work", "serve", "work")
        running = [self._start(verb, environment) for verb in verbs]
        killing = asyncio.create_task(self._kill(running, verbs, environment))
        try:
            yield
        finally:
            killing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await killing
            for process in running:
                process.kill()
                process.wait()

    def _start(self, verb: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "app", verb]
        with (self.folder / f"{verb}.log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=self.folder, env=environment, stdout=log, stderr=log
            )

    async def _kill(
        self,
        running: list[subprocess.Popen[bytes]],
        verbs: tuple[str, ...],
        environment: dict[str, str],
    ) -> None:
        while True:
            await self.strike.wait()
            self.strike.clear()
            one = self.chance.randrange(len(running))
            running[one].send_signal(signal.SIGKILL)
            running[one].wait()
            self.kills += 1
            running[one] = self._start(verbs[one], environment)

    @asynccontextmanager
    async def _outages(self, faults: Faults) -> AsyncGenerator[None]:
        """Let Stripe be gone for a moment, now and then."""

        async def come_and_go() -> None:
            while True:
                await asyncio.sleep(8)
                faults.down = True
                faults.counts["down"] = faults.counts.get("down", 0) + 1
                await asyncio.sleep(1)
                faults.down = False

        going = asyncio.create_task(come_and_go())
        try:
            yield
        finally:
            going.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await going
            faults.down = False

    # The crowd.

    async def _crowd(self, an_office: Open, stripe: StripeStandIn) -> None:
        room = asyncio.Semaphore(_AT_ONCE)
        done = 0

        async def one(number: int, way: str) -> None:
            nonlocal done
            async with room:
                with contextlib.suppress(StorageLost, Overloaded, TimeoutError):
                    await Fan(an_office, stripe, f"f{number:05d}", way, self.deeds).buy()
                done += 1
                if done % self.kill_each == 0:
                    self.strike.set()
                if done % 200 == 0:
                    say(f"{done} of {self.purchases}, {self.kills} kills")

        ways = [self.chance.choice(WAYS) for _ in range(self.purchases)]
        await asyncio.gather(*(one(number, way) for number, way in enumerate(ways)))

    # The end.

    async def _settle(self, an_office: Open, world: World) -> Outcome:
        office, gateways = an_office.office, an_office.gateways
        calls = GatewayCalls(office, gateways)
        worker = EffectWorker(office, an_office.ids.new(), GATEWAY_KINDS, calls)
        reconciler = Reconciler(Money(office, gateways), an_office.look, self.clock)
        for step in range(_STEPS):
            self.clock.ahead_ms += _STEP_MS
            await an_office.caretaker.round()
            while await worker.round():
                pass
            if step == _LATE_STEP:
                self._late_acts(world)
            if step < _LATE_STEP + 2:
                continue
            found = await reconciler.since(0)
            outbox = await an_office.look.outbox()
            waits = [
                one for one in outbox
                if one.kind in GATEWAY_KINDS and one.state == EffectState.WAITING
            ]  # fmt: skip
            still = await an_office.look.payments_open(self.clock.now_ms(), 10)
            if not waits and not still and not found.differences and not found.failed:
                break
        outcome = Outcome(purchases=self.purchases)
        outcome.listed = [one.what for one in (await reconciler.since(0)).listed]
        await self._count(an_office, world, outcome)
        return outcome

    def _late_acts(self, world: World) -> None:
        """Everything is over: now some pay all the same, and banks and clerks act by hand."""
        for reference in self.deeds.late:
            if reference.startswith("pi_"):
                world.pay_pix(reference, late=True)
            else:
                world.pay_card(reference)
        for purchase in self.deeds.disputed:
            paid = [
                i for i in world.intents.values()
                if i["metadata"].get("purchase") == purchase and i["status"] == "succeeded"
            ]  # fmt: skip
            for intent in paid:
                if self.chance.random() < 0.5:
                    world.close_dispute(world.dispute(intent["id"]), "lost")
                else:
                    asked = {"payment_intent": intent["id"], "amount": intent["amount_received"]}
                    world.make_refund(asked)

    async def _count(self, an_office: Open, world: World, outcome: Outcome) -> None:
        """Hold what the provider kept against what the tickets are worth, for each and in all."""
        net: dict[str, int] = {}
        back: dict[str, int] = {}
        for refund in world.refunds.values():
            if refund["status"] == "succeeded":
                intent = refund["payment_intent"]
                back[intent] = back.get(intent, 0) + refund["amount"]
        for dispute in world.disputes.values():
            if dispute["status"] == "lost":
                intent = dispute["payment_intent"]
                back[intent] = back.get(intent, 0) + dispute["amount"]
        for intent in world.intents.values():
            purchase = intent["metadata"]["purchase"]
            kept = intent["amount_received"] - back.get(intent["id"], 0)
            net[purchase] = net.get(purchase, 0) + kept
        worth_in_all = 0
        for number in range(self.purchases):
            name = f"f{number:05d}"
            view = await an_office.look.purchase(1, name)
            tickets = view.tickets if view is not None else ()
            worth = sum(t.price_minor + t.fee_minor for t in tickets if t.state == "valid")
            worth_in_all += worth
            outcome.sold += sum(1 for t in tickets if t.state == "valid")
            outcome.charged_without_ticket += net.get(name, 0) > worth
            outcome.ticket_without_charge += net.get(name, 0) < worth
        outcome.kept_minor = world.kept_minor()
        outcome.difference_minor = outcome.kept_minor - worth_in_all


def measure(place: Room, options: Options, database: str = "") -> Result:
    """Run the storm and tell what it left; `database`: its URL, if it is no file of its own."""
    purchases = options.size or PURCHASES
    folder = place.folder / "payment-storm"
    folder.mkdir(exist_ok=True)
    began = time.perf_counter()
    outcome = asyncio.run(Storm(folder, purchases, SEED, database).run(kill_each=50))
    took_s = time.perf_counter() - began
    told = (
        Figure(field="purchases", what="purchases", value=outcome.purchases),
        Figure(field="faults", what="faults", value=outcome.faults),
        Figure(field="kills", what="processes killed", value=outcome.kills),
        Figure(field="tickets", what="tickets valid at the end", value=outcome.sold),
        Figure(
            field="charged_without_ticket", what="charged without a ticket",
            value=outcome.charged_without_ticket, most=0,
        ),
        Figure(
            field="ticket_without_charge", what="tickets without a charge",
            value=outcome.ticket_without_charge, most=0,
        ),
        Figure(
            field="difference_minor", what="kept less what the tickets are worth",
            value=abs(outcome.difference_minor), unit=" minor units", most=0,
        ),
        Figure(
            field="left_for_a_person", what="differences that no rule mends",
            value=len(outcome.listed), most=0,
        ),
        Figure(field="seconds", what="it took", value=took_s, unit=" s"),
    )  # fmt: skip
    engine = "PostgreSQL" if database else "SQLite"
    work = f"{purchases} purchases on {engine} through a Stripe that fails in every way"
    kinds = ", ".join(f"{name} {count:,}" for name, count in sorted(outcome.by_kind.items()))
    load = f"seed {SEED}; load at the end {os.getloadavg()[0]:.1f}"
    notes = (f"faults: {kinds}", load, *outcome.listed[:_TOLD])
    return Result(name="payment_storm", work=work, figures=told, notes=notes)
