"""Where updates come in: each once, one person's in order, nobody more than their share.

Several people are served at once, up to `AT_ONCE`; what one person does is done in the order in
which it was done. An update counts as taken only when it was handled: polling and webhook confirm
it after that, so that what a crash cut off comes again. That is harmless, as ids are made of the
update's and taps are good for one step.
"""

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from telegram import Update
from telegram.ext import Application, BaseUpdateProcessor, ExtBot, JobQueue

from bot.context import Carried, Talk
from bot.room import visitor_of
from bot.screens import plain, screen
from core.messages import Lane
from core.ports import Clock

_log = logging.getLogger("bilheteria.bot")
AT_ONCE = 32
"""People served at once; docs/decisions/0021 has why."""
_REMEMBERED = 20_000
CONNECTIONS = 100
"""Updates that Telegram may bring at once, the most that it offers."""
_WAITED_FOR = 50
BEGUN_MOST = 10_000
"""Updates under way at most in a flood; past that each is waited for, however long that takes."""
_BURST = 20
_REFILL_MS = 1_000
_PEOPLE_MAX = 50_000

App = Application[ExtBot[None], Talk, dict[Any, Any], dict[Any, Any], Carried, JobQueue[Talk]]


Json = dict[str, Any]


def is_money(facts: Json) -> bool:
    """Whether an update, as Telegram wrote it, asks about money or tells of it."""
    message = facts.get("message")
    paid = isinstance(message, dict) and "successful_payment" in message
    return paid or "pre_checkout_query" in facts


class OneByOne(BaseUpdateProcessor):
    """PTB's own queue is not used: `Front` says what runs when."""

    async def do_process_update(self, update: object, coroutine: Any) -> None:  # noqa: ANN401
        del update
        await coroutine

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to put away."""


@dataclass(slots=True)
class _Person:
    """Somebody who wrote lately: their turns, and what is left of their share."""

    last: asyncio.Future[None] | None = None
    share: float = _BURST
    at_ms: int = 0
    warned: bool = False


@dataclass(slots=True)
class _Memory:
    """The newest update ids that were taken."""

    ids: OrderedDict[int, None] = field(default_factory=OrderedDict[int, None])

    def first(self, update_id: int) -> bool:
        """Whether it was not taken before; from now on it was."""
        if update_id in self.ids:
            return False
        self.ids[update_id] = None
        if len(self.ids) > _REMEMBERED:
            self.ids.popitem(last=False)
        return True


class Front:
    """Takes updates and has them handled."""

    def __init__(self, application: App, clock: Clock, at_once: int = AT_ONCE) -> None:
        self._application = application
        self._clock = clock
        self._room = asyncio.Semaphore(at_once)
        self._people: OrderedDict[int, _Person] = OrderedDict()
        self._reading = asyncio.Lock()
        self._taken = _Memory()
        self._brought: set[asyncio.Task[None]] = set()

    async def bring(self, facts: Json) -> None:
        """Handle one update that a webhook was given; returns when Telegram may forget it.

        While so many are under way that a checkout could find no connection free, what is no
        money is begun only (docs/decisions/0046-reading-on-in-a-flood.md).
        """
        handling = asyncio.create_task(self.take(facts))
        self._brought.add(handling)
        handling.add_done_callback(self._brought.discard)
        if is_money(facts) or not _WAITED_FOR < len(self._brought) < BEGUN_MOST:
            await handling

    async def rest(self) -> None:
        """Wait until all is handled that was begun only."""
        await asyncio.gather(*self._brought)

    async def take(self, facts: Json) -> None:
        """Handle one update as Telegram wrote it; returns when it is done, and never raises.

        One that can't be read is passed over.
        """
        try:
            await self._take(facts)
        except Exception:  # noqa: BLE001 - brought again, it would fail again, for ever
            _log.exception("an update that can't be handled is passed over")

    async def _take(self, facts: Json) -> None:
        if is_money(facts):
            # It is never turned away, nor does it wait for anybody: Telegram gives up on a checkout
            # after ten seconds.
            update = Update.de_json(facts, self._application.bot)
            if self._taken.first(update.update_id):
                await self._application.process_update(update)
            return
        async with self._reading:
            # To read one takes about a millisecond, and a hundred come at once: what else is to be
            # done, a checkout's answer most of all, has its turn between any two.
            await asyncio.sleep(0)
            update = Update.de_json(facts, self._application.bot)
        user = update.effective_user
        if user is None or not self._taken.first(update.update_id):
            return
        person = self._person(user.id)
        if not self._within(person):
            await self._slow_down(person, update)
            return
        await self._in_turn(person, update)

    async def _in_turn(self, person: _Person, update: Update) -> None:
        before = person.last
        mine = person.last = asyncio.get_running_loop().create_future()
        try:
            if before is not None:
                await asyncio.wait({before})
            if update.effective_chat is not None:
                # Who has to wait for Telegram takes no room from others meanwhile.
                await self._application.bot_data.room.post.ready(update.effective_chat.id)
            async with self._room:
                await self._application.process_update(update)
        finally:
            mine.set_result(None)
            if person.last is mine:
                person.last = None

    def _person(self, user_id: int) -> _Person:
        person = self._people.pop(user_id, None) or _Person(at_ms=self._clock.now_ms())
        self._people[user_id] = person
        if len(self._people) > _PEOPLE_MAX:
            # Who has a turn under way is remembered by it; a share forgotten is a full one.
            self._people.popitem(last=False)
        return person

    def _within(self, person: _Person) -> bool:
        """Take one from a person's share: a burst, then about one a second."""
        now_ms = self._clock.now_ms()
        passed_ms = max(now_ms - person.at_ms, 0)
        person.at_ms = now_ms
        person.share = min(person.share + passed_ms / _REFILL_MS, _BURST)
        if person.share < 1:
            return False
        person.share -= 1
        person.warned = person.warned and person.share < _BURST / 2
        return True

    async def _slow_down(self, person: _Person, update: Update) -> None:
        """Say once that it is too much; what comes beyond is passed over."""
        chat = update.effective_chat
        if person.warned or chat is None or chat.type != chat.PRIVATE:
            return
        person.warned = True
        carried = self._application.bot_data
        visitor = visitor_of(update, carried.room.language)
        said = carried.room.look(visitor).speech.text("Slowly, please: try again in a moment.")
        if update.callback_query is not None:
            await carried.room.post.toast(update.callback_query.id, said, alert=True)
        else:
            await carried.room.post.send(visitor.chat_id, screen([plain(said)]), Lane.NEWS)
