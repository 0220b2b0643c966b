"""Moves a whole office from a SQLite file to PostgreSQL.

Nobody sells meanwhile: the file is taken for itself. All rows go over in one transaction, in which
the copy is counted and proved before it is committed; interrupted anywhere, nothing of it was done,
or all of it. Then the file is given another name, so that nothing goes on selling from it.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from core.ports import StorageLost
from core.verdict import Verdict
from data import database, postgres, postgres_database
from data.auditing import prove
from data.backup import NotRestored, refuse_in_use, sync
from data.database import SqliteDatabase
from data.postgres_database import PostgresDatabase
from data.sqlite import connect, storage_lost

Progress = Callable[[int, int], None]
"""Told (rows copied, rows in all)."""
TABLES = (
    *("books", "venues", "series", "shows", "tiers", "quotas", "fares", "allotments", "promises"),
    *("blocks", "customers", "contacts", "clerks", "shifts", "shift_moves", "purchases"),
    *("documents", "orders", "payments"),
    *("events", "refunds", "tickets", "ledger", "effects", "attempts"),
)
"""Every table, each after those that it refers to; but not `paces`, which hold for a second."""
_LONG = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}
_TOLD_EACH = 1_000


class NotMoved(Exception):
    """The office was not moved; both sides stand as they stood. The message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What was moved: rows by table, what the audit proved of both sides, the file's new name."""

    rows: dict[str, int]
    verdict: Verdict
    kept: Path


def move(
    source: SqliteDatabase,
    target: PostgresDatabase,
    copied: Progress,
    proved: database.Progress,
) -> Moved:
    """Move an office; raises `NotMoved` or `StorageLost`. Run again after an interruption."""
    _refuse_unfit(source)
    target.prepare()
    kept = source.path.with_name(source.path.name + ".moved")
    if kept.exists():
        raise NotMoved(f"there is a file {kept} already: put it elsewhere first")
    try:
        with closing(connect(source.path)) as old:
            old.execute("pragma journal_mode = delete")
            old.execute("begin exclusive")
            counts, verdict = _carry(old, target, copied, proved)
            old.execute("rollback")
        source.path.rename(kept)
        sync(kept.parent)
    except sqlite3.Error as lost:
        raise storage_lost(lost) from lost
    except OSError as lost:
        message = f"all is moved, but {source.path} can't be renamed ({lost.strerror})"
        raise StorageLost(f"{message}: rename it, so that nobody sells from it") from lost
    return Moved(rows=counts, verdict=verdict, kept=kept)


def _refuse_unfit(source: SqliteDatabase) -> None:
    waiting = source.condition().pending
    if waiting.before or waiting.after:
        raise NotMoved(
            f"{source.path} is of an older version: run `bilheteria migrate` on it first"
        )
    try:
        refuse_in_use(source.path)
    except NotRestored as used:
        raise NotMoved(str(used)) from used


def _carry(
    old: sqlite3.Connection,
    target: PostgresDatabase,
    copied: Progress,
    proved: database.Progress,
) -> tuple[dict[str, int], Verdict]:
    """Copy and prove in one transaction; or find that just this was done before."""
    verdict = prove(database.selecting(old), None, proved)
    if not verdict.ok:
        first = verdict.problems[0]
        raise NotMoved(f"the books of the file do not add up: {first.where} {first.what}")
    counts = {table: count(old, table) for table in TABLES}
    with postgres.said(), closing(postgres.connect(target.url, _LONG)) as new:
        with new.transaction():
            new.execute("lock table books in access exclusive mode")
            select = postgres_database.selecting(new)
            before = list(select("audit_books"))
            if before[1:] or before[0][-2]:
                same = before == list(database.selecting(old)("audit_books"))
                if not same or counts != _counts(new):
                    raise NotMoved(f"{target.name} is not empty: name an empty database")
            else:
                copy_all(old, new, counts, copied)
            if counts != _counts(new):
                raise NotMoved("the copy has other rows than the file: nothing was moved")
            again = prove(select, None, proved)
            if again.problems or again.shows != verdict.shows:
                raise NotMoved("the copy does not prove what the file does: nothing was moved")
        analyze(new, counts)
    return counts, again


def analyze(new: psycopg.Connection, counts: dict[str, int]) -> None:
    """Have the server look at the tables with rows, by their counts.

    Of a table known to be empty, plans would be made that suit no other.
    """
    for table in (name for name, rows in counts.items() if rows):
        new.execute(sql.SQL("analyze {}").format(sql.Identifier(table)))


def count(connection: sqlite3.Connection, table: str) -> int:
    """Return how many rows a table of the file has."""
    row = connection.execute(f"select count(*) from {table}").fetchone()  # noqa: S608 - ours
    return int(row[0])


def _counts(connection: psycopg.Connection) -> dict[str, int]:
    counts: dict[str, int] = {}
    for table in TABLES:
        text = sql.SQL("select count(*) from {}").format(sql.Identifier(table))
        row = connection.execute(text).fetchone()
        counts[table] = int(row[0]) if row else 0
    return counts


def copy_all(
    old: sqlite3.Connection, new: psycopg.Connection, counts: dict[str, int], copied: Progress
) -> None:
    """Copy the rows of every table into an empty office."""
    new.execute("delete from books")  # The house's, empty as it was made.
    done, total = 0, sum(counts.values())
    for table in TABLES:
        copied(done, total)
        rows = old.execute(f"select * from {table}")  # noqa: S608 - ours
        columns = [sql.Identifier(one[0]) for one in rows.description]
        text = sql.SQL("copy {} ({}) from stdin").format(
            sql.Identifier(table), sql.SQL(", ").join(columns)
        )
        with new.cursor() as cursor, cursor.copy(text) as copy:
            for row in rows:
                copy.write_row(row)
                done += 1
                if done % _TOLD_EACH == 0:
                    copied(done, total)
    copied(done, total)
