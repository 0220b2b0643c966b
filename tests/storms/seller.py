"""A process that sells until it is killed, saying what it asks and what was answered.

    python -m tests.storms.seller DATABASE ROUND

Each line is JSON: ["ask", number, request, fields] before, ["answer", number, facts] after.
"""

import asyncio
import dataclasses
import json
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random
from typing import Any, TypeVar

from core import requests as ask
from core.box_office import BoxOffice
from core.caretaker import Caretaker
from core.outcomes import CheckedOut, Standing
from core.ports import StorageLost
from core.purchase import State
from data.database import Database, database_at
from tests.auxil.drafts import T0_MS
from tests.auxil.offices import SIGNER, CountedIds, HandClock, open_office

_Request = TypeVar("_Request", bound=ask.Request)
FANS = 12
SHOWS = (1, 2)
ROUND_MS = 120_000


def say(*words: object) -> None:
    """One line, written whole: it is in the pipe before anything else happens."""
    os.write(1, json.dumps(words).encode() + b"\n")


async def patiently(door: Callable[[_Request], Awaitable[object]], request: _Request) -> object:
    """Ask until the storage is there: asking again is harmless."""
    while True:
        try:
            return await door(request)
        except StorageLost:
            await asyncio.sleep(0.05)


class Seller:
    """Fans who buy, leave, return and vanish."""

    def __init__(self, office: BoxOffice, turn: int) -> None:
        self.office, self.turn = office, turn
        self.random = Random(turn)
        self.asked = 0

    async def ask(self, door: Callable[[_Request], Awaitable[object]], request: _Request) -> object:
        self.asked += 1
        number = self.asked
        say("ask", number, type(request).__name__, dataclasses.asdict(request))
        answer = await patiently(door, request)
        facts = dataclasses.asdict(answer)  # type: ignore[call-overload]
        say("answer", number, type(answer).__name__, facts)
        return answer

    async def fan(self, name: str) -> None:
        office, chance = self.office, self.random
        register = ask.Register(customer_id=name, contacts=(("telegram", name),))
        await self.ask(office.register, register)
        at: dict[str, Any] = {"show_id": chance.choice(SHOWS), "purchase_id": name}
        joined = await self.ask(office.join, ask.Join(**at, customer_id=name))
        if not isinstance(joined, Standing) or joined.state is not State.CHOOSING:
            if chance.random() < 0.5:
                await self.ask(office.leave, ask.Leave(**at))
            return
        wanted = ((1, chance.randint(1, 3)),)
        await self.ask(office.choose, ask.Choose(**at, wanted=wanted))
        if chance.random() < 0.2:
            return
        pay = ask.CheckOut(**at, payment_id=f"{name}-pay", gateway="bank", method="card")
        order = await self.ask(office.check_out, pay)
        if isinstance(order, CheckedOut):
            await self.pay(order)

    async def pay(self, order: CheckedOut) -> None:
        office, chance = self.office, self.random
        for state in ("authorised", "captured"):
            report = ask.Report(
                show_id=order.show_id,
                payment_id=order.payment_id,
                event_id=f"{order.payment_id}-{state}",
                state=state,
                amount_minor=order.total_minor,
                currency="BRL",
            )
            await self.ask(office.report, report)
        if chance.random() < 0.3:
            refund = ask.Refund(
                show_id=order.show_id,
                purchase_id=order.purchase_id,
                refund_id=f"{order.purchase_id}-back",
                reason="",
            )
            await self.ask(office.refund, refund)

    async def fans(self, seat: int) -> None:
        for count in range(1_000_000):
            await self.fan(f"r{self.turn}-{seat}-{count}")

    async def sweep(self, caretaker: Caretaker, clock: HandClock) -> None:
        while True:
            clock.ms += 1_000
            with suppress(StorageLost):
                await caretaker.round()
            await asyncio.sleep(0.005)


async def main(database: Database, turn: int) -> None:
    """Sell for ever."""
    clock = HandClock(T0_MS + turn * ROUND_MS)
    ids = CountedIds()
    ids.count = turn * 1_000_000
    async with open_office(database, clock, ids) as office:
        seller = Seller(office, turn)
        say("open")
        await asyncio.gather(
            seller.sweep(Caretaker(office, SIGNER), clock),
            *(seller.fans(seat) for seat in range(FANS)),
        )


if __name__ == "__main__":
    asyncio.run(main(database_at(sys.argv[1]), int(sys.argv[2])))
