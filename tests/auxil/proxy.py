"""A TCP proxy that stands for a bad network: latency, cuts, resets, black holes.

async with Proxy(port) as bad:
    bad.latency_s = 0.2      # each way
    bad.cut(3)               # the next 3 answers break off in the middle
    bad.loss = 0.2           # this part of answers breaks off, by the dice of `chance`
    bad.black_hole = True    # what comes is taken, and nothing ever answered
    bad.reset()              # connections there are now are torn down
"""

import asyncio
import contextlib
import socket
import struct
from random import Random
from types import TracebackType
from typing import Self

_CHUNK = 65_536


class Proxy:
    """Forwards to a loopback port, badly."""

    def __init__(self, to_port: int, seed: int = 1) -> None:
        self.latency_s = 0.0
        self.loss = 0.0
        self.black_hole = False
        self.chance = Random(seed)
        self.carried = 0
        """Answers that came through."""
        self.broken = 0
        """Answers that broke off."""
        self._to_port = to_port
        self._cuts = 0
        self._server: asyncio.Server | None = None
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.reset()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self, answers: int = 1) -> None:
        """Break the next answers off in the middle."""
        self._cuts += answers

    def reset(self) -> None:
        """Tear down all connections there are."""
        for pair in self._pairs:
            for writer in pair:
                _reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to_port)
        pair = (writer, back)
        self._pairs.add(pair)
        ways = [
            asyncio.create_task(self._carry(reader, back, answers=False)),
            asyncio.create_task(self._carry(there, writer, answers=True)),
        ]
        self._tasks.update(ways)
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for task in ways:
            task.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        self._tasks.difference_update(ways)
        self._pairs.discard(pair)
        for one in pair:
            one.close()
            with contextlib.suppress(OSError):
                await one.wait_closed()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                if self.latency_s:
                    await asyncio.sleep(self.latency_s)
                while self.black_hole:
                    await asyncio.sleep(0.01)
                if answers and self._breaks():
                    self.broken += 1
                    writer.write(chunk[: len(chunk) // 2])
                    await writer.drain()
                    _reset(writer)
                    return
                self.carried += answers
                writer.write(chunk)
                await writer.drain()

    def _breaks(self) -> bool:
        if self._cuts:
            self._cuts -= 1
            return True
        return bool(self.loss) and self.chance.random() < self.loss


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close at once, so that the other side sees a reset and not an end."""
    sock = writer.get_extra_info("socket")
    with contextlib.suppress(OSError, AttributeError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
