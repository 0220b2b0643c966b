"""Brings a database up to the newest schema: plain SQL steps, forward only, through yoyo.

An upgrade has two parts, so that sales need not stop for it. Most steps only add, and the version
before works with what they add: they are applied before the new version is started. A step whose
name ends with `.post` takes away what the version before still needs: it is applied once no process
of that version runs any more. An office opens as long as no step of the first part is missing.

All steps of a run are one transaction, marks included: killed anywhere in it, none was applied.
"""

import fcntl
import os
import sqlite3
from collections.abc import Generator, Iterable
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, Self, cast

from core.ports import StorageLost
from data.sqlite import connect

STEPS = Path(str(files("data"))) / "migrations"
_AFTER = ".post"


class OneTransaction:
    """Has yoyo apply a step in the transaction that marks it as applied: killed, neither was."""

    def copy(self) -> AbstractContextManager[Self]:
        """Return this connection where yoyo would open another."""
        return nullcontext(self)


def _backend(path: Path) -> Any:  # noqa: ANN401 - yoyo has no types of its own
    """Return yoyo's for a SQLite file. It is loaded here: it is slow, and few commands migrate."""
    base: Any = import_module("yoyo.backends.core.sqlite3").SQLiteBackend
    uri: Any = import_module("yoyo.connections").parse_uri(f"sqlite:///{path.absolute()}")
    kind: Any = type("OneTransactionOfSQLite", (OneTransaction, base), {})
    return kind(uri, "_yoyo_migration")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The steps that a database lacks: before the new version starts, and after the old ended."""

    before: tuple[str, ...]
    after: tuple[str, ...]


def waiting(known: Iterable[str], applied: Iterable[str]) -> Waiting:
    """Sort out which of the known steps are still to be applied, and when."""
    names = sorted(set(known) - set(applied))
    return Waiting(
        before=tuple(name for name in names if not name.endswith(_AFTER)),
        after=tuple(name for name in names if name.endswith(_AFTER)),
    )


def steps_in(folder: Path) -> list[str]:
    """Return the names of the steps in a folder, in order."""
    return sorted(one.stem for one in folder.glob("*.sql"))


def apply(
    backend: Any,  # noqa: ANN401 - yoyo has no types
    folder: Path,
    *,
    first_part: bool,
) -> tuple[str, ...]:
    """Apply what a database lacks, all of it or only the first part; return the names."""
    import yoyo  # noqa: PLC0415 - slow to load, and few commands migrate

    lacking = backend.to_apply(cast("Any", yoyo).read_migrations(str(folder)))
    chosen = [one for one in lacking if not (first_part and one.id.endswith(_AFTER))]
    backend.apply_migrations(type(lacking)(chosen, lacking.post_apply))
    return tuple(str(one.id) for one in chosen)


def migrate(
    path: Path, *, first_part: bool = False, folder: Path = STEPS / "sqlite"
) -> tuple[str, ...]:
    """Apply the steps that a SQLite database lacks, creating it if need be; return their names."""
    from yoyo.exceptions import LockTimeout  # noqa: PLC0415 - the same

    connect(path).close()  # The file and its WAL mode now exist.
    with _alone(path):
        backend = _backend(path)
        backend.init_database()
        try:
            backend.ensure_internal_schema_updated()
            with backend.transaction():
                return apply(backend, folder, first_part=first_part)
        except LockTimeout as lost:
            raise StorageLost(f"another program migrates {path}: wait for it to end") from lost
        finally:
            backend.connection.close()


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


def pending(path: Path) -> Waiting:
    """Return the steps that a SQLite database lacks."""
    with closing(connect(path, read_only=True)) as connection:
        try:
            rows = connection.execute("select migration_id from _yoyo_migration").fetchall()
        except sqlite3.OperationalError:
            rows = []
    return waiting(steps_in(STEPS / "sqlite"), (str(row[0]) for row in rows))
