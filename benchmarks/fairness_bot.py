"""Fairness to slow connections, through the bot: `python -m benchmarks fairness --face bot`.

300 people want one of 60 tickets, each in a chat with the real bot: half of them on 50 ms links,
half on 3 s links that lose a fifth of what is sent either way. Bot, Telegram's stand-in, calls and
payments talk over sockets, everything in real time and at the paces of a real sale, a process a
seed. A smaller size takes one seed, and links that are ten times as fast.
"""

import asyncio
import contextlib
import json
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from app.chat.stage import Stage, set_stage
from app.clock import SystemClock
from app.demo.chance import Chance
from app.demo.links import FAST, SLOW, LinkKind
from app.demo.tally import Order
from benchmarks.ground import Room, draft, open_terms, tier
from benchmarks.loops import run
from benchmarks.results import Figure, Result
from benchmarks.running import Options, say
from bot.local_api.people import Button, Link, Person
from core.messages import Kind
from core.requests import OpenSale
from core.terms import HOUR_MS
from core.views import ShowView

SIZE = 300
SEEDS = 5
_FANS_PER_TICKET = 5
_LOOK_S = 0.2
_PATIENCE_S = 900
_STEPS = ("Copy the code", "Pay by Pix", "1", "Inteira ·", "Choose my tickets", "Buy tickets")
"""Buttons of a purchase, what comes last first."""
_SLUG = "fair-show"
_MS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What one run showed; successes in percent."""

    slow: float
    fast: float
    inversions: int
    ended: int
    """Clocks that ended on somebody who was there and trying."""


@dataclass(slots=True)
class _Fan:
    """Somebody who does it again, and opens the app anew, until it is seen to work."""

    stage: Stage
    person: Person
    patience_s: float

    async def buy(self) -> None:
        """Enter the lobby, then go on whenever there is a way to go on."""
        while True:
            key = self._key()
            if key is not None:
                await self._press(key)
            elif not self.person.messages:
                self.person.send(f"/start {_SLUG}")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.patience_s):
                    await self.person.until(lambda tapped=key: self._key() != tapped)
                    continue
            self.person.reopen()

    def _key(self) -> tuple[int, Button] | None:
        """Return the button to tap now, and its message's id: the furthest in the purchase."""
        inside = self.person.find("Give up") is not None
        for step in _STEPS[: -1 if inside else None]:
            for shown in reversed(self.person.messages):
                for button in shown.buttons:
                    if button.text == step or (not step.isdigit() and step in button.text):
                        return shown.message_id, button
        return None

    async def _press(self, key: tuple[int, Button]) -> None:
        message_id, button = key
        if button.copied:
            await self.stage.bank.pay(self.stage.office, button.copied)
            return
        shown = next(one for one in self.person.messages if one.message_id == message_id)
        self.person.press_data(shown, button.data)


def measure(place: Room, options: Options) -> Result:
    """Run every seed; a smaller size takes fewer seeds too."""
    size = options.size or SIZE
    whole = size >= SIZE
    seeds = SEEDS if whole else 1
    folders = [place.folder / str(seed) for seed in range(seeds)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        runs = list(
            pool.map(_seed, folders, range(seeds), [size] * seeds, [1 if whole else 10] * seeds)
        )
    points = [one.slow - one.fast for one in runs]
    return Result(
        name="fairness",
        work=f"{size:,} fans in the bot, {size // _FANS_PER_TICKET:,} tickets, {seeds} seeds",
        figures=(
            Figure(
                field="slow_minus_fast_points",
                what="slow less fast, in points",
                value=mean(points),
                least=-5,
                most=5,
            ),
            Figure(
                field="inversions",
                what="inversions",
                value=sum(one.inversions for one in runs),
                most=0,
            ),
            Figure(
                field="places_lost",
                what="places lost to the connection",
                value=sum(one.ended for one in runs),
                most=0,
            ),
        ),
        notes=(
            (
                f"slow {mean(one.slow for one in runs):.1f} %, fast "
                f"{mean(one.fast for one in runs):.1f} %; by seed {min(points):+.1f} to "
                f"{max(points):+.1f} points"
            ),
        ),
    )


def _seed(folder: Path, seed: int, fans: int, faster: int) -> _Found:
    folder.mkdir()
    found = run(_sale(folder, seed, fans, faster))
    say(f"seed {seed}: {found}")
    return found


async def _sale(folder: Path, seed: int, fans: int, faster: int) -> _Found:
    """Sell a show with a lobby to a crowd; ends when all its tickets are sold."""
    tickets = fans // _FANS_PER_TICKET
    opens_ms = SystemClock().now_ms() + HOUR_MS
    terms = open_terms(sale_opens_ms=opens_ms, lobby_opens_ms=opens_ms - 2 * HOUR_MS)
    show = draft(_SLUG, (tier("Pista", tickets),), terms)
    async with set_stage(folder, SystemClock(), (show,)) as stage:
        people = [_fan(stage, seed, number, faster) for number in range(fans)]
        tasks = [asyncio.create_task(fan.buy()) for fan in people]
        try:
            async with asyncio.timeout(_PATIENCE_S):
                # It opens when everybody is in the lobby, however long that takes this machine.
                await _until(stage, lambda show: show.lobby == fans)
                await stage.office.run(OpenSale(show_id=1))
                await _until(stage, lambda show: show.valid == tickets)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        bought = [await _bought(stage, fan.person) for fan in people]
        slow, fast = (100 * mean(bought[kind::2]) for kind in (1, 0))
        return _Found(
            slow=slow,
            fast=fast,
            inversions=await _inversions(stage, fans),
            ended=await _ended(stage),
        )


def _fan(stage: Stage, seed: int, number: int, faster: int) -> _Fan:
    kind: LinkKind = SLOW if number % 2 else FAST
    person = stage.api.person(f"Fan {number}", language="en")
    latency_s = kind.delay_ms / _MS / faster
    person.link = Link(latency_s, kind.lost, Chance(seed, f"fan {number}").part)
    return _Fan(stage, person, kind.retry_ms / _MS / faster)


async def _until(stage: Stage, true: Callable[[ShowView], bool]) -> None:
    while (  # noqa: ASYNC110 - the office tells nobody
        show := await stage.office.look.show(1)
    ) is not None and not true(show):
        await asyncio.sleep(_LOOK_S)


async def _bought(stage: Stage, person: Person) -> bool:
    customer = await stage.office.look.customer_of("telegram", str(person.user_id))
    purchases = await stage.office.look.purchases_of(customer) if customer else ()
    return any(purchase.tickets and not purchase.live for purchase in purchases)


async def _inversions(stage: Stage, fans: int) -> int:
    """Count those called before somebody with a lower number who still waited."""
    order = Order(numbers=set(range(1, fans + 1)))
    calls = await stage.office.look.messages(kind=Kind.YOUR_TURN, limit=fans * 2)
    for call in sorted(calls, key=lambda one: one.effect.ledger_seq):
        order.serve(json.loads(call.effect.data)["number"])
    return order.inversions()


async def _ended(stage: Stage) -> int:
    kinds = (Kind.SECOND_CHANCE, Kind.CALL_LAPSED, Kind.TIME_ENDED)
    return sum([len(await stage.office.look.messages(kind=kind)) for kind in kinds])
