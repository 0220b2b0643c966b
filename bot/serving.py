"""Serves an ASGI application while inside, and leaves the signals to whoever runs the program."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette

_BACKLOG = 1_024
_KEEP_S = 75
"""Longer than clients keep an idle connection: who closes second closes no call off."""


class _Server(uvicorn.Server):
    """Tells when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@asynccontextmanager
async def serving(
    application: Starlette, *, host: str = "127.0.0.1", port: int = 0, patient: bool = True
) -> AsyncGenerator[int]:
    """Serve at a port (0: any that is free), which is given; `patient`: end what was begun."""
    listening = socket.create_server((host, port), backlog=_BACKLOG)
    # A connection that was cut off is no news; what fails inside is told by who is called.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=_KEEP_S,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    await server.ready.wait()
    try:
        yield int(listening.getsockname()[1])
    finally:
        server.should_exit = True
        server.force_exit = not patient
        await task
