"""An office's database on PostgreSQL."""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import psycopg

from core.ledger import Cell
from data import postgres, postgres_condition, postgres_migrating
from data.condition import Condition
from data.database import OpenStore, Select
from data.postgres_store import PostgresStore
from data.reading import Row
from data.statements import for_postgres

_LONG = postgres.BY_KEY | {"statement_timeout": "0"}
_STREAMED = frozenset({"audit_ledger", "audit_effects", "audit_purchases", "audit_customers"})
"""Statements whose rows may be more than memory should hold."""
_ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """A PostgreSQL database by its URL, which may hold a password."""

    url: str = field(repr=False)

    @property
    def name(self) -> str:
        return postgres.shown(self.url)

    def exists(self) -> bool:
        return postgres_condition.there(self.url)

    def store(self) -> OpenStore:
        return PostgresStore(self.url)

    def condition(self) -> Condition:
        if not self.exists():
            raise postgres_condition.missing(self.url)
        return postgres_condition.condition(self.url)

    def prepare(self, *, first_part: bool = False) -> tuple[str, ...]:
        return postgres_migrating.migrate(self.url, first_part=first_part)

    @contextmanager
    def reading(self) -> Generator[Select]:
        with postgres.said(), closing(postgres.connect(self.url, _LONG)) as connection:
            connection.execute("begin isolation level repeatable read, read only")
            yield selecting(connection)


def selecting(connection: psycopg.Connection) -> Select:
    """Return what reads through an open connection, in the transaction that it is in."""

    def select(name: str, **values: Cell) -> Iterator[Row]:
        text = for_postgres(name)
        if name not in _STREAMED:
            yield from connection.execute(text, values, prepare=True).fetchall()
            return
        with connection.cursor(name) as cursor:
            cursor.itersize = _ROWS_AT_ONCE
            yield from cursor.execute(text, values)

    return select
