"""The people who talk to the bot, as the server plays them: what they do, and what they see.

A person sees copies of messages, brought over the person's own link: on a slow one they come late,
on a bad one some never come, until the app is opened again (`reopen`), as phones do. The bot can't
tell the difference, which is the point.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bot.local_api.markup import commands
from bot.local_api.paying import PATIENCE_S, Payment, pay
from bot.local_api.world import Chat, Pulse, Refusal, World, rows_of

Json = dict[str, Any]
_BLOCKED = "Forbidden: bot was blocked by the user"
_GONE = "Forbidden: user is deactivated"


@dataclass(frozen=True, slots=True)
class Link:
    """A person's connection. `chance` gives numbers from 0 to 1; below `loss`, a thing is lost."""

    latency_s: float = 0.0
    loss: float = 0.0
    chance: Callable[[], float] = lambda: 1.0

    def carry(self, act: Callable[[], None]) -> None:
        """Do something at the other end: at once, late, or never."""
        if self.loss and self.chance() < self.loss:
            return
        if self.latency_s:
            asyncio.get_running_loop().call_later(self.latency_s, act)
        else:
            act()


GOOD = Link()


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button. What it carries beside its text is '' unless it is of that kind."""

    text: str
    data: str
    url: str
    copied: str
    shared: str


def _button(facts: Json) -> Button:
    return Button(
        str(facts["text"]),
        str(facts.get("callback_data", "")),
        str(facts.get("url", "")),
        str(facts.get("copy_text", {}).get("text", "")),
        str(facts.get("switch_inline_query", "")),
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as a person sees it."""

    message: Json

    @property
    def message_id(self) -> int:
        return int(self.message["message_id"])

    @property
    def text(self) -> str:
        """Its text, or its caption."""
        return str(self.message.get("text") or self.message.get("caption") or "")

    @property
    def file_id(self) -> str:
        """The file of a photo or document; '' if it has none."""
        if "photo" in self.message:
            return str(self.message["photo"][-1]["file_id"])
        return str(self.message.get("document", {}).get("file_id", ""))

    @property
    def rows(self) -> tuple[tuple[Button, ...], ...]:
        """Its buttons, row by row."""
        return tuple(tuple(map(_button, row)) for row in rows_of(self.message))

    @property
    def buttons(self) -> tuple[Button, ...]:
        """Its buttons, one after another."""
        return tuple(button for row in self.rows for button in row)

    def button(self, text: str) -> Button | None:
        """Return the first button whose text contains this, or None."""
        return next((one for one in self.buttons if text in one.text), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tap is answered with, for a moment; `alert` if it must be confirmed."""

    text: str
    alert: bool


class Person:
    """Somebody with the app. Make one with `LocalApi.person`."""

    def __init__(self, world: World, facts: Json) -> None:
        self._world = world
        self.facts = facts
        self.link = GOOD
        self.pulse = Pulse()
        self._seen: dict[int, Json] = {}
        private = {k: v for k, v in facts.items() if k in {"first_name", "last_name", "username"}}
        self.chat = Chat(facts["id"], {"id": facts["id"], "type": "private", **private})
        self.chat.listeners.append(self._changed)
        world.chats[self.chat.chat_id] = self.chat

    @property
    def user_id(self) -> int:
        return int(self.facts["id"])

    # What a person sees.

    @property
    def messages(self) -> tuple[Shown, ...]:
        """What the bot wrote in the private chat, as it arrived here, oldest first."""
        mine = self._world.me["id"]
        return tuple(
            Shown(message)
            for _, message in sorted(self._seen.items())
            if message["from"]["id"] == mine
        )

    @property
    def everything(self) -> tuple[Json, ...]:
        """All messages of the private chat as they arrived here, one's own too."""
        return tuple(message for _, message in sorted(self._seen.items()))

    def find(self, text: str) -> Shown | None:
        """Return the newest message that says this or has such a button, or None."""
        for shown in reversed(self.messages):
            if text in shown.text or shown.button(text):
                return shown
        return None

    async def sees(self, text: str) -> Shown:
        """Wait until a message says this, or has such a button; return the newest that does."""
        await self.pulse.until(lambda: self.find(text) is not None)
        found = self.find(text)
        assert found is not None, text
        return found

    async def offered(self, text: str) -> Shown:
        """Wait until a message has a button that says this; return the newest that has."""

        def found() -> Shown | None:
            return next((one for one in reversed(self.messages) if one.button(text)), None)

        await self.pulse.until(lambda: found() is not None)
        shown = found()
        assert shown is not None, text
        return shown

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until something is true of what is seen."""
        await self.pulse.until(true)

    def reopen(self) -> None:
        """Open the app anew: it fetches how the chat stands."""
        self.link.carry(lambda: self.link.carry(self._sync))

    def _sync(self) -> None:
        self._seen = {number: dict(message) for number, message in self.chat.messages.items()}
        self.pulse.beat()

    def _changed(self, message_id: int) -> None:
        message = self.chat.messages.get(message_id)
        copy = None if message is None else dict(message)
        self.link.carry(lambda: self._arrive(message_id, copy))

    def _arrive(self, message_id: int, message: Json | None) -> None:
        if message is None:
            self._seen.pop(message_id, None)
        else:
            self._seen[message_id] = message
        self.pulse.beat()

    # What a person does.

    def send(self, text: str, *, to: Chat | None = None, reply_to: Shown | None = None) -> None:
        """Write a message, to the bot or in a group."""
        self.link.carry(lambda: self._send(text, to or self.chat, reply_to))

    def _send(self, text: str, chat: Chat, reply_to: Shown | None) -> None:
        message = self._world.post(
            chat,
            self.facts,
            text=text,
            entities=commands(text) or None,
            reply_to_message=dict(reply_to.message) if reply_to else None,
        )
        if chat.private or self._concerns_bot(text, reply_to):
            self._world.updates.put("message", dict(message))

    def _concerns_bot(self, text: str, reply_to: Shown | None) -> bool:
        """Whether a bot hears of it in a group: commands, mentions and answers to it."""
        named = f"@{self._world.me['username']}"
        addressed = text.partition(" ")[0]
        replied = reply_to is not None and reply_to.message["from"]["id"] == self._world.me["id"]
        return named in text or replied or (text.startswith("/") and "@" not in addressed)

    def follow(self, link: str) -> None:
        """Open a link to the bot: `https://t.me/<bot>?start=<payload>`."""
        _, found, payload = link.partition("?start=")
        assert found or link.endswith(str(self._world.me["username"])), link
        self.send(f"/start {payload}".strip())

    def press(self, shown: Shown, text: str) -> asyncio.Future[Answer]:
        """Tap the button with this text or data; what it is answered with comes when it comes."""
        button = shown.button(text) or next((b for b in shown.buttons if b.data == text), None)
        assert button is not None, f"no button {text!r} among {shown.buttons}"
        assert button.data, f"{button} is not one to be answered"
        return self.press_data(shown, button.data)

    def press_data(self, shown: Shown, data: str) -> asyncio.Future[Answer]:
        """Tap with any data at all: a forged tap."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.link.carry(lambda: self._press(shown, data, answer))
        return answer

    def _press(self, shown: Shown, data: str, answer: asyncio.Future[Answer]) -> None:
        asked = self._world.ask(
            "callback_query",
            {
                "from": self.facts,
                "message": dict(shown.message),
                "chat_instance": str(self.chat.chat_id),
                "data": data,
            },
        )

        def hear(said: asyncio.Future[Json]) -> None:
            if not answer.done():
                answer.set_result(Answer(said.result()["text"], said.result()["alert"]))

        def carry_back(said: asyncio.Future[Json]) -> None:
            if not said.cancelled():
                self.link.carry(lambda: hear(said))

        asked.answer.add_done_callback(carry_back)

    async def tap(self, shown: Shown, text: str) -> Answer:
        """Tap a button and wait until the bot has answered."""
        return await self.press(shown, text)

    async def pay(self, link: str, patience_s: float = PATIENCE_S) -> Payment:
        """Pay the invoice behind a link (`https://t.me/$...`), or in a message (its id)."""
        name = link.rpartition("$")[2]
        return await pay(self._world, self.chat, self.facts, name, patience_s)

    async def search(self, query: str) -> list[Json]:
        """Write `@bot query` in some chat and scroll to the end: return what the bot offers."""
        found, offset = list[Json](), ""
        while True:
            facts = {"from": self.facts, "query": query, "offset": offset}
            answer = await self._world.ask("inline_query", facts).answer
            found += answer["results"]
            offset = answer["next_offset"]
            if not (offset and answer["results"]):
                return found

    def block(self) -> None:
        """Block the bot."""
        self.chat.refusal = Refusal(403, _BLOCKED)
        self._membership("member", "kicked")

    def unblock(self) -> None:
        """Let the bot write again."""
        self.chat.refusal = None
        self._membership("kicked", "member")

    def delete_account(self) -> None:
        """Leave Telegram."""
        self.chat.refusal = Refusal(403, _GONE)

    def delete(self, shown: Shown) -> None:
        """Delete a message for both sides."""
        with suppress(KeyError):
            del self.chat.messages[shown.message_id]
        self.chat.touch(shown.message_id)

    def _membership(self, old: str, new: str) -> None:
        def member(status: str) -> Json:
            until = {"until_date": 0} if status == "kicked" else {}
            return {"status": status, "user": self._world.me, **until}

        change = {
            "chat": self.chat.facts,
            "from": self.facts,
            "date": self._world.now_s(),
            "old_chat_member": member(old),
            "new_chat_member": member(new),
        }
        self._world.updates.put("my_chat_member", change)


def bots_messages(world: World, chat: Chat) -> Iterator[Shown]:
    """Go through what the bot wrote in a chat, oldest first."""
    for message in chat.messages.values():
        if message["from"]["id"] == world.me["id"]:
            yield Shown(message)
