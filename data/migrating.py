"""Brings a database up to the newest schema: plain SQL steps, forward only, through yoyo."""

import sqlite3
from contextlib import closing
from importlib.resources import as_file, files
from pathlib import Path

from yoyo import get_backend, read_migrations  # pyright: ignore[reportUnknownVariableType]

from data.sqlite import connect


def migrate(path: Path) -> tuple[str, ...]:
    """Apply the steps that a SQLite database lacks, creating it if need be; return their names."""
    with closing(connect(path)) as connection:
        connection.execute("pragma user_version")  # The file and its WAL mode now exist.
    with as_file(files("data") / "migrations" / "sqlite") as folder:
        backend = get_backend(f"sqlite:///{path.absolute()}")
        try:
            migrations = read_migrations(str(folder))
            with backend.lock():
                waiting = backend.to_apply(migrations)
                names = tuple(one.id for one in waiting)
                backend.apply_migrations(waiting)
        finally:
            backend.connection.close()
    return names


def pending(path: Path) -> tuple[str, ...]:
    """Return the names of the steps that a SQLite database lacks."""
    with as_file(files("data") / "migrations" / "sqlite") as folder:
        known = [one.id for one in read_migrations(str(folder))]
    with closing(connect(path, read_only=True)) as connection:
        try:
            applied = {
                row[0] for row in connection.execute("select migration_id from _yoyo_migration")
            }
        except sqlite3.OperationalError:
            applied = set()
    return tuple(name for name in known if name not in applied)
