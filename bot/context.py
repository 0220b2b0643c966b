"""What each handler is given: PTB's context, typed, carrying the room and what it watches."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from telegram import Update
from telegram.ext import CallbackContext, ExtBot

from bot.room import Room, Visitor, visitor_of
from bot.watching import Watch
from core.ports import StorageLost


@dataclass(frozen=True, slots=True)
class Carried:
    """What lives as long as the bot."""

    room: Room
    watch: Watch


class Talk(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], Carried]):
    """A handler's context."""

    @property
    def room(self) -> Room:
        """What the bot is made with."""
        return self.bot_data.room

    @property
    def watch(self) -> Watch:
        """The messages that are kept up to date."""
        return self.bot_data.watch

    async def visitor(self, update: Update) -> Visitor:
        """Return who caused an update, as the office knows them."""
        return await self.room.recognised(visitor_of(update, self.room.language))

    async def listener(self, update: Update) -> Visitor:
        """Return the same for what asks nothing else of the office, also while that is lost."""
        with suppress(StorageLost):
            return await self.visitor(update)
        return visitor_of(update, self.room.language)
