"""The store on PostgreSQL: any number of processes, one line, one stock.

A batch is one transaction. The books of its shows are locked first, in the order of their ids, so
that batches on one show follow each other and the numbers they give follow the order of commits.
Its statements are queued and sent together (psycopg's pipeline); every read waits for its rows,
the writes and the commit go out as one.

A batch that lost its connection, or that the server took apart, is run again once, from its first
step. If the connection was cut just then, the commit may have been done: the ledger knows, so the
second run first looks whether the last entry of the first one is there, under the same lock.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, Self, TypeVar, cast

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from core.ledger import Cell, Cells, encode
from core.messages import Effect
from core.ports import Reading, Snapshot, Steps, StorageLost
from core.sale import Changes
from core.turns import Block
from core.views import Views
from data import leasing, postgres
from data.reading import Query, Row, queries
from data.statements import for_postgres, set_based
from data.views import SqlViews
from data.writing import COLUMNS, writes

_CHANNEL = "bilheteria"
_TOLD_MAX_BYTES = 7_900
"""What a notification may hold is a little more."""
_TELL_S = 0.02
"""Changes of this long are told together."""
_LOOK_S = 1.0
"""How often those who follow the changes look for any that nobody told."""
_LOOK_DEAF_S = 0.1
"""How often they look if nobody tells."""
_WRITERS = 3
_READERS = 4

_ONE_MOMENT = b"begin isolation level repeatable read read only"
"""Statements of the usual level each see what was committed by then, and differ."""

_Pool = AsyncConnectionPool[AsyncConnection]
_T = TypeVar("_T")
_Work = Callable[[AsyncConnection], Awaitable[_T]]
_Proof = tuple[int, int, str]
"""The last entry of a ledger that a batch wrote: show, number, hash."""


class PostgresStore:
    """A `core.ports.Store` on PostgreSQL. Use it as an async context manager."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._writers = _pool(url, "writers", _WRITERS)
        self._readers = _pool(url, "readers", _READERS)
        self._changed: dict[int, int] = {}
        self._telling: asyncio.Task[None] | None = None
        self._asking: set[asyncio.Task[Any]] = set()
        self._closed = asyncio.Event()
        self.views: Views = SqlViews(self)

    async def __aenter__(self) -> Self:
        """Reach the server, then open the pools."""
        with postgres.said():
            # Reached once by itself, the server's own words say why it can't be.
            async with await AsyncConnection.connect(postgres.conninfo(self._url)):
                pass
            await self._writers.open()
            await self._readers.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        await self.close()

    async def close(self) -> None:
        """Close all connections; nothing is lost, as every answer was committed."""
        self._closed.set()
        if self._telling is not None:
            await self._telling
        await asyncio.gather(*self._asking, return_exceptions=True)
        await self._writers.close()
        await self._readers.close()

    async def transact(self, steps: Callable[[], Steps]) -> None:
        """Run a batch in one transaction; one that changes nothing waits for no disk."""
        with postgres.said():
            batch = _Batch(steps)
            try:
                await self._run(batch)
            except psycopg.Error as lost:
                if not postgres.cut(lost, batch.connection):
                    raise
                await self._writers.check()
                await self._run(batch)
        self._tell(batch.changes)

    async def _run(self, batch: "_Batch") -> None:
        async with self._writers.connection() as connection:
            await batch.run(connection)

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
        return await self._ask(self._writers, partial(_written, name=name, values={**values}))

    async def rows(self, name: str, **values: Cell) -> list[Row]:
        """Run a reading statement outside the batches, on what is committed."""
        return await self._ask(self._readers, partial(_fetch, name=name, values=values))

    async def together(self, *names: str, **values: Cell) -> list[list[Row]]:
        """Run several reading statements in one exchange, on one snapshot of what is committed."""
        return await self._ask(self._readers, partial(_together, names=names, values=values))

    async def _ask(self, pool: _Pool, work: _Work[_T]) -> _T:
        """Do some work to its end, though who asked may be cancelled meanwhile.

        The pool loses connections for good that a cancelled task was about to be given.
        """
        asking = asyncio.get_running_loop().create_task(_tried(pool, work))
        self._asking.add(asking)
        asking.add_done_callback(self._answered)
        return await asyncio.shield(asking)

    def _answered(self, asking: asyncio.Task[Any]) -> None:
        self._asking.discard(asking)
        if not asking.cancelled():
            asking.exception()  # Seen, though who asked may be gone.

    # Who follows the changes.

    def _tell(self, changes: Sequence[Changes]) -> None:
        """Have the others told, after the commit and apart from it.

        A notification inside a batch would make the commits of all processes wait for each other.
        """
        for one in changes:
            for cells in one.books:
                self._changed[cast("int", cells[0])] = cast("int", cells[16])
        if self._changed and (self._telling is None or self._telling.done()):
            self._telling = asyncio.get_running_loop().create_task(self._told(), name="telling")

    async def _told(self) -> None:
        while self._changed:
            text = json.dumps(list(self._changed.items()), separators=(",", ":"))
            self._changed = {}
            said = text if len(text) < _TOLD_MAX_BYTES else "[]"
            with suppress(StorageLost):  # Who follows looks by itself too.
                await self.rows("changes_tell", channel=_CHANNEL, said=said)
            await asyncio.sleep(_TELL_S)

    async def changes(self) -> AsyncGenerator[frozenset[int]]:
        """Follow what anyone commits, as `core.ports.Signal` says, on a connection of its own."""
        while not self._closed.is_set():
            with suppress(psycopg.Error, StorageLost):
                info = postgres.conninfo(self._url)
                async with await AsyncConnection.connect(info, autocommit=True) as ears:
                    await ears.execute(f"listen {_CHANNEL}".encode())
                    seen = await self._books()
                    yield frozenset()
                    async for told in self._follow(ears, seen):
                        yield told
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), _LOOK_DEAF_S)

    async def _follow(
        self, ears: AsyncConnection, seen: dict[int, int]
    ) -> AsyncGenerator[frozenset[int]]:
        """Yield what is told; and, looking now and then, what was not."""
        deaf, due = False, asyncio.Event()
        due.set()
        while not self._closed.is_set():
            heard: dict[int, int] | None = None
            wait_s = _LOOK_DEAF_S if deaf else _LOOK_S
            async for notice in ears.notifies(timeout=wait_s, stop_after=1):
                heard = (heard or {}) | dict(json.loads(notice.payload))  # All that came together.
            deaf = deaf and heard is None
            if heard:
                seen |= heard
                yield frozenset(heard)
                if not due.is_set():
                    continue
            books = await self._books()
            changed = {show for show, seq in books.items() if seen.get(show) != seq}
            seen = books
            deaf = deaf or (heard is None and bool(changed))
            due.clear()  # However much is told, what nobody told is looked for.
            asyncio.get_running_loop().call_later(_LOOK_S, due.set)
            if changed:
                yield frozenset(changed)

    async def _books(self) -> dict[int, int]:
        return dict(cast("list[tuple[int, int]]", await self.rows("book_ends")))


class _Batch:
    """One batch on its way: what it is made of, and what its last run left as proof."""

    def __init__(self, steps: Callable[[], Steps]) -> None:
        self._steps = steps
        self._proof: _Proof | None = None
        self.connection: AsyncConnection | None = None
        self.changes: Sequence[Changes] = ()

    async def run(self, connection: AsyncConnection) -> None:
        """Run it from its first step; do nothing if the run before was committed after all."""
        self.connection = connection
        async with _transaction(connection, b"begin"):
            if self._proof is not None and await _committed(connection, self._proof):
                return
            self.changes = await _decide(connection, self._steps())
            wrote = False
            for name, rows in writes(self.changes):
                wrote = True
                await _execute(connection, set_based(name), {"rows": _listed(name, rows)})
            self._proof = _last_entry(self.changes) if wrote else None
            if not wrote:
                await connection.execute("set local synchronous_commit = off")  # Nothing to keep.


@asynccontextmanager
async def _transaction(connection: AsyncConnection, begin: bytes) -> AsyncGenerator[None]:
    """Send statements together, from `begin` to the commit.

    It is a commit even where nothing was written: after a rollback psycopg has the server forget
    all statements that it has prepared, and takes some for prepared that are forgotten.
    """
    try:
        async with connection.pipeline():
            await connection.execute(begin, prepare=False)
            yield
            await connection.execute("commit", prepare=False)
    except BaseException:
        if not connection.closed:
            with suppress(psycopg.Error):
                await connection.rollback()
        raise


async def _decide(connection: AsyncConnection, steps: Steps) -> Sequence[Changes]:
    """Drive a batch's steps, reading what each asks for."""
    try:
        reading = next(steps)
        while True:
            reading = steps.send(await _read(connection, reading))
    except StopIteration as end:
        return cast("Sequence[Changes]", end.value)


async def _read(connection: AsyncConnection, reading: Reading) -> Snapshot:
    asking = queries(reading)
    try:
        query = next(asking)
        while True:
            query = asking.send(await _answer(connection, query))
    except StopIteration as end:
        return cast("Snapshot", end.value)


async def _answer(connection: AsyncConnection, query: Query) -> list[Row]:
    values: dict[str, Cell] = dict(query.values or {})
    if query.keys is not None:
        values["keys"] = encode(query.keys)
    return await _fetch(connection, query.name, values)


async def _together(
    connection: AsyncConnection, names: Sequence[str], values: dict[str, Cell]
) -> list[list[Row]]:
    async with _transaction(connection, _ONE_MOMENT):
        asked = [await _execute(connection, for_postgres(name), values) for name in names]
    return [await one.fetchall() for one in asked]  # After the commit: one exchange, not two.


async def _fetch(connection: AsyncConnection, name: str, values: dict[str, Cell]) -> list[Row]:
    cursor = await _execute(connection, for_postgres(name), values)
    return await cursor.fetchall()


async def _written(connection: AsyncConnection, name: str, values: dict[str, Cell]) -> list[Row]:
    """Run a statement that may return no rows; in a pipeline that could not be told yet."""
    cursor = await _execute(connection, for_postgres(name), values)
    return await cursor.fetchall() if cursor.description is not None else []


async def _execute(
    connection: AsyncConnection, text: bytes, values: dict[str, Cell]
) -> "psycopg.AsyncCursor[Row]":
    return await connection.execute(text, values, prepare=True)


async def _tried(pool: _Pool, work: _Work[_T]) -> _T:
    """Do some work; once more, if the connection that it got was cut."""
    with postgres.said():
        try:
            async with pool.connection() as connection:
                return await work(connection)
        except psycopg.OperationalError:
            await pool.check()
            async with pool.connection() as connection:
                return await work(connection)


async def _committed(connection: AsyncConnection, proof: _Proof) -> bool:
    """Whether a batch of which nothing was heard was committed: its last entry is in the ledger.

    The book is locked first: if the server is still at work on that commit, it is waited for.
    """
    show_id, seq, hashed = proof
    await _answer(connection, Query("books_of", [(show_id,)]))
    rows = await _answer(connection, Query("entry", values={"show_id": show_id, "seq": seq}))
    return bool(rows) and rows[0][-1] == hashed


def _last_entry(changes: Sequence[Changes]) -> _Proof | None:
    for one in changes:
        if one.ledger:
            show_id, seq, *_, hashed = one.ledger[-1]
            return cast("_Proof", (show_id, seq, hashed))
    return None


def _listed(name: str, rows: Iterable[Cells]) -> str:
    columns = COLUMNS[name]
    return encode([dict(zip(columns, row, strict=True)) for row in rows])


def _pool(url: str, name: str, most: int) -> _Pool:
    text = postgres.settings_sql(postgres.BY_KEY).encode()

    async def configure(connection: AsyncConnection) -> None:
        postgres.adapt(connection)
        await connection.execute(text)

    kwargs: dict[str, Any] = {"autocommit": True}
    return AsyncConnectionPool(
        postgres.conninfo(url),
        kwargs=kwargs,
        min_size=1,
        max_size=most,
        open=False,
        name=name,
        configure=configure,
        timeout=postgres.PATIENCE_S,
        reconnect_timeout=postgres.PATIENCE_S,
    )
