"""Someone who may do anything to a database, on either engine, in the same words."""

import re
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg

from core.verdict import Verdict
from data import database, postgres_database
from data.auditing import prove
from data.database import Database, SqliteDatabase
from tests.auxil import books

REFUSED = (
    sqlite3.IntegrityError,
    psycopg.IntegrityError,
    psycopg.DataError,
    psycopg.errors.DatatypeMismatch,
)
"""What even the forger is refused: two rows of one key, and on PostgreSQL text for a number."""

_PARTS = {"begin": "savepoint part", "commit": "release part", "rollback": "rollback to part"}


class Forger(Protocol):
    """Statements have `?` for their parameters; `is ?` is true of nulls too."""

    def execute(self, text: str, cells: Sequence[object] = ()) -> Any:  # noqa: ANN401 - a cursor
        ...

    def audit(self, show_id: int | None = None) -> Verdict:
        """Prove what is there now."""
        ...


class SqliteForger:
    """Works on a copy of a file, without its checks."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("pragma ignore_check_constraints = on")
        connection.execute("drop trigger ledger_is_kept")
        connection.execute("drop trigger ledger_is_whole")

    def execute(self, text: str, cells: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._connection.execute(text, tuple(cells))

    def audit(self, show_id: int | None = None) -> Verdict:
        return prove(database.selecting(self._connection), show_id)


class PostgresForger:
    """Works in a transaction that is never committed; `begin` to `commit` is a part of it."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def execute(self, text: str, cells: Sequence[object] = ()) -> "psycopg.Cursor[Any]":
        text = _PARTS.get(text, text).replace(" is ?", " is not distinct from ?")
        text = re.sub(r"\?", "%s", text.replace("%", "%%"))
        return self._connection.execute(text.encode(), cells)

    def audit(self, show_id: int | None = None) -> Verdict:
        return prove(postgres_database.selecting(self._connection), show_id)


def loosen(made: Database) -> None:
    """Take from a database of the forger's what would keep rows right."""
    if isinstance(made, SqliteDatabase):
        with closing(sqlite3.connect(made.path)) as connection:
            connection.execute("pragma wal_checkpoint(truncate)")
            connection.execute("pragma journal_mode = delete")
        return
    with closing(books.plain(made)) as connection:
        checks = books.read(
            connection,
            "select cast(cast(conrelid as regclass) as text) as name, conname from pg_constraint"
            " where contype in ('c', 'f') and connamespace = to_regnamespace('public')",
        )
        for check in checks:
            text = f"alter table {check['name']} drop constraint {check['conname']}"
            books.run(connection, text)
        books.run(connection, "drop trigger ledger_is_kept on ledger")


@contextmanager
def forging(made: Database, folder: Path) -> Generator[Forger]:
    """Let a forger in; what is done is undone afterwards."""
    if isinstance(made, SqliteDatabase):
        path = folder / "forged.db"
        path.write_bytes(made.path.read_bytes())
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            yield SqliteForger(connection)
        return
    with closing(books.plain(made)) as connection:
        assert isinstance(connection, psycopg.Connection)
        connection.execute("begin")
        yield PostgresForger(connection)
        connection.execute("rollback")
