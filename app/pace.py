"""Gives the turns in which the bot sends; the notifier, in a process of its own, has its own.

Telegram takes about 30 messages a second from a bot, and about one a second in one chat, with
short bursts; past that it answers 429 and a pause to keep. Whoever sends waits for a turn here.
Lower lanes go first: a call never waits behind a receipt, nor behind somebody's browsing. In a
lane, who came first goes first; one chat that had its share lets the others pass.
"""

import asyncio
import contextlib
import heapq
from collections import OrderedDict
from itertools import count

from core.ports import Clock

_PER_S = 28
_BURST = 28
_CHAT_GAP_MS = 1_000
_CHAT_BURST = 5
_CHATS_MAX = 20_000
_LOOK_MS = 5_000
"""No wait is longer without looking at the clock anew: it may have been set back."""
_MS = 1_000

_Waiting = tuple[int, int, int, "asyncio.Future[None]"]


class Pace:
    """Turns by lane. `per_s` is for all chats together."""

    def __init__(self, clock: Clock, per_s: int = _PER_S, chat_gap_ms: int = _CHAT_GAP_MS) -> None:
        self._clock = clock
        self._step_ms = _MS / per_s
        self._ahead_ms = self._step_ms * _BURST
        self._chat_gap_ms = chat_gap_ms
        self._next_ms = 0.0
        """When the next message would be sent, were all sent at the full pace so far."""
        self._chats: OrderedDict[int, float] = OrderedDict()
        self._waiting: list[_Waiting] = []
        self._numbers = count()
        self._come = asyncio.Event()
        self._giving: asyncio.Task[None] | None = None
        self._held_ms = 0

    async def turn(self, chat_id: int, lane: int) -> None:
        """Wait until something of this lane may be sent to this chat."""
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (lane, next(self._numbers), chat_id, mine))
        self._come.set()
        if self._giving is None or self._giving.done():
            self._giving = asyncio.create_task(self._give())
        await mine

    def hold(self, pause_ms: int) -> None:
        """Let nobody send for a while: Telegram asked for it."""
        self._held_ms = max(self._held_ms, self._clock.now_ms() + pause_ms)

    async def _give(self) -> None:
        """Give turns until nobody waits."""
        while self._waiting:
            now_ms = self._clock.now_ms()
            pause_ms = self._give_one(now_ms)
            if pause_ms > 0:
                self._come.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(pause_ms, _LOOK_MS) / _MS):
                        await self._come.wait()

    def _give_one(self, now_ms: int) -> float:
        """Give the next turn, if there is one now; return how long to wait, in ms."""
        if self._held_ms > now_ms:
            return self._held_ms - now_ms
        if self._next_ms > now_ms + self._ahead_ms + _LOOK_MS:
            self._next_ms = now_ms  # The clock was set back.
        if self._next_ms - self._ahead_ms > now_ms:
            return self._next_ms - self._ahead_ms - now_ms
        passed: list[_Waiting] = []
        soonest_ms = float(_LOOK_MS)
        try:
            while self._waiting:
                one = heapq.heappop(self._waiting)
                if one[3].done():
                    continue  # Who waited has gone.
                wait_ms = self._chat_wait_ms(one[2], now_ms)
                if wait_ms <= 0:
                    self._next_ms = max(self._next_ms, now_ms) + self._step_ms
                    one[3].set_result(None)
                    return 0
                soonest_ms = min(soonest_ms, wait_ms)
                passed.append(one)
        finally:
            for one in passed:
                heapq.heappush(self._waiting, one)
        return soonest_ms if self._waiting else 0

    def _chat_wait_ms(self, chat_id: int, now_ms: int) -> float:
        """Return how long a chat must wait; 0: not, and then the turn is taken."""
        gap_ms = self._chat_gap_ms
        due_ms = self._chats.pop(chat_id, 0.0)
        if due_ms > now_ms + gap_ms * (_CHAT_BURST + 1):
            due_ms = now_ms  # The clock was set back.
        wait_ms = due_ms - gap_ms * (_CHAT_BURST - 1) - now_ms
        if wait_ms <= 0:
            due_ms = max(due_ms, now_ms) + gap_ms
        self._chats[chat_id] = due_ms
        if len(self._chats) > _CHATS_MAX:
            self._chats.popitem(last=False)
        return max(wait_ms, 0.0)
