"""What the bot costs a message, beside the bare library, and how fast it answers checkouts.

Two bots, each a process of its own, against a Bot API server each: ours on a real office, and
python-telegram-bot alone, whose handlers answer with a fixed screen. 500 people do the same at both
at once, and taking turns:

    browse   a link to a show is opened: one message is sent
    join     a tap that enters the sale: the tap is answered, the message edited
    basket   a tap that sets how many tickets the basket holds: the same

What counts is the processor time of the bot's process, all threads, beside the other's in the same
round: the machine's own speed changes from one to the next. Then the same people do it
once more at ours alone while others pay in Telegram.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter

from app.clock import SystemClock
from app.keys import make_key
from benchmarks import bot_sides
from benchmarks.ground import Ground, Room, draft, ground, open_terms, tier
from benchmarks.loops import run
from benchmarks.results import Figure, Result, quantile, spread
from benchmarks.running import Options, say
from bot.local_api.people import Person
from bot.local_api.server import LocalApi
from core.outcomes import CheckedOut, Joined
from core.requests import CheckOut, Choose, Join
from payments.telegram import payload_of

SIZE = 500
"""People."""
_PAYING = 20
"""Other people, who pay in Telegram; each of them asks again and again, at moments of their own."""
_PAUSE_S = 0.5
"""Between two checkouts of somebody, on average."""
_LOOK_S = 0.002
_PATIENCE_S = 240
_ACTS = ("browse", "join", "basket")


@dataclass
class _Side:
    """One bot: its process, its server, the people who talk to it."""

    api: LocalApi
    process: Process
    people: Sequence[Person]
    cpu_us: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    """Processor time of an update, by act, a figure a round."""
    checkouts_ms: list[float] = field(default_factory=list[float])
    seconds: float = 0.0
    updates: int = 0

    async def cpu_s(self) -> float:
        """Return the processor seconds that the bot has used."""
        assert self.process.stdin is not None, "it was piped"
        assert self.process.stdout is not None, "it was piped"
        self.process.stdin.write(b"\n")
        told = json.loads(await self.process.stdout.readline())
        self.checkouts_ms += told["checkouts_ms"]
        return told["cpu_s"]

    async def all(self, act: str, do: Callable[[Person], Awaitable[object]]) -> None:
        """Have everybody do something at once, and note what it cost the bot."""
        cpu_s = await self.cpu_s()
        begun = perf_counter()
        await asyncio.gather(*map(do, self.people))
        while self.api.world.updates.pending:  # noqa: ASYNC110 - the queue tells nobody
            await asyncio.sleep(_LOOK_S)
        self.seconds += perf_counter() - begun
        self.updates += len(self.people)
        used_s = await self.cpu_s() - cpu_s
        self.cpu_us.setdefault(act, []).append(1_000_000 * used_s / len(self.people))


def measure(place: Room, options: Options) -> Result:
    """Take turns so often as there are rounds, then measure checkouts."""
    ours, bare = run(_measure(place.folder, options.size or SIZE, options.rounds))
    checkouts_ms = ours.checkouts_ms
    means = [
        [sum(one) / len(_ACTS) for one in zip(*s.cpu_us.values(), strict=True)]
        for s in (ours, bare)
    ]
    ratio = median(mine / floor for mine, floor in zip(*means, strict=True))
    return Result(
        name="bot",
        work=f"{len(ours.people)} people: a browse, a join, a tap that changes the basket",
        figures=(
            Figure(
                field="ratio",
                what="processor time of an update",
                value=ratio,
                floor="the bare library, answering",
                most=2,
            ),
            Figure(
                field="updates_per_s",
                what="updates a second",
                value=ours.updates / ours.seconds,
                floor=f"{bare.updates / bare.seconds:.0f}",
            ),
            Figure(
                field="pre_checkout_p99_ms",
                what="checkout, our own time, p99",
                value=quantile(checkouts_ms, 0.99),
                unit=" ms",
                most=100,
            ),
        ),
        notes=(
            *(
                f"{act}: {spread(ours.cpu_us[act], ' us')} beside {spread(bare.cpu_us[act], ' us')}"
                for act in _ACTS
            ),
            (
                f"{len(checkouts_ms)} checkouts: p50 {quantile(checkouts_ms, 0.5):.1f} ms, "
                f"longest {max(checkouts_ms):.1f} ms"
            ),
        ),
    )


async def _measure(folder: Path, size: int, rounds: int) -> tuple[_Side, _Side]:
    database, key = folder / "bot.sqlite", folder / "bot.key"
    make_key(key)
    async with ground(database) as place:
        slugs = [f"s{number}" for number in range(rounds + 1)]
        terms = open_terms(limit_per_customer=10)
        shows = await place.open(
            *(draft(s, (tier("Pista", size * 2 + _PAYING),), terms) for s in slugs)
        )
        invoices = await _invoices(place, shows[-1])
        environment = {bot_sides.DATABASE: str(database), bot_sides.KEY: str(key)}
        async with (
            asyncio.timeout(_PATIENCE_S),
            _side("ours", environment, size) as ours,
            _side("bare", environment, size) as bare,
        ):
            for number, slug in enumerate(slugs[:-1]):
                for side in (ours, bare) if number % 2 else (bare, ours):
                    await _round(side, slug)
                used = {
                    act: f"{ours.cpu_us[act][-1]:.0f}/{bare.cpu_us[act][-1]:.0f}" for act in _ACTS
                }
                say(f"round {number + 1}, microseconds of an update: {used}")
            paying = [
                asyncio.create_task(_pay(ours, one, Random(n))) for n, one in enumerate(invoices)
            ]
            await _round(ours, slugs[-1], timed=False)
            for one in paying:
                one.cancel()
            await asyncio.gather(*paying, return_exceptions=True)
            await ours.cpu_s()
            return ours, bare


@asynccontextmanager
async def _side(name: str, environment: dict[str, str], size: int) -> AsyncGenerator[_Side]:
    async with LocalApi(SystemClock()) as api:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.bot_sides", name),
            env={**os.environ, **environment, bot_sides.API: f"{api.token} {api.root}"},
            stdin=PIPE,
            stdout=PIPE,
        )
        people = [api.person(f"Fan {number}", language="en") for number in range(size)]
        try:
            yield _Side(api, process, people)
        finally:
            if process.stdin is not None:
                process.stdin.close()
            await process.wait()


async def _round(side: _Side, slug: str, *, timed: bool = True) -> None:
    """Have everybody browse, join and fill the basket."""

    async def browse(person: Person) -> None:
        seen = len(person.messages)
        person.send(f"/start {slug}")
        await person.until(lambda: len(person.messages) > seen)

    acts = {
        "browse": browse,
        "join": partial(_tap, text="Buy tickets"),
        "": partial(_tap, text="Inteira"),
        "basket": partial(_tap, text="2"),
    }
    for act, do in acts.items():
        if timed and act:
            await side.all(act, do)
        else:
            await asyncio.gather(*map(do, side.people))


async def _tap(person: Person, text: str) -> None:
    """Tap a button, or at the bare library any, and wait for the message to be edited."""
    shown = person.messages[-1]
    before = shown.message.get("edit_date"), shown.text
    await person.tap(shown, text if shown.button(text) else bot_sides.TAP)
    await person.until(lambda: person.messages[-1].text != before[1])


async def _invoices(place: Ground, show_id: int) -> list[tuple[str, int]]:
    """Bring some people to where they pay in Telegram; return each invoice's payload and sum."""
    invoices: list[tuple[str, int]] = []
    for customer_id in await place.register(_PAYING):
        purchase_id = place.ids.new()
        joined = await place.office.join(
            Join(show_id=show_id, purchase_id=purchase_id, customer_id=customer_id)
        )
        assert isinstance(joined, Joined), joined
        await place.office.choose(
            Choose(show_id=show_id, purchase_id=purchase_id, wanted=((1, 1),))
        )
        answer = await place.office.check_out(
            CheckOut(
                show_id=show_id,
                purchase_id=purchase_id,
                payment_id=place.ids.new(),
                gateway="telegram",
                method="invoice",
                outside=1,
            )
        )
        assert isinstance(answer, CheckedOut), answer
        invoices.append((payload_of(show_id, answer.payment_id), answer.total_minor))
    return invoices


async def _pay(side: _Side, invoice: tuple[str, int], luck: Random) -> None:
    """Ask the bot about an invoice again and again, as Telegram does before it takes money."""
    payload, amount_minor = invoice
    while True:
        await asyncio.sleep(luck.expovariate(1 / _PAUSE_S))
        asked = side.api.world.ask(
            "pre_checkout_query",
            {
                "from": side.people[0].facts,
                "currency": "BRL",
                "total_amount": amount_minor,
                "invoice_payload": payload,
            },
        )
        answer = await asked.answer
        assert answer["ok"], answer
