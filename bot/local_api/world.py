"""What a Bot API server knows: chats and their messages, files, invoices, and the bot itself."""

import asyncio
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bot.local_api.updates import Updates
from core.ports import Clock

Json = dict[str, Any]
_MS_PER_S = 1_000
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_HEAD = 24
_FIRST_PERSON = 1_000_001
FILE_MAX = 50_000_000
"""Bytes of the largest file a bot may send."""


class Refusal(Exception):
    """A call that the server refuses, with what the answer says."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad(description: str) -> Refusal:
    """Refuse a call as a bad request."""
    return Refusal(400, f"Bad Request: {description}")


class Pulse:
    """Lets any number of tasks wait for the next change."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []
        self.beats = 0

    def beat(self) -> None:
        """Wake all who wait."""
        self.beats += 1
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if not one.done():
                one.set_result(None)

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until something is true, looking again at each change."""
        while not true():
            one = asyncio.get_running_loop().create_future()
            self._waiting.append(one)
            await one


@dataclass(slots=True)
class Chat:
    """A chat with the bot in it. `messages` hold each message as it now stands, oldest first."""

    chat_id: int
    facts: Json
    messages: dict[int, Json] = field(default_factory=dict[int, Json])
    prompts: dict[int, str] = field(default_factory=dict[int, str])
    """Messages that ask for a reply, and the hint that stands in the field."""
    pulse: Pulse = field(default_factory=Pulse)
    listeners: list[Callable[[int], None]] = field(default_factory=list[Callable[[int], None]])
    """Told of each message that is new, changed or gone."""
    refusal: Refusal | None = None
    """What is answered to whatever is sent here: blocked, gone, migrated."""

    @property
    def private(self) -> bool:
        """Whether it is one person's chat with the bot."""
        return self.facts["type"] == "private"

    def touch(self, message_id: int) -> None:
        """Tell that a message is new, changed or gone."""
        for listener in self.listeners:
            listener(message_id)
        self.pulse.beat()


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that was sent."""

    file_id: str
    name: str
    mime: str
    content: bytes

    @property
    def path(self) -> str:
        """Where it is downloaded from."""
        return f"documents/{self.file_id}/{self.name}"

    def facts(self) -> Json:
        """Return the fields that all kinds of file have."""
        unique = f"u{self.file_id}"
        return {"file_id": self.file_id, "file_unique_id": unique, "file_size": len(self.content)}


@dataclass(slots=True)
class Asked:
    """Something a person did that the bot is to answer: a tap, a checkout, an inline query."""

    kind: str
    query_id: str
    answer: asyncio.Future[Json]


@dataclass(slots=True)
class Charge:
    """Money that a person paid for an invoice."""

    charge_id: str
    user_id: int
    currency: str
    amount_minor: int
    payload: str
    refunded: bool = False


class World:
    """The state behind the API. One bot; any number of people and groups."""

    def __init__(self, clock: Clock, token: str, username: str) -> None:
        self.clock = clock
        self.token = token
        self.me: Json = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Bilheteria",
            "username": username,
        }
        self.updates = Updates()
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.invoices: dict[str, Json] = {}
        """By the last part of their links."""
        self.asked: dict[str, Asked] = {}
        self.charges: dict[str, Charge] = {}
        self.profile: dict[tuple[str, str, str], Any] = {}
        """(what, language, scope): commands, descriptions, name."""
        self._numbers = count(1)
        self._people = count(_FIRST_PERSON)

    def number(self) -> int:
        """Return a number that was not given before: for messages, files, queries."""
        return next(self._numbers)

    def new_person_id(self) -> int:
        """Return the id of somebody new."""
        return next(self._people)

    def now_s(self) -> int:
        """Return the time as Telegram writes it: epoch seconds."""
        return self.clock.now_ms() // _MS_PER_S

    def chat(self, chat_id: int) -> Chat:
        """Return a chat that the bot may write to, or refuse as Telegram does."""
        chat = self.chats.get(chat_id)
        if chat is None:
            raise bad("chat not found")
        if chat.refusal is not None:
            raise chat.refusal
        return chat

    def message_of_bot(self, chat: Chat, message_id: int, verb: str) -> Json:
        """Return a message of the bot's that is to be changed."""
        message = chat.messages.get(message_id)
        if message is None:
            raise bad(f"message to {verb} not found")
        if message.get("from", {}).get("id") != self.me["id"]:
            raise bad(f"message can't be {'edited' if verb == 'edit' else 'deleted'}")
        return message

    def post(self, chat: Chat, author: Json, **content: Any) -> Json:  # noqa: ANN401 - fields
        """Put a message into a chat; the fields that are None are left out."""
        message: Json = {
            "message_id": self.number(),
            "from": author,
            "chat": chat.facts,
            "date": self.now_s(),
        }
        message |= {name: value for name, value in content.items() if value is not None}
        chat.messages[message["message_id"]] = message
        chat.touch(message["message_id"])
        return message

    def keep(self, name: str, mime: str, content: bytes) -> StoredFile:
        """Keep a file that was sent."""
        if len(content) > FILE_MAX:
            raise Refusal(413, "Request Entity Too Large")
        if not content:
            raise bad("file must be non-empty")
        stored = StoredFile(f"file{self.number():06d}", name or "file", mime, content)
        self.files[stored.file_id] = stored
        return stored

    def ask(self, kind: str, query: Json) -> Asked:
        """Send a query to the bot: its answer comes into `answer`."""
        query_id = f"{kind}{self.number()}"
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        asked = Asked(kind, query_id, answer)
        self.asked[query_id] = asked
        self.updates.put(kind, {"id": query_id, **query})
        return asked

    def answered(self, kind: str, query_id: str, answer: Json) -> None:
        """Take in the bot's answer to a query."""
        asked = self.asked.get(query_id)
        if asked is None or asked.kind != kind or asked.answer.done():
            raise bad("query is too old and response timeout expired or query ID is invalid")
        asked.answer.set_result(answer)


def png_size(content: bytes) -> tuple[int, int]:
    """Return width and height of a PNG: the one kind of photo that the server reads."""
    if not content.startswith(_PNG) or len(content) < _PNG_HEAD:
        raise bad("IMAGE_PROCESS_FAILED")
    width, height = struct.unpack(">II", content[16:_PNG_HEAD])
    return width, height


def rows_of(message: Json) -> list[list[Json]]:
    """Return a message's inline buttons, row by row."""
    rows: list[list[Json]] = message.get("reply_markup", {}).get("inline_keyboard", [])
    return rows
