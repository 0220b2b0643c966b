"""Virtual time: what happens when, in order, with nobody waiting for a clock.

Callbacks on a heap, not a task a person: ten thousand fans cost memory for what they plan, no more.
What callbacks ask of the office within one short window travels together, as it would through one
event loop under load, and time stands still until all of it is answered. So a run depends on its
seed alone, however fast the machine is.
"""

import asyncio
from collections.abc import Awaitable, Callable
from heapq import heappop, heappush
from typing import Any

Act = Callable[[], None]
Hear = Callable[[Any], None]


class Timeline:
    """A `core.ports.Clock` that is moved by what happens."""

    def __init__(self, start_ms: int, window_ms: int) -> None:
        self.window_ms = window_ms
        """How long requests may gather before the office answers them."""
        self._now_ms = start_ms
        self._heap: list[tuple[int, int, Act]] = []
        self._pushed = 0
        self._asked: list[tuple[Awaitable[object], Hear]] = []

    def now_ms(self) -> int:
        """Return virtual UTC epoch milliseconds."""
        return self._now_ms

    def at(self, at_ms: int, act: Act) -> None:
        """Plan something; what is planned for the past happens next."""
        self._pushed += 1
        heappush(self._heap, (at_ms, self._pushed, act))

    def after(self, delay_ms: int, act: Act) -> None:
        """Plan something from now."""
        self.at(self._now_ms + delay_ms, act)

    def ask(self, answer: Awaitable[object], hear: Hear) -> None:
        """Have `hear` called with the answer before time goes on."""
        self._asked.append((answer, hear))

    def next_ms(self) -> int | None:
        """Return when something next happens, or None."""
        return self._heap[0][0] if self._heap else None

    async def advance(self, until_ms: int) -> None:
        """Let the next things happen, up to `until_ms`, until requests have gathered a window."""
        last_ms = until_ms
        while self._heap and self._heap[0][0] <= last_ms:
            at_ms, _, act = heappop(self._heap)
            self._now_ms = max(self._now_ms, at_ms)
            idle = not self._asked
            act()
            if idle and self._asked:
                last_ms = min(until_ms, self._now_ms + self.window_ms)
        if not self._asked:
            self._now_ms = max(self._now_ms, until_ms)
        await self.settle()

    async def settle(self) -> None:
        """Hear every answer asked for, and those asked for on hearing them."""
        while self._asked:
            asked, self._asked = self._asked, []
            answers = await asyncio.gather(*(answer for answer, _ in asked))
            for (_, hear), answer in zip(asked, answers, strict=True):
                hear(answer)
