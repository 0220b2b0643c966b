"""How calls go out to Telegram: each over a connection that is its own while it lasts.

httpx looks over all its connections at the beginning and at the end of every call: with 32 of them
that costs as much as the call itself (docs/benchmarks.md). One client a connection has no others to
look at; the one used last goes first, so that few are open when little is asked.
"""

import asyncio
import json
import ssl
from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import urlencode

import httpx
from telegram import Bot
from telegram.request import BaseRequest, HTTPXRequest, RequestData

_CONNECT_S = 10.0
_ANSWER_S = 20.0


def one_line(base_url: str, context: ssl.SSLContext | None = None) -> HTTPXRequest:
    """Return a client with one connection.

    A server on this machine is reached as it is, whatever proxy the rest goes through.
    """
    kwargs: dict[str, Any] = {"trust_env": not base_url.startswith("http://127.0.0.1")}
    if context is not None:
        kwargs["verify"] = context
    return HTTPXRequest(
        connection_pool_size=1,
        connect_timeout=_CONNECT_S,
        read_timeout=_ANSWER_S,
        write_timeout=_ANSWER_S,
        pool_timeout=None,
        httpx_kwargs=kwargs,
    )


class Calls(BaseRequest):
    """Makes so many calls at once; who comes beyond waits."""

    def __init__(self, many: int, base_url: str) -> None:
        context = httpx.create_ssl_context()  # Slow to make, so it is made once.
        self._all = [one_line(base_url, context) for _ in range(many)]
        self._free = list(self._all)
        self._turns = asyncio.Semaphore(many)

    @property
    def read_timeout(self) -> float | None:
        """Seconds that an answer may take."""
        return _ANSWER_S

    async def initialize(self) -> None:
        """Make ready."""
        for one in self._all:
            await one.initialize()

    async def shutdown(self) -> None:
        """Close all connections."""
        for one in self._all:
            await one.shutdown()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        *args: Any,  # noqa: ANN401 - its timeouts
        **kwargs: Any,  # noqa: ANN401
    ) -> tuple[int, bytes]:
        """Make a call."""
        async with self._turns:
            one = self._free.pop()
            try:
                return await one.do_request(url, method, request_data, *args, **kwargs)
            finally:
                self._free.append(one)


async def fetch_updates(
    bot: Bot, *, offset: int, limit: int, timeout_s: int, kinds: Sequence[str]
) -> list[dict[str, Any]]:
    """Fetch updates as Telegram wrote them; raises `telegram.error.TelegramError`.

    `Bot.get_updates` reads all of them before it returns: a hundred take a tenth of a second, in
    which nobody is answered, and one that it can't read is fetched for ever.
    """
    asked = {"offset": offset, "limit": limit, "timeout": timeout_s}
    query = urlencode(asked | {"allowed_updates": json.dumps(kinds)})
    found = await bot.request.post(
        f"{bot.base_url}/getUpdates?{query}", read_timeout=_ANSWER_S + timeout_s
    )
    return cast("list[dict[str, Any]]", found)
