"""The databases that storage tests run on: the same test, each engine, a fresh one every time."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from data.database import Database, SqliteDatabase
from data.migrating import migrate
from tests.auxil import postgres

ENGINES = ("sqlite", "postgres")


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        migrate(path)
        return path.read_bytes()


def new_file(path: Path) -> Path:
    """Make a database with the newest schema and nothing in it: a copy of one migrated file."""
    path.write_bytes(_migrated())
    return path


@contextmanager
def new_database(engine: str, folder: Path) -> Generator[Database]:
    """Make a database with the newest schema and nothing in it."""
    if engine == "sqlite":
        yield SqliteDatabase(new_file(folder / "office.db"))
        return
    with postgres.shared_server().empty_database() as made:
        yield made


@contextmanager
def bare_database(engine: str, folder: Path) -> Generator[Database]:
    """Make a database without any table."""
    if engine == "sqlite":
        path = folder / "bare.db"
        path.touch()
        yield SqliteDatabase(path)
        return
    with postgres.shared_server().database() as made:
        yield made


def address(database: Database) -> str:
    """Return what names it in the settings, and to a child process."""
    return str(database.path) if isinstance(database, SqliteDatabase) else url(database)


def url(database: Database) -> str:
    """Return the URL of one on PostgreSQL."""
    text = getattr(database, "url", None)
    assert isinstance(text, str), database
    return text
