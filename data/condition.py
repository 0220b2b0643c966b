"""How a database file stands, before anything is asked of it: for opening it and for `doctor`."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from yoyo.exceptions import LockTimeout

from core.ports import StorageLost
from data.migrating import migrate, pending
from data.sqlite import connect, storage_lost
from data.statements import statement

OWNER_ONLY = 0o600
"""A database holds names and contacts: who else may read it, its owner decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a database file says of itself. `last_ms`: when its ledgers were last written."""

    pending: tuple[str, ...]
    journal_mode: str
    last_ms: int


def condition(path: Path) -> Condition:
    """Look a database over; `StorageLost` if there is none or it can't be read."""
    if not path.is_file():
        raise StorageLost(f"there is no database {path}: run `bilheteria init`")
    try:
        lacks = pending(path)
        with closing(connect(path, read_only=True)) as connection:
            (mode,) = connection.execute("pragma journal_mode").fetchone()
            last_ms = 0 if lacks else connection.execute(statement("last_ms")).fetchone()[0]
    except sqlite3.Error as lost:
        raise storage_lost(lost) from lost
    return Condition(pending=lacks, journal_mode=mode, last_ms=last_ms)


def prepare(path: Path) -> tuple[str, ...]:
    """Make or migrate a database; return the names of the steps that it lacked."""
    try:
        make_private(path)
        return migrate(path)
    except sqlite3.Error as lost:
        raise storage_lost(lost) from lost
    except LockTimeout as lost:
        raise StorageLost(f"another program migrates {path}: wait for it to end") from lost
    except OSError as lost:
        raise StorageLost(
            f"the database {path} can't be made ({lost.strerror}): name another place"
        ) from lost


def make_private(path: Path) -> None:
    """Make an empty file that only its owner may read; one that is there stays as it is."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, OWNER_ONLY))
