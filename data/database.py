"""Where an office keeps everything: a SQLite file or a PostgreSQL database, behind one protocol."""

import sqlite3
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import urlsplit

from core.ledger import Cell
from core.ports import Signal, StorageLost, Store
from core.turns import Turns
from core.views import Views
from data import condition
from data.condition import Condition
from data.reading import Row
from data.sqlite import SqliteStore, connect, storage_lost
from data.statements import statement

SCHEMES = ("postgresql", "postgres")


class Select(Protocol):
    """Runs a reading statement by name."""

    def __call__(self, name: str, **values: Cell) -> Iterator[Row]:
        """Yield its rows, as they come."""
        ...


class OpenStore(Store, Turns, Signal, Protocol):
    """A store as an open office has it."""

    views: Views

    async def close(self) -> None:
        """Close it; nothing is lost, as every answer was committed."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...


class Database(Protocol):
    """An engine and a place."""

    @property
    def name(self) -> str:
        """What people are shown; never with a password."""
        ...

    def exists(self) -> bool:
        """Whether an office was ever made there."""
        ...

    def store(self) -> OpenStore:
        """Return a store on it, to be opened."""
        ...

    def condition(self) -> Condition:
        """Look it over; `StorageLost` if there is none or it can't be read."""
        ...

    def prepare(self, *, first_part: bool = False) -> tuple[str, ...]:
        """Make or migrate it; return the steps that it lacked. `first_part`: see `migrating`."""
        ...

    def reading(self) -> AbstractContextManager[Select]:
        """Read one committed moment, whoever sells meanwhile."""
        ...


@dataclass(frozen=True, slots=True)
class SqliteDatabase:
    """A SQLite file."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path)

    def exists(self) -> bool:
        return self.path.exists()

    def store(self) -> OpenStore:
        return SqliteStore(self.path)

    def condition(self) -> Condition:
        return condition.condition(self.path)

    def prepare(self, *, first_part: bool = False) -> tuple[str, ...]:
        return condition.prepare(self.path, first_part=first_part)

    @contextmanager
    def reading(self) -> Generator[Select]:
        try:
            with closing(connect(self.path, read_only=True)) as connection:
                connection.execute("begin")
                yield selecting(connection)
        except sqlite3.Error as lost:
            raise storage_lost(lost) from lost


def selecting(connection: sqlite3.Connection) -> Select:
    """Return what reads through an open SQLite connection."""

    def select(name: str, **values: Cell) -> Iterator[Row]:
        yield from connection.execute(statement(name), values)

    return select


def database_at(place: str) -> Database:
    """Return the database that a setting names: a path, `sqlite:` and a path, or a URL."""
    if urlsplit(place).scheme in SCHEMES and "://" in place:
        # psycopg takes a tenth of a second to load, and an office on SQLite has no use for it.
        from data.postgres_database import PostgresDatabase  # noqa: PLC0415

        return PostgresDatabase(place)
    return SqliteDatabase(Path(place.removeprefix("sqlite:")))


def opened(database: Database) -> OpenStore:
    """Return a database's store, if this version can work with it."""
    if database.condition().pending.before:
        raise StorageLost(
            f"the database {database.name} is of an older version: run `bilheteria migrate`"
        )
    return database.store()


Progress = Callable[[int], None]
"""Told how many more rows were gone through."""
