"""Everything the bot sends: in its turn, tried again when the network or Telegram asks for it.

Telegram takes about 30 messages a second, and one a second in a chat. Who gives the turns
(`Pace`) shares them with the notifier, so that both together keep that.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from telegram import (
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter
from telegram.ext import ExtBot

from bot.marks import Marks
from bot.screens import Key, Screen
from core.messages import Lane

_log = logging.getLogger("bilheteria.bot")
_T = TypeVar("_T")
_TRIES = 5
_PAUSE_S = 0.5
_TOAST_MAX = 200
_ALBUM_MOST = 10
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_MS = 1_000

TBot = ExtBot[None]


def pause_of(asked: RetryAfter) -> float:
    """Return the seconds that Telegram asks to wait, whichever form PTB gives them."""
    pause = asked.retry_after
    return pause.total_seconds() if isinstance(pause, timedelta) else float(pause)


class Pace(Protocol):
    """Gives the turns to send, the lower lanes first."""

    async def turn(self, lane: int, address: str) -> object:
        """Wait until something of this lane may be sent to this chat."""
        ...

    async def clear(self, address: str) -> None:
        """Wait until what this chat got before keeps nothing from it any more."""
        ...

    def hold(self, pause_ms: int, address: str = "") -> None:
        """Let this chat be for a while, or all of them: Telegram asked for it."""
        ...


class Post:
    """Sends and edits messages. Who can't be reached is passed over: the office keeps all."""

    def __init__(self, bot: TBot, pace: Pace, marks: Marks) -> None:
        self.bot = bot
        self._pace = pace
        self._marks = marks

    async def ready(self, chat_id: int) -> None:
        """Wait until a chat that had much, or too much, may be written to again."""
        await self._pace.clear(str(chat_id))

    def markup(self, screen: Screen) -> InlineKeyboardMarkup | None:
        """Return a screen's buttons as Telegram takes them."""
        if not screen.rows:
            return None
        return InlineKeyboardMarkup([[self._button(key) for key in row] for row in screen.rows])

    def _button(self, key: Key) -> InlineKeyboardButton:
        if key.tap is not None:
            return InlineKeyboardButton(key.text, callback_data=self._marks.write(key.tap))
        if key.copied:
            return InlineKeyboardButton(key.text, copy_text=CopyTextButton(key.copied))
        if key.inline:
            return InlineKeyboardButton(key.text, switch_inline_query=key.inline)
        return InlineKeyboardButton(key.text, url=key.url)

    async def show(
        self, chat_id: int, message_id: int | None, screen: Screen, lane: Lane = Lane.RECEIPTS
    ) -> int | None:
        """Put a screen where a message is, or below; return where it is now, None if nowhere."""
        if message_id is not None and await self._edit(chat_id, message_id, screen, lane):
            return message_id
        sent = await self.send(chat_id, screen, lane)
        return None if sent is None else sent.message_id

    async def _edit(self, chat_id: int, message_id: int, screen: Screen, lane: Lane) -> bool:
        """Edit a message; False if it is gone or can't be edited."""
        try:
            await self._tried(
                chat_id,
                lane,
                lambda: self.bot.edit_message_text(
                    screen.text,
                    chat_id=chat_id,
                    message_id=message_id,
                    parse_mode=ParseMode.HTML,
                    reply_markup=self.markup(screen),
                    link_preview_options=_NO_PREVIEW,
                ),
            )
        except BadRequest as refused:
            return "not modified" in refused.message
        return True

    async def send(
        self,
        chat_id: int,
        screen: Screen,
        lane: Lane = Lane.RECEIPTS,
        **more: Any,  # noqa: ANN401
    ) -> Message | None:
        """Send a screen as a new message."""
        more.setdefault("reply_markup", self.markup(screen))
        return await self._sent(
            chat_id,
            lane,
            lambda to: self.bot.send_message(
                to,
                screen.text,
                parse_mode=ParseMode.HTML,
                link_preview_options=_NO_PREVIEW,
                **more,
            ),
        )

    async def document(self, chat_id: int, name: str, content: bytes, caption: str) -> None:
        """Send a file."""
        await self._sent(
            chat_id,
            Lane.RECEIPTS,
            lambda to: self.bot.send_document(to, content, caption=caption, filename=name),
        )

    async def pictures(self, chat_id: int, pictures: list[tuple[bytes, str]]) -> None:
        """Send PNG pictures with their captions: one alone, several as albums."""
        for at in range(0, len(pictures), _ALBUM_MOST):
            await self._pictures(chat_id, pictures[at : at + _ALBUM_MOST])

    async def _pictures(self, chat_id: int, pictures: list[tuple[bytes, str]]) -> None:
        if len(pictures) == 1:
            content, caption = pictures[0]
            await self._sent(
                chat_id,
                Lane.RECEIPTS,
                lambda to: self.bot.send_photo(to, content, caption=caption),
            )
            return
        media = [InputMediaPhoto(content, caption=caption) for content, caption in pictures]
        await self._sent(chat_id, Lane.RECEIPTS, lambda to: self.bot.send_media_group(to, media))

    async def forget(self, chat_id: int, message_id: int) -> None:
        """Delete a message, if it is there."""
        try:
            await self._tried(
                chat_id, Lane.RECEIPTS, lambda: self.bot.delete_message(chat_id, message_id)
            )
        except BadRequest as refused:
            _log.debug("not deleted: %s", refused.message)

    async def toast(self, query_id: str, text: str, *, alert: bool = False) -> None:
        """Answer a tap with a line that passes; one that is too old to be answered is let be."""
        try:
            await self.bot.answer_callback_query(query_id, text[:_TOAST_MAX], show_alert=alert)
        except (NetworkError, RetryAfter, Forbidden) as failed:  # BadRequest is a NetworkError
            _log.debug("tap not answered: %s", type(failed).__name__)

    async def _sent(
        self, chat_id: int, lane: Lane, send: Callable[[int], Awaitable[_T]]
    ) -> _T | None:
        """Send to a chat, or to where it has moved."""
        try:
            return await self._tried(chat_id, lane, lambda: send(chat_id))
        except ChatMigrated as moved:
            to = moved.new_chat_id
            return await self._tried(to, lane, lambda: send(to))
        except BadRequest as refused:
            _log.warning("not sent: %s", refused.message)
            return None

    async def _tried(
        self, chat_id: int, lane: Lane, call: Callable[[], Awaitable[_T]]
    ) -> _T | None:
        """Make a call in its turn, again if need be; None if nobody is there, or in vain."""
        pause_s = _PAUSE_S
        for _ in range(_TRIES):
            await self._pace.turn(lane, str(chat_id))
            try:
                return await call()
            except RetryAfter as asked:
                self._pace.hold(int(pause_of(asked) * _MS), str(chat_id))
            except Forbidden as refused:
                _log.info("nobody to write to: %s", refused.message)
                return None
            except BadRequest:
                raise
            except NetworkError as failed:
                _log.warning("not through to Telegram: %s", type(failed).__name__)
                await asyncio.sleep(pause_s)
                pause_s *= 2
        _log.error("given up: Telegram could not be reached")
        return None
