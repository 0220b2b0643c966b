"""Turns to send: as fast as a channel takes messages, the lower lanes first, one person at a time.

A provider takes so many messages a second, and fewer in one chat. Whoever wants to send waits for a
turn. All processes share a channel's turns (`core.turns`): each reserves small blocks, and has one
in hand before anybody comes, so that at a quiet time no answer waits for the database. Inside a
process, turns go to the lowest lane that waits. Between processes, what people wait for may run a
little ahead of the pace, what can wait may not: answers pass before news. While the database can't
be asked, each process keeps the pace by itself.
"""

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final

from app.wiring import Open
from core.messages import Lane
from core.ports import Clock
from core.turns import Block, Turns

_SOON_MS: Final = 2_000
"""Longer than this nobody is kept waiting for a chat or a pause, unless all are."""
_PATIENCE_S: Final = 15.0
"""Longer than this nobody waits behind better lanes."""
_BACK_MS: Final = 1_000
_FAR_MS: Final = 3_600_000
"""A pause that ends further off than this is the work of a clock that was set back."""
_PEOPLE_KEPT: Final = 10_000
_BLOCKS_PER_S: Final = 10
_AHEAD_MS: Final = 100
_ASK_S: Final = 2.0
"""A database that takes longer to answer is passed over."""
_MS: Final = 1_000
_log = logging.getLogger("bilheteria.pace")


class OwnTurns:
    """One process's turns, and those of one channel, kept to itself."""

    def __init__(self) -> None:
        self._next_ms: int | None = None

    async def reserve(self, block: Block) -> int | None:
        """Give turns out, as `core.turns.Turns` says."""
        due_ms = self._next_ms
        if due_ms is not None and block.open_ms < due_ms <= block.far_ms:
            return None
        if due_ms is None:
            due_ms = block.now_ms
        elif not block.late_ms <= due_ms <= block.far_ms:
            due_ms = block.late_ms
        self._next_ms = due_ms + block.span_ms
        return self._next_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How fast a channel takes messages."""

    channel: str = ""
    per_s: int
    """Messages a second; 0: as many as come."""
    each_ms: int = 0
    """Between two messages to one person, after `each_burst` at once."""
    each_burst: int = 1


class Pace:
    """One channel's pace, in one event loop.

    `patient`: all are kept waiting until their turn; otherwise, what can't have its turn soon is
    told when to come back, and waits in the outbox, where it takes no room from others.
    """

    def __init__(
        self, clock: Clock, rate: Rate, turns: Turns | None = None, *, patient: bool = False
    ) -> None:
        self._clock = clock
        self._channel = rate.channel
        self._own = OwnTurns()
        self._turns = turns or self._own
        self._alone = False
        """Whether the database could not be asked last time."""
        self._block = max(1, rate.per_s // _BLOCKS_PER_S) if rate.per_s else 0
        self._span_ms = -(-self._block * _MS // rate.per_s) if rate.per_s else 0
        self._each_ms = rate.each_ms
        self._ahead_ms = rate.each_ms * (rate.each_burst - 1)
        self._patient = patient
        self._hand = 0
        """Turns that are reserved and not taken."""
        self._held_ms = 0
        """Until when nobody may send, as the provider asked."""
        self._flooded = ("", 0)
        """Who had too much last, and until when."""
        self._people: dict[str, int] = {}
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0
        self._better = asyncio.Event()
        self._giving: asyncio.Task[None] | None = None

    async def turn(self, lane: int, address: str) -> int:
        """Wait for a turn to send to somebody; 0: now. Else: come back in so many ms."""
        now_ms = self._now_ms()
        own_ms = self._people.get(address, 0)
        wait_ms = max(own_ms - self._ahead_ms, self._held_ms) - now_ms
        if wait_ms > _SOON_MS and not self._patient:
            return wait_ms
        if self._each_ms:
            self._forget(now_ms)
            self._people[address] = max(own_ms, now_ms) + self._each_ms
        if wait_ms > 0:
            await asyncio.sleep(wait_ms / _MS)
        try:
            async with asyncio.timeout(None if self._patient else _PATIENCE_S):
                await self._queue(lane)
        except TimeoutError:
            return _BACK_MS
        return 0

    async def clear(self, address: str) -> None:
        """Wait until nothing that went to somebody before keeps the next from going."""
        wait_ms = self._people.get(address, 0) - self._ahead_ms - self._now_ms()
        if wait_ms > 0:
            await asyncio.sleep(wait_ms / _MS)

    def hold(self, pause_ms: int, address: str = "") -> None:
        """Let nobody send for a while, as the provider asked.

        Where it was one chat that had too much, the rest go on; when it says the same of a second
        one meanwhile, it means us all.
        """
        now_ms = self._now_ms()
        until_ms = now_ms + pause_ms
        flooded, self._flooded = self._flooded, (address, until_ms)
        if address and (flooded[1] <= now_ms or flooded[0] == address):
            own_ms = self._people.get(address, 0)
            self._people[address] = max(own_ms, until_ms + self._ahead_ms)
        else:
            self._held_ms = max(self._held_ms, until_ms)

    def _now_ms(self) -> int:
        now_ms = self._clock.now_ms()
        if self._held_ms > now_ms + _FAR_MS:
            self._held_ms = 0
            self._people.clear()
        return now_ms

    async def _queue(self, lane: int) -> None:
        if not self._block:
            return
        if not self._waiting or lane < self._waiting[0][0]:
            self._better.set()
        self._count += 1
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (lane, self._count, turn))
        if self._giving is None or self._giving.done():
            self._giving = asyncio.create_task(self._give())
        await turn

    async def _give(self) -> None:
        """Give turns until nobody waits, then try to have some in hand for who comes next."""
        while self._waiting:
            if self._waiting[0][2].done():  # It went away.
                heappop(self._waiting)
                continue
            now_ms = self._now_ms()
            if self._held_ms > now_ms:
                await asyncio.sleep(min(self._held_ms - now_ms, _SOON_MS) / _MS)
            elif self._hand:
                self._hand -= 1
                heappop(self._waiting)[2].set_result(None)
                if not self._waiting and not self._hand:
                    await self._reserve(Lane.NEWS, now_ms)
            else:
                self._better.clear()
                if not await self._reserve(self._waiting[0][0], now_ms):
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(self._span_ms / self._block / _MS):
                            await self._better.wait()

    async def _reserve(self, lane: int, now_ms: int) -> bool:
        """Reserve a block of turns, if one may be had now."""
        block = Block(
            channel=self._channel,
            now_ms=now_ms,
            span_ms=self._span_ms,
            gap_ms=self._span_ms // self._block,
            ahead_ms=_AHEAD_MS if lane <= Lane.RECEIPTS else 0,
        )
        try:
            async with asyncio.timeout(_ASK_S):
                given = await self._turns.reserve(block)
            self._alone = False
        except Exception as failed:  # noqa: BLE001 - whatever ails it, messages go on
            if not self._alone:
                _log.warning("the pace is kept alone: no answer (%s)", type(failed).__name__)
            self._alone = True
            given = await self._own.reserve(block)
        if given is not None:
            self._hand += self._block
        return given is not None

    def _forget(self, now_ms: int) -> None:
        if len(self._people) > _PEOPLE_KEPT:
            self._people = {who: at_ms for who, at_ms in self._people.items() if at_ms > now_ms}


def telegram_pace(an_office: Open, *, patient: bool = False) -> Pace:
    """Return the pace of Telegram: in one chat about a message a second, after a few at once."""
    rate = Rate(
        channel="telegram",
        per_s=an_office.settings.telegram_per_s,
        each_ms=1_000,
        each_burst=4,
    )
    return Pace(an_office.clock, rate, an_office.store, patient=patient)
