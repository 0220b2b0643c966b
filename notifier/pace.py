"""Turns to send: as fast as a channel takes messages, the lower lanes first, one person at a time.

A provider takes so many messages a second, and fewer in one chat. Whoever wants to send waits for a
turn. Turns go to the lowest lane that waits; who was written to a moment ago holds up nobody else.
What can't have its turn soon is told when to come back, and goes back to the outbox: while it waits
there it takes no room from others.
"""

import asyncio
from heapq import heappop, heappush
from typing import Final

from core.ports import Clock

_SOON_MS: Final = 2_000
"""Longer than this nobody is kept waiting for a chat or a pause."""
_PATIENCE_S: Final = 15.0
"""Longer than this nobody waits behind better lanes."""
_BACK_MS: Final = 1_000
_FAR_MS: Final = 3_600_000
"""A turn further off than this is the work of a clock that was set back."""
_PEOPLE_KEPT: Final = 10_000
_MS: Final = 1_000


class Pace:
    """One channel's pace, in one event loop. `per_s`: messages a second; 0: as many as come.

    `each_ms`: between two messages to one person, after `each_burst` at once.
    """

    def __init__(
        self, clock: Clock, per_s: float, *, each_ms: int = 0, each_burst: int = 1
    ) -> None:
        self._clock = clock
        self._gap_ms = _MS / per_s if per_s else 0.0
        self._each_ms = each_ms
        self._ahead_ms = each_ms * (each_burst - 1)
        self._next_ms = 0.0
        """When the next turn is due."""
        self._held_ms = 0
        """Until when nobody may send, as the provider asked."""
        self._flooded = ("", 0)
        """Who had too much last, and until when."""
        self._people: dict[str, int] = {}
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self, lane: int, address: str) -> int:
        """Wait for a turn to send to somebody; 0: now. Else: come back in so many ms."""
        now_ms = self._now_ms()
        own_ms = self._people.get(address, 0)
        wait_ms = max(own_ms - self._ahead_ms, self._held_ms) - now_ms
        if wait_ms > _SOON_MS:
            return wait_ms
        if self._each_ms:
            self._forget(now_ms)
            self._people[address] = max(own_ms, now_ms) + self._each_ms
        if wait_ms > 0:
            await asyncio.sleep(wait_ms / _MS)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._queue(lane)
        except TimeoutError:
            return _BACK_MS
        return 0

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
        if max(self._held_ms, self._next_ms) > now_ms + _FAR_MS:
            self._held_ms, self._next_ms = 0, 0.0
            self._people.clear()
        return now_ms

    async def _queue(self, lane: int) -> None:
        if not self._gap_ms:
            return
        self._count += 1
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (lane, self._count, turn))
        self._give()
        await turn

    def _give(self) -> None:
        """Give the turns that are due, then come back when the next one is."""
        while self._waiting:
            if self._waiting[0][2].done():  # It went away.
                heappop(self._waiting)
                continue
            now_ms = self._now_ms()
            due_ms = max(self._next_ms, self._held_ms)
            if due_ms > now_ms:
                if self._timer is not None:
                    self._timer.cancel()
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later((due_ms - now_ms) / _MS, self._give)
                return
            # What a late timer cost is made up for, by no more than one turn.
            self._next_ms = max(self._next_ms, now_ms - self._gap_ms) + self._gap_ms
            heappop(self._waiting)[2].set_result(None)

    def _forget(self, now_ms: int) -> None:
        if len(self._people) > _PEOPLE_KEPT:
            self._people = {who: at_ms for who, at_ms in self._people.items() if at_ms > now_ms}
