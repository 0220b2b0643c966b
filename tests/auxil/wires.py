"""A wire between an office and its server that can be cut at a word."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from data.postgres_database import PostgresDatabase


class Wire:
    """Passes on what both sides say until a word is said, then cuts every connection, once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._word: bytes | None = None
        self._passed_on = False
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None] | None] = set()
        self.cuts = 0

    def cut_at(self, word: bytes, *, passed_on: bool) -> None:
        """Cut when a client says it: before the server hears it, or just after it answered."""
        self._word, self._passed_on = word, passed_on

    def cut(self) -> None:
        """Cut everything now."""
        self.cuts += 1
        for writer in self._open:
            writer.close()
        self._open.clear()

    async def end(self) -> None:
        """Cut everything, and wait until nobody is on the wire."""
        self.cut()
        await asyncio.gather(*(task for task in self._tasks if task), return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.current_task())
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
            self._open |= {writer, far_writer}
            back = asyncio.ensure_future(self._back(far_reader, writer))
            with suppress(OSError):
                await self._forth(reader, far_reader, far_writer, back)
            for one in (writer, far_writer):
                one.close()
                self._open.discard(one)
            back.cancel()
            await asyncio.gather(back, return_exceptions=True)

    async def _forth(
        self,
        reader: asyncio.StreamReader,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
        back: "asyncio.Task[None]",
    ) -> None:
        while said := await reader.read(65_536):
            if self._word is not None and self._word in said:
                self._word = None
                if self._passed_on:
                    back.cancel()
                    await asyncio.gather(back, return_exceptions=True)
                    far_writer.write(said)
                    await far_writer.drain()
                    await far_reader.read(65_536)  # The server has answered; nobody hears it.
                self.cut()
                return
            far_writer.write(said)
            await far_writer.drain()

    async def _back(self, far_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while said := await far_reader.read(65_536):
                writer.write(said)
                await writer.drain()


@asynccontextmanager
async def wired(database: PostgresDatabase) -> AsyncGenerator[tuple[PostgresDatabase, Wire]]:
    """Return a database as it is reached through a wire."""
    parts = urlsplit(database.url)
    assert parts.port is not None
    wire = Wire(parts.port)
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield PostgresDatabase(database.url.replace(f":{parts.port}/", f":{port}/")), wire
        await wire.end()
