"""The server: the API over HTTP on a loopback port, and the people behind it."""

import asyncio
import contextlib
import logging
from collections import deque
from types import TracebackType
from typing import Any, Self

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.local_api.calls import Call, read_call
from bot.local_api.house import PROFILE
from bot.local_api.methods import MESSAGES, Method
from bot.local_api.paying import MONEY
from bot.local_api.people import Person, Shown, bots_messages
from bot.local_api.trouble import Cut, Fault, Trouble
from bot.local_api.world import Chat, Refusal, World
from bot.serving import serving
from core.ports import Clock

_log = logging.getLogger("bilheteria.local_api")
_TOKEN = "123456789:local-bot-api-needs-no-secret-token"  # noqa: S105 - a token that opens nothing
_USERNAME = "bilheteria_local_bot"
_CALLS_KEPT = 50_000
_FIRST_GROUP = -2_000_000
_SUPERGROUP = -1_000_000_000_000
METHODS: dict[str, Method] = {**PROFILE, **MESSAGES, **MONEY}

Json = dict[str, Any]


class _Torn(Response):
    """An answer that breaks off in the middle."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        length = (b"content-length", str(len(self.body) + 1).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": self.body[:1], "more_body": True})


class LocalApi:
    """One bot's Telegram. Enter it to serve; `calls` are what the bot asked, the newest last."""

    def __init__(
        self, clock: Clock, *, token: str = _TOKEN, username: str = _USERNAME, port: int = 0
    ) -> None:
        self.world = World(clock, token, username)
        self.trouble = Trouble()
        self.calls: deque[Call] = deque(maxlen=_CALLS_KEPT)
        self._port = port
        self._groups = 0
        self.people: list[Person] = []
        routes = [
            Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", self._file),
        ]
        self._application = Starlette(routes=routes)
        self._open = contextlib.AsyncExitStack()

    @property
    def token(self) -> str:
        """The bot's token here."""
        return self.world.token

    @property
    def root(self) -> str:
        """Where the server is."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        """What python-telegram-bot calls `base_url`."""
        return f"{self.root}/bot"

    @property
    def file_url(self) -> str:
        """What python-telegram-bot calls `base_file_url`."""
        return f"{self.root}/file/bot"

    async def __aenter__(self) -> Self:
        """Serve from now on, on a loopback port (`port`, or any that is free)."""
        server = serving(self._application, port=self._port, patient=False)
        self._port = await self._open.enter_async_context(server)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop serving: who waits for updates is let go."""
        await self.world.updates.close()
        self.world.updates.end()
        await self._open.aclose()

    # Who is there.

    def person(
        self, first_name: str, *, language: str | None = "pt-br", user_id: int | None = None
    ) -> Person:
        """Bring somebody with the app, whose Telegram is in this language."""
        facts: Json = {
            "id": user_id or self.world.new_person_id(),
            "is_bot": False,
            "first_name": first_name,
        }
        if language is not None:
            facts["language_code"] = language
        self.people.append(Person(self.world, facts))
        return self.people[-1]

    def group(self, title: str) -> Chat:
        """Make a group that the bot is in."""
        self._groups += 1
        chat_id = _FIRST_GROUP - self._groups
        facts: Json = {"id": chat_id, "type": "group", "title": title}
        self.world.chats[chat_id] = Chat(chat_id, facts)
        return self.world.chats[chat_id]

    def migrate(self, group: Chat, by: Person) -> Chat:
        """Turn a group into a supergroup, which has another id."""
        self._groups += 1
        chat_id = _SUPERGROUP - self._groups
        facts: Json = {**group.facts, "id": chat_id, "type": "supergroup"}
        self.world.chats[chat_id] = Chat(chat_id, facts)
        group.refusal = Refusal(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=chat_id,
        )
        moved = self.world.post(group, by.facts, migrate_to_chat_id=chat_id)
        self.world.updates.put("message", moved)
        return self.world.chats[chat_id]

    def in_group(self, group: Chat) -> tuple[Shown, ...]:
        """Return what the bot wrote in a group, oldest first."""
        return tuple(bots_messages(self.world, group))

    def download(self, file_id: str) -> bytes:
        """Return the content of a file that was sent."""
        return self.world.files[file_id].content

    # What the bot asks.

    async def _call(self, request: Request) -> Response:
        if request.path_params["token"] != self.world.token:
            return _refused(Refusal(401, "Unauthorized"))
        body = await request.body()
        method = request.path_params["method"]
        fault = self.trouble.next(method)
        if fault is not None and fault.pause_s:
            await asyncio.sleep(fault.pause_s)
        if fault is not None and fault.cut is Cut.BEFORE:
            return _Torn(b"{}")
        if fault is not None and fault.code:
            return _refused(_as_refusal(fault))
        try:
            kind = request.headers.get("content-type", "")
            call = read_call(method, kind, request.url.query, body)
            answer = await self._answer(call)
        except Refusal as refusal:
            return _refused(refusal)
        torn = fault is not None and fault.cut is Cut.AFTER
        return _Torn(b"{}") if torn else JSONResponse({"ok": True, "result": answer})

    async def _answer(self, call: Call) -> Any:  # noqa: ANN401 - whatever the method gives
        self.calls.append(call)
        try:
            call.result = await _method(call)(self.world, call)
        except Refusal as refusal:
            call.refused = refusal.description
            raise
        return call.result

    async def _file(self, request: Request) -> Response:
        if request.path_params["token"] != self.world.token:
            return _refused(Refusal(401, "Unauthorized"))
        path = request.path_params["path"]
        stored = next((f for f in self.world.files.values() if f.path == path), None)
        if stored is None:
            return _refused(Refusal(404, "Not Found"))
        return Response(stored.content, media_type=stored.mime)


def _method(call: Call) -> Method:
    try:
        return METHODS[call.method]
    except KeyError:
        raise Refusal(404, "Not Found") from None


def _as_refusal(fault: Fault) -> Refusal:
    after = {"retry_after": fault.retry_after_s} if fault.retry_after_s else {}
    return Refusal(fault.code, fault.description, **after)


def _refused(refusal: Refusal) -> JSONResponse:
    said: Json = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        said["parameters"] = refusal.parameters
    return JSONResponse(said, refusal.code)
