"""Brings a database up to the newest schema: plain SQL steps, forward only, through yoyo."""

import fcntl
import os
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, cast

import yoyo

from data.sqlite import connect


def migrate(path: Path) -> tuple[str, ...]:
    """Apply the steps that a SQLite database lacks, creating it if need be; return their names."""
    connect(path).close()  # The file and its WAL mode now exist.
    library = cast("Any", yoyo)  # It has no types of its own.
    with _alone(path), as_file(files("data") / "migrations" / "sqlite") as folder:
        backend = library.get_backend(f"sqlite:///{path.absolute()}")
        try:
            with backend.lock():
                waiting = backend.to_apply(library.read_migrations(str(folder)))
                names = tuple(str(one.id) for one in waiting)
                backend.apply_migrations(waiting)
        finally:
            backend.connection.close()
    return names


@contextmanager
def _alone(path: Path) -> Generator[None]:
    """Keep other migrations of this file waiting: yoyo's own tables are made before its lock."""
    # The folder, not the file: closing another handle of the file would drop SQLite's own locks.
    folder = os.open(path.absolute().parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def pending(path: Path) -> tuple[str, ...]:
    """Return the names of the steps that a SQLite database lacks."""
    folder = files("data") / "migrations" / "sqlite"
    known = sorted(one.name.removesuffix(".sql") for one in folder.iterdir())
    with closing(connect(path, read_only=True)) as connection:
        try:
            rows = connection.execute("select migration_id from _yoyo_migration").fetchall()
        except sqlite3.OperationalError:
            rows = []
    applied = {str(row[0]) for row in rows}
    return tuple(name for name in known if name not in applied)
