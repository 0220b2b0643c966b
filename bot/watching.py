"""Keeps the message of a payment under way up to date by itself, while this process lives.

It is a convenience: what is watched is forgotten on a restart, and the notifier tells what matters.
"""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.acts import case_of
from bot.room import Room, Visitor
from bot.standing import purchase_screen
from core.ports import StorageLost
from core.purchase import State

_log = logging.getLogger("bilheteria.bot")
_WATCHED_MAX = 2_000
_PAUSE_S = 1.0


@dataclass(slots=True)
class _Watched:
    visitor: Visitor
    message_id: int
    step: int


class Watch:
    """The messages that show a payment under way."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._watched: OrderedDict[tuple[int, str], _Watched] = OrderedDict()

    async def follow(self, visitor: Visitor, message_id: int, shown: tuple[int, str, int]) -> None:
        """Keep a message up to date that shows (show, purchase, step), while it is paying."""
        at, step = shown[:2], shown[2]
        self._watched[at] = _Watched(visitor, message_id, step)
        self._watched.move_to_end(at)
        if len(self._watched) > _WATCHED_MAX:
            self._watched.popitem(last=False)
        await self._refresh(*at)  # What happened since the screen was made, nobody tells again.

    async def run(self) -> None:
        """Look after the watched messages until cancelled."""
        while True:
            with contextlib.suppress(StorageLost):
                async for shows in self._room.changes():
                    await self._look(shows)
            await asyncio.sleep(_PAUSE_S)

    async def _look(self, shows: frozenset[int]) -> None:
        for show_id, purchase_id in list(self._watched):
            await asyncio.sleep(0)  # Reading takes no pause by itself (docs/decisions/0055).
            if not shows or show_id in shows:
                await guarded(lambda at=(show_id, purchase_id): self._refresh(*at))

    async def _refresh(self, show_id: int, purchase_id: str) -> None:
        watched = self._watched.get((show_id, purchase_id))
        if watched is None:
            return
        visitor = await self._room.recognised(watched.visitor)
        case = await case_of(self._room, visitor, show_id, purchase_id)
        if case is None:
            del self._watched[show_id, purchase_id]
            return
        purchase = case.view.purchase
        if purchase.last_seq == watched.step:
            return
        watched.step = purchase.last_seq
        if purchase.state is not State.PAYING:
            self._watched.pop((show_id, purchase_id), None)
        await self._room.post.show(
            watched.visitor.chat_id, watched.message_id, purchase_screen(case)
        )


async def guarded(act: Callable[[], Awaitable[None]]) -> None:
    """Do something whose failure must not end what goes on around it."""
    try:
        await act()
    except StorageLost:
        raise
    except Exception:  # noqa: BLE001 - one message's trouble is not another's
        _log.exception("a watched message could not be brought up to date")
