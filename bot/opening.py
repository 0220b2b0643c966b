"""Opens the bot: its connection to Telegram, its handlers, and what it says of itself."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from telegram import BotCommand, Update
from telegram.error import TelegramError
from telegram.ext import Application, ContextTypes, ExtBot

from bot.calling import Calls
from bot.context import Carried, Talk
from bot.front import AT_ONCE, App, Front, OneByOne
from bot.handlers import CAN_NOT_NOW, handlers
from bot.marks import Marks
from bot.posting import Pace, Post, TBot
from bot.room import DOMAIN, Room
from bot.screens import plain, screen
from bot.watching import Watch
from core.ports import Overloaded, StorageLost
from language import msgid, speech

_log = logging.getLogger("bilheteria.bot")
_CONNECTIONS = 40
_COMMANDS = (
    ("shows", msgid("Find a show")),
    ("line", msgid("My places in line")),
    ("tickets", msgid("My tickets")),
    ("language", msgid("Change the language")),
    ("help", msgid("How it works")),
    ("privacy", msgid("What is kept of me")),
)
_DESCRIPTION = msgid(
    "Tickets to live shows. Your place in line is yours, connected or not, and nobody passes you."
)
_SHORT = msgid("Tickets to live shows, in a fair line.")
_SPOKEN = ("en", "pt-BR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How the bot reaches Telegram, or a server of one's own."""

    token: str = field(repr=False)
    base_url: str = "https://api.telegram.org/bot"
    base_file_url: str = "https://api.telegram.org/file/bot"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBot:
    """A bot that is open: give its `front` updates, by polling or webhook."""

    bot: TBot
    front: Front
    room: Room


def make_bot(line: Line) -> TBot:
    """Return a client of the Bot API."""
    return ExtBot(
        line.token,
        base_url=line.base_url,
        base_file_url=line.base_file_url,
        request=Calls(_CONNECTIONS, line.base_url),
    )


@asynccontextmanager
async def open_bot(
    line: Line,
    pace: Pace,
    marks: Marks,
    make_room: Callable[[Post], Room],
    *,
    at_once: int = AT_ONCE,
) -> AsyncGenerator[OpenBot]:
    """Open the bot; raises `telegram.error.InvalidToken` if Telegram knows no such bot."""
    bot = make_bot(line)
    post = Post(bot, pace, marks)
    room = make_room(post)
    watch = Watch(room)
    application = _application(bot, Carried(room, watch))
    async with application:
        watching = asyncio.create_task(watch.run())
        front = Front(application, room.office.clock, at_once)
        try:
            yield OpenBot(bot=bot, front=front, room=room)
            await front.rest()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


def _application(bot: TBot, carried: Carried) -> App:
    kinds = ContextTypes(context=Talk, bot_data=cast("type[Carried]", lambda: carried))
    application = cast(
        "App",
        Application.builder()
        .bot(bot)
        .updater(None)
        .job_queue(None)
        .concurrent_updates(OneByOne(1))
        .context_types(kinds)
        .build(),
    )
    application.add_handlers(handlers())
    application.add_error_handler(failed)
    return application


async def failed(update: object, talk: Talk) -> None:
    """Tell who asked that it did not work; a fault of ours goes to the log."""
    trouble = talk.error
    if not isinstance(trouble, Overloaded | StorageLost | TelegramError):
        _log.error("an update could not be handled", exc_info=trouble)
    if not isinstance(update, Update) or update.effective_user is None:
        return
    if isinstance(trouble, TelegramError):
        _log.warning("an answer was not sent: %s", type(trouble).__name__)
        return
    visitor = await talk.listener(update)
    text = talk.room.look(visitor).speech.text(CAN_NOT_NOW)
    await talk.room.post.send(visitor.chat_id, screen([plain(text)]))


async def introduce(bot: TBot) -> None:
    """Set the commands and descriptions that Telegram shows, in both languages.

    What can't be set now is set at the next start: the bot works without.
    """
    for language in _SPOKEN:
        said = speech(language, DOMAIN)
        code = "" if language == "en" else language[:2]
        commands = [BotCommand(name, said.text(text)) for name, text in _COMMANDS]
        try:
            await bot.set_my_commands(commands, language_code=code)
            await bot.set_my_description(said.text(_DESCRIPTION), code)
            await bot.set_my_short_description(said.text(_SHORT), code)
        except TelegramError as refused:
            _log.warning("commands and descriptions not set: %s", type(refused).__name__)
