"""The store on SQLite: one connection that writes, one that reads, each on its own thread.

A third one reads what is short where it is asked for, in the loop.

Every batch is one hop to the writing thread: BEGIN IMMEDIATE, the reads its rules ask for, the
rules themselves (they are pure and short), the writes, COMMIT.
"""

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar, cast

import aiosqlite

from core.ledger import encode
from core.messages import Effect
from core.ports import BrokenInvariant, Reading, Snapshot, Steps, StorageLost
from core.sale import Changes
from core.turns import Block
from core.views import Views
from data import leasing
from data.reading import Query, Row, queries
from data.statements import numbered, statement
from data.views import SqlViews
from data.writing import COLUMNS, writes

_BUSY_MS = 5_000
_CACHE_KIB = 32_768
_PAGE_BYTES = 8_192
"""An entry of the ledger fits a page of this size; in the usual 4 KiB most would spill over."""
_LOOK_S = 0.05
"""How often those who follow the changes look whether there were any."""
_T = TypeVar("_T")
_Which = tuple[int, int]
"""A file by its device and number, whatever it is called."""


class _Run(Protocol[_T]):
    """What aiosqlite's own method, which has no types, is used for."""

    def __call__(self, work: Callable[[], _T]) -> Awaitable[_T]: ...


class Connection(aiosqlite.Connection):
    """An aiosqlite connection that also runs a whole function in its thread: one hop, not many."""

    async def run(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Run `work` on the connection's thread and return its result."""
        run = cast("_Run[_T]", self._execute)
        return await run(lambda: work(self._conn))

    async def ended(self) -> None:
        """Wait until the thread has ended: aiosqlite leaves that open where opening failed."""
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join)


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open a database file as the office does: WAL, full durability, foreign keys on."""
    mode = "ro" if read_only else "rwc"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=_BUSY_MS / 1_000,
        cached_statements=256,
    )
    connection.execute("pragma foreign_keys = on")
    connection.execute(f"pragma cache_size = -{_CACHE_KIB}")
    if not read_only:
        connection.execute(f"pragma page_size = {_PAGE_BYTES}")
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
    return connection


class SqliteStore:
    """A `core.ports.Store` on one SQLite file. Use it as an async context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer = Connection(lambda: connect(path), 64)
        self._reader = Connection(lambda: connect(path, read_only=True), 64)
        self._near: sqlite3.Connection | None = None
        self._closed = False
        self._file: _Which | None = None
        self.views: Views = SqlViews(self)

    async def __aenter__(self) -> Self:
        """Open all connections."""
        try:
            await self._writer
            await self._reader
            self._near = connect(self._path, read_only=True)
            self._near.execute("pragma busy_timeout = 0")
        except sqlite3.Error as lost:
            await self.close()
            raise storage_lost(lost) from lost
        self._file = _which(self._path)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        await self.close()

    async def close(self) -> None:
        """Close all connections; nothing is lost, as every answer was committed."""
        self._closed = True
        if self._near is not None:
            with contextlib.suppress(sqlite3.ProgrammingError):  # It belongs to another thread.
                self._near.close()
        for connection in (self._reader, self._writer):
            with contextlib.suppress(ValueError):
                await connection.close()
            await connection.ended()

    async def transact(self, steps: Callable[[], Steps]) -> None:
        """Run a batch in one transaction; a batch that changes nothing commits nothing."""
        try:
            await self._hop(self._writer, lambda connection: _run(connection, steps()))
        except sqlite3.IntegrityError as broken:
            raise BrokenInvariant(str(broken)) from broken
        except sqlite3.Error as lost:
            raise storage_lost(lost) from lost

    async def lease(
        self, worker: str, kinds: Sequence[str], now_ms: int, most: int
    ) -> tuple[Effect, ...]:
        """Lease the next effects of these kinds for `limits.LEASE_MS`, in order of lane."""
        return await leasing.lease(self._write, worker, kinds, now_ms, most)

    async def retry(self, effect: Effect, worker: str, due_ms: int, error: str) -> None:
        """Give a lease back, to be tried again at `due_ms`."""
        await leasing.retry(self._write, effect, worker, due_ms, error)

    async def reserve(self, block: Block) -> int | None:
        """Give out turns to send, as `core.turns.Turns` says."""
        return await leasing.reserve(self._write, block)

    async def _write(self, name: str, values: dict[str, int | str]) -> list[Row]:
        def work(connection: sqlite3.Connection) -> list[Row]:
            return connection.execute(statement(name), values).fetchall()

        try:
            return await self._hop(self._writer, work)
        except sqlite3.Error as lost:
            raise storage_lost(lost) from lost

    async def rows(self, name: str, **values: int | str | None) -> list[Row]:
        """Run a reading statement outside the batches, on a snapshot of what is committed."""
        try:
            return await self._hop(
                self._reader,
                lambda connection: connection.execute(statement(name), values).fetchall(),
            )
        except sqlite3.Error as lost:
            raise storage_lost(lost) from lost

    async def together(self, *names: str, **values: int | str | None) -> list[list[Row]]:
        """Run several short reading statements on one snapshot of what is committed.

        They are run here in the loop, which takes less than a hop to the thread and back
        (docs/decisions/0055-short-reads-in-the-loop.md). What can't be had at once, the thread
        waits for.
        """

        def work(connection: sqlite3.Connection) -> list[list[Row]]:
            return _together(connection, names, values)

        if self._near is not None:
            with contextlib.suppress(sqlite3.Error):
                return self._watched(work)(self._near)
        try:
            return await self._hop(self._reader, work)
        except sqlite3.Error as lost:
            raise storage_lost(lost) from lost

    async def changes(self) -> AsyncGenerator[frozenset[int]]:
        """Follow what anyone commits, as `core.ports.Signal` says; which shows, SQLite can't say.

        Its counter of versions moves, for a connection, with every commit of another one.
        """
        seen: int | None = None
        while not self._closed:
            try:
                version = await self._hop(self._reader, _version)
            except (sqlite3.Error, StorageLost, ValueError):  # Lost, or closed under our feet.
                version = None
            if version is not None and version != seen:
                yield frozenset()
            seen = version
            await asyncio.sleep(_LOOK_S)

    async def _hop(self, at: Connection, work: Callable[[sqlite3.Connection], _T]) -> _T:
        """Run `work` in a connection's thread."""
        return await at.run(self._watched(work))

    def _watched(
        self, work: Callable[[sqlite3.Connection], _T]
    ) -> Callable[[sqlite3.Connection], _T]:
        """Return `work` as it is done while the file is still the one that was opened.

        SQLite would go on in a file that was removed or replaced, and say nothing: what is sold in
        it would be gone when the last who has it open closes it.
        """

        def watched(connection: sqlite3.Connection) -> _T:
            if _which(self._path) != self._file:
                raise StorageLost(
                    f"the database {self._path} was moved, removed or replaced: put it back, or "
                    "start this program again"
                )
            return work(connection)

        return watched


def _which(path: Path) -> _Which | None:
    """Say which file stands at a path; None for none that can be reached."""
    try:
        found = os.stat(path)  # noqa: PTH116 - at each statement; half the time of Path.stat
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _together(
    connection: sqlite3.Connection, names: Sequence[str], values: dict[str, int | str | None]
) -> list[list[Row]]:
    connection.execute("begin")
    try:
        return [connection.execute(statement(name), values).fetchall() for name in names]
    finally:
        if connection.in_transaction:
            connection.execute("rollback")  # Nothing was written.


def _version(connection: sqlite3.Connection) -> int:
    return connection.execute("pragma data_version").fetchone()[0]


def storage_lost(cause: Exception) -> StorageLost:
    """Say what is wrong with the storage and what to do."""
    text = str(cause)
    if "locked" in text or "busy" in text:
        advice = "another program holds the database; try again when that lets go"
    elif "full" in text:
        advice = "the disk is full; make room, then try again"
    elif "I/O" in text:
        advice = "the disk is full or fails; see `bilheteria doctor`"
    else:
        advice = "run `bilheteria doctor`"
    return StorageLost(f"the database can't be used ({text}): {advice}")


def _run(connection: sqlite3.Connection, steps: Steps) -> None:
    connection.execute("begin immediate")
    try:
        changes = _decide(connection, steps)
        for name, rows in writes(changes):
            connection.executemany(numbered(name, COLUMNS[name]), rows)
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise


def _decide(connection: sqlite3.Connection, steps: Steps) -> Sequence[Changes]:
    """Drive a batch's steps, reading what each asks for."""
    try:
        reading = next(steps)
        while True:
            reading = steps.send(_read(connection, reading))
    except StopIteration as end:
        return cast("Sequence[Changes]", end.value)


def _read(connection: sqlite3.Connection, reading: Reading) -> Snapshot:
    asking = queries(reading)
    try:
        query = next(asking)
        while True:
            query = asking.send(_fetch(connection, query))
    except StopIteration as end:
        return cast("Snapshot", end.value)


def _fetch(connection: sqlite3.Connection, query: Query) -> list[Row]:
    values: dict[str, Any] = dict(query.values or {})
    if query.keys is not None:
        values["keys"] = encode(query.keys)
    return connection.execute(statement(query.name), values).fetchall()
