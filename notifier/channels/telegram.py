"""Telegram: a text with its buttons; a receipt is the PDF under that text, then each QR code.

python-telegram-bot's client alone, without its application: updates are the bot's affair.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from html import escape
from typing import Final

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaPhoto,
    LinkPreviewOptions,
)
from telegram.constants import MediaGroupLimit, MessageLimit, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from language import Speech, msgid
from notifier.channels.channel import PAUSE, Failed, Part, Refused
from notifier.letters import Letter
from notifier.papers import Picture

Keyboards = Callable[[str, int, str, Speech], Sequence[Sequence[InlineKeyboardButton]]]
"""(kind, show id, purchase id, speech) to rows of buttons. Taps on them are the bot's."""

_CONNECTIONS: Final = 32
_TIMEOUT_S: Final = 15.0
_UPLOAD_S: Final = 30.0
_NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
_NO_CHAT = msgid("there is no such Telegram chat: send it another way")
_CLOSED = msgid("the Telegram account is closed: send it another way")
_BLOCKED = msgid("the person blocked the bot, or never wrote to it: send it another way")
_MOVED = msgid("the Telegram chat has become another one: send it another way")
_BAD_TOKEN = msgid("Telegram does not know the bot's token: correct telegram_token")
_BAD_MESSAGE = msgid("Telegram does not take this message: send it another way, and report it")
_NOT_THERE = msgid("Telegram can't be reached, or has trouble of its own")
_GONE: Final = {
    "chat not found": _NO_CHAT,
    "user not found": _NO_CHAT,
    "peer_id_invalid": _NO_CHAT,
    "user is deactivated": _CLOSED,
}
"""What Telegram says of addresses that never come back, and how we say it."""


def no_buttons(
    kind: str, show_id: int, purchase_id: str, speech: Speech
) -> Sequence[Sequence[InlineKeyboardButton]]:
    """Offer nothing to tap: what letters have while no bot answers."""
    del kind, show_id, purchase_id, speech
    return ()


class Telegram:
    """The channel of one bot. `api_url` is the server's, without the token."""

    name = "telegram"
    contact = "telegram"

    def __init__(self, token: str, api_url: str = "", keyboards: Keyboards = no_buttons) -> None:
        self._request = HTTPXRequest(
            connection_pool_size=_CONNECTIONS,
            connect_timeout=_TIMEOUT_S,
            read_timeout=_TIMEOUT_S,
            write_timeout=_TIMEOUT_S,
            media_write_timeout=_UPLOAD_S,
            pool_timeout=_UPLOAD_S,
        )
        base = f"{api_url.rstrip('/')}/bot" if api_url else "https://api.telegram.org/bot"
        self._bot = Bot(token, base_url=base, request=self._request)
        self._keyboards = keyboards

    def parts(self, letter: Letter) -> Sequence[Part]:
        """Return the text, then what a receipt brings: one call for each."""
        text = partial(self._text, letter, _written(letter))
        if letter.bundle is None:
            return [text]
        pictures = letter.bundle.pictures
        most = MediaGroupLimit.MAX_MEDIA_LENGTH
        albums = [pictures[start : start + most] for start in range(0, len(pictures), most)]
        album_parts = [partial(self._pictures, album) for album in albums]
        # Under the file if it fits there: one message to find again, not two.
        if _units(f"{letter.title}\n\n{letter.text}") <= MessageLimit.CAPTION_LENGTH:
            return [partial(self._file, letter, _written(letter)), *album_parts]
        return [text, partial(self._file, letter, None), *album_parts]

    async def close(self) -> None:
        """Close the connections."""
        await self._request.shutdown()

    def _buttons(self, letter: Letter) -> InlineKeyboardMarkup | None:
        rows = self._keyboards(letter.kind, letter.show_id, letter.purchase_id, letter.speech)
        if rows:
            return InlineKeyboardMarkup(rows)
        if letter.link:
            label = letter.speech.text("Go on here")
            return InlineKeyboardMarkup([[InlineKeyboardButton(label, url=letter.link)]])
        return None

    async def _text(self, letter: Letter, text: str, address: str) -> None:
        await _asked(
            self._bot.send_message(
                _chat(address),
                text,
                parse_mode=ParseMode.HTML,
                link_preview_options=_NO_PREVIEW,
                reply_markup=self._buttons(letter),
            )
        )

    async def _file(self, letter: Letter, text: str | None, address: str) -> None:
        assert letter.bundle is not None, "only a receipt has a file"
        await _asked(
            self._bot.send_document(
                _chat(address),
                InputFile(letter.bundle.pdf, filename=f"{letter.code}.pdf"),
                caption=text,
                parse_mode=ParseMode.HTML if text else None,
                reply_markup=self._buttons(letter) if text else None,
            )
        )

    async def _pictures(self, album: Sequence[Picture], address: str) -> None:
        if len(album) == 1:
            (one,) = album
            photo = InputFile(one.content, filename=one.name)
            await _asked(self._bot.send_photo(_chat(address), photo, caption=one.caption))
            return
        photos = [
            InputMediaPhoto(
                InputFile(one.content, filename=one.name, attach=True), caption=one.caption
            )
            for one in album
        ]
        await _asked(self._bot.send_media_group(_chat(address), photos))


def _units(text: str) -> int:
    """Count as Telegram does, which measures texts in UTF-16: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def _written(letter: Letter) -> str:
    """Write a letter in Telegram's HTML; of one too long for a message, what has room."""
    text, room = letter.text, MessageLimit.MAX_TEXT_LENGTH - _units(letter.title) - 2
    if _units(text) > room:
        text = text.encode("utf-16-le")[: 2 * (room - 1)].decode("utf-16-le", "ignore") + "…"
    return f"<b>{escape(letter.title)}</b>\n\n{escape(text)}"


def _chat(address: str) -> int:
    try:
        return int(address)
    except ValueError:
        raise Refused(_NO_CHAT) from None


async def _asked(call: Awaitable[object]) -> None:
    """Await a call to Telegram; say in our own words how it failed."""
    try:
        await call
    except RetryAfter as flooded:
        pause = flooded.retry_after
        pause_s = pause.total_seconds() if isinstance(pause, timedelta) else pause
        raise Failed(PAUSE, retry_after_ms=int(pause_s * 1_000)) from None
    except ChatMigrated:
        raise Refused(_MOVED) from None
    except InvalidToken:
        raise Failed(_BAD_TOKEN) from None
    except (Forbidden, BadRequest) as refused:
        said = refused.message.lower()
        why = next((ours for theirs, ours in _GONE.items() if theirs in said), "")
        ours = _BLOCKED if isinstance(refused, Forbidden) else _BAD_MESSAGE
        raise Refused(why or ours) from None
    except (TimeoutError, TelegramError, OSError):
        raise Failed(_NOT_THERE) from None
