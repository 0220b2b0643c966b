"""Fetches updates by long poll, and confirms them only when they were handled.

PTB's own updater confirms what it has fetched with its next fetch, handled or not: what waits in
memory is lost with the process. Here `offset` is the oldest update that is not done yet, so the
server gives again what a crash cut off. What is under way and fetched again is not begun twice.

Telegram gives a hundred updates, and no others until the oldest is confirmed. In a flood a checkout
behind them would not be seen within the ten seconds that it has. So when it gives a hundred, what
is no money is confirmed before it is handled, and the poller reads on: a crash in that moment costs
people a tap (docs/decisions/0046-reading-on-in-a-flood.md).
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.calling import fetch_updates
from bot.front import BEGUN_MOST, Json, is_money
from bot.handlers import UPDATES
from bot.posting import TBot, pause_of

_log = logging.getLogger("bilheteria.bot")
_POLL_S = 25
_FETCHED_MOST = 100
_GRACE_S = 0.2
"""How long a fetch that brought something waits for it to be done, before more is fetched."""
_PAUSE_S = 0.5
_PAUSE_MAX_S = 30.0


class Poller:
    """Fetches until told to stop, then waits for what is under way. `take` handles an update."""

    def __init__(self, bot: TBot, take: Callable[[Json], Coroutine[Any, Any, None]]) -> None:
        self._bot = bot
        self._take = take
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._money: set[int] = set()
        """Those under way that tell of money: Telegram tells it once, so it must not be lost."""
        self._newest = 0
        self._reads_on = False

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until told to stop. Raises `InvalidToken` if Telegram knows no such bot."""
        await self._bot.delete_webhook()
        stopping = asyncio.create_task(stop.wait())
        pause_s = _PAUSE_S
        while not stop.is_set():
            fetching = asyncio.create_task(self._fetch())
            await asyncio.wait({fetching, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not fetching.done():
                fetching.cancel()
                await asyncio.gather(fetching, return_exceptions=True)
                break
            wait_s = fetching.result()
            pause_s = _PAUSE_S if wait_s is None else min(pause_s * 2, _PAUSE_MAX_S)
            if wait_s is not None:
                await asyncio.wait({stopping}, timeout=max(wait_s, pause_s))
        stopping.cancel()
        if self._under_way:
            await asyncio.wait(self._under_way.values())
        await self._confirm()

    async def _fetch(self) -> float | None:
        """Fetch once; return how long to pause, None for not at all."""
        try:
            updates = await fetch_updates(
                self._bot,
                offset=self._offset(),
                limit=_FETCHED_MOST,
                timeout_s=0 if self._under_way else _POLL_S,
                kinds=UPDATES,
            )
        except InvalidToken:
            raise
        except RetryAfter as asked:
            return pause_of(asked)
        except Conflict as refused:
            _log.warning("another program fetches this bot's updates: %s", refused.message)
            return _PAUSE_S
        except (NetworkError, TelegramError) as failed:
            _log.warning("no updates: %s", type(failed).__name__)
            return 0.0
        fresh = [facts for facts in updates if facts["update_id"] > self._newest]
        for facts in fresh:
            self._newest = facts["update_id"]
            self._under_way[self._newest] = asyncio.create_task(self._take(facts))
            if is_money(facts):
                self._money.add(self._newest)
        flood = bool(fresh) and len(updates) == _FETCHED_MOST
        self._reads_on = flood and len(self._under_way) < BEGUN_MOST
        if self._under_way and not self._reads_on:
            await asyncio.wait(
                self._under_way.values(), timeout=_GRACE_S, return_when=asyncio.ALL_COMPLETED
            )
        self._under_way = {n: task for n, task in self._under_way.items() if not task.done()}
        self._money &= self._under_way.keys()
        return None

    def _offset(self) -> int:
        """Return the first update that is not to be confirmed yet."""
        kept = self._money if self._reads_on else self._under_way
        return min(kept, default=self._newest + 1 if self._newest else 0)

    async def _confirm(self) -> None:
        """Tell Telegram what was done, as no fetch follows."""
        if not self._newest:
            return
        try:
            await fetch_updates(
                self._bot, offset=self._newest + 1, limit=1, timeout_s=0, kinds=UPDATES
            )
        except TelegramError as failed:
            _log.info("the last updates come again: %s", type(failed).__name__)
