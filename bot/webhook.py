"""Takes updates that Telegram brings: a route for any Starlette application.

Telegram is answered when the update was handled, in a flood when it was begun, and brings it again
if it is not. Who does not show the secret token that was agreed on with Telegram is turned away,
and told nothing.
"""

import hmac
import json
import logging
from http import HTTPStatus
from typing import Any, cast

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot.front import Front

_log = logging.getLogger("bilheteria.bot")
_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_BODY_MAX = 1_000_000


def webhook_route(path: str, front: Front, secret: str) -> Route:
    """Return the route on which Telegram brings updates."""
    assert secret, "a webhook without a secret takes anybody's word"

    async def take(request: Request) -> Response:
        shown = request.headers.get(_HEADER, "")
        if not hmac.compare_digest(shown.encode(), secret.encode()):
            _log.warning("a webhook call without the secret token was turned away")
            return Response(status_code=HTTPStatus.FORBIDDEN)
        try:
            body = await _read(request)
        except ClientDisconnect:
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        if body is None:
            return Response(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            facts = json.loads(body)
        except (ValueError, RecursionError):
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        if not isinstance(facts, dict):
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        await front.bring(cast("dict[str, Any]", facts))
        return Response()

    return Route(path, take, methods=["POST"])


async def _read(request: Request) -> bytes | None:
    """Read a body; None: it is too long, whatever length it was said to have."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _BODY_MAX:
            return None
    return bytes(body)
