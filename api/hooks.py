"""Webhooks: raw bodies from outside, handed to who can check them.

A hook is believed only by its signature, which is over the raw body, so the body is handed on as it
came. It is read up to a limit and within a time. 2xx is said only once what it caused is committed:
anything else, and the provider sends it again.
"""

import asyncio
import logging
from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from api.figures import Figures

BODY_MAX = 512 * 1024
"""Bytes. Stripe's events and Telegram's updates are far smaller."""
READ_S = 10.0
_ANSWER_S = 25.0
"""Providers wait for 10 s (Stripe) to 60 s (Telegram); slower work is done and not heard of."""
_log = logging.getLogger("bilheteria.hooks")


class Verdict(StrEnum):
    """What became of what a hook received."""

    TAKEN = "taken"
    IGNORED = "ignored"
    """Genuine, and nothing to us."""
    STRANGE = "strange"
    """Genuine, of ours by its marks, and not known here: a person should look."""
    FORGED = "forged"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    AGAIN = "again"
    """It could not be taken now: to be sent again."""


_STATUS = {
    Verdict.FORGED: 400,
    Verdict.MALFORMED: 400,
    Verdict.TOO_LARGE: 413,
    Verdict.TOO_SLOW: 408,
    Verdict.AGAIN: 503,
}


class Hook(Protocol):
    """Takes in what a provider sends to one address."""

    async def __call__(self, body: bytes, headers: Mapping[str, str]) -> Verdict:
        """Check the raw body by its headers (names in lower case), act, and say what became of it.

        Returning `TAKEN` says that all it caused is committed. What it raises is `AGAIN`.
        """
        ...


class _TooLarge(Exception):
    """The body is longer than is read."""


class HookEndpoint:
    """One address. `name` is the hook's in figures and logs."""

    def __init__(self, name: str, hook: Hook, figures: Figures, read_s: float) -> None:
        self._name = name
        self._hook = hook
        self._figures = figures
        self._read_s = read_s

    async def __call__(self, request: Request) -> Response:
        """Answer one POST."""
        verdict = await self._judge(request)
        self._figures.heard(self._name, verdict)
        if verdict in {Verdict.FORGED, Verdict.MALFORMED, Verdict.STRANGE, Verdict.TOO_LARGE}:
            _log.warning("%s hook: %s", self._name, verdict)
        # Who forges learns nothing: the same word for all that is refused.
        status = _STATUS.get(verdict, 200)
        return PlainTextResponse("no\n" if verdict in _STATUS else "ok\n", status)

    async def _judge(self, request: Request) -> Verdict:
        try:
            async with asyncio.timeout(self._read_s):
                body = await _read(request)
        except _TooLarge:
            return Verdict.TOO_LARGE
        except (TimeoutError, ClientDisconnect):
            return Verdict.TOO_SLOW
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await self._hook(body, headers)
        except Exception as failed:  # noqa: BLE001 - whatever failed, it is sent again
            # Its text is not logged: libraries put what they were sent there.
            told = getattr(failed, "safe", type(failed).__name__)
            _log.warning("%s hook could not be taken: %s", self._name, told)
            return Verdict.AGAIN


async def _read(request: Request) -> bytes:
    """Return the body, whatever length it was said to have."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > BODY_MAX:
            raise _TooLarge
        parts.append(part)
    return b"".join(parts)
