"""The application: hooks, health and figures, at fixed addresses.

POST /hooks/NAME   a provider's webhook
GET  /healthz      the process lives
GET  /readyz       it can sell: the database answers, nothing it needs is missing
GET  /metrics      figures for Prometheus
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api.figures import CONTENT_TYPE, Figures, LookUp
from api.hooks import READ_S, Hook, HookEndpoint

_READY_S = 5.0
_log = logging.getLogger("bilheteria.http")

Ready = Callable[[], Awaitable[str | None]]
"""Says what keeps the office from selling, or None. May raise: then that is what does."""


def build(
    hooks: Mapping[str, Hook], ready: Ready, look_up: LookUp, read_s: float = READ_S
) -> Starlette:
    """Build the application. A hook's name is the last part of its address.

    `read_s` is how long the body of a webhook may take to come.
    """
    figures = Figures(look_up)

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        try:
            async with asyncio.timeout(_READY_S):
                lacking = await ready()
        except Exception as failed:  # noqa: BLE001 - whatever failed, it is not ready
            lacking = type(failed).__name__
        if lacking is None:
            return PlainTextResponse("ready\n")
        _log.warning("not ready: %s", lacking)
        return PlainTextResponse(f"not ready: {lacking}\n", 503)

    async def metrics(_: Request) -> Response:
        return Response(await figures.text(), media_type=CONTENT_TYPE)

    routes = [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
    ]
    routes += [
        Route(
            f"/hooks/{name}",
            HookEndpoint(name, hook, figures, read_s).__call__,
            methods=["POST"],
        )
        for name, hook in hooks.items()
    ]
    return Starlette(routes=routes)
