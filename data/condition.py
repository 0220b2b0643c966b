"""How a database file stands, before anything is asked of it: for opening it and for `doctor`."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.ports import StorageLost
from data.migrating import Waiting, migrate, pending
from data.sqlite import connect, storage_lost
from data.statements import statement

OWNER_ONLY = 0o600
"""A database holds names and contacts: who else may read it, its owner decides."""


_MB = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing that was looked at. 'note': worth knowing, nothing is wrong."""

    what: str
    state: Literal["ok", "note", "wrong"]
    said: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a database says of itself. `last_ms`: when its ledgers were last written."""

    pending: Waiting
    last_ms: int
    told: tuple[Told, ...]


def condition(path: Path) -> Condition:
    """Look a database over; `StorageLost` if there is none or it can't be read."""
    if not path.is_file():
        raise StorageLost(f"there is no database {path}: run `bilheteria init`")
    try:
        lacks = pending(path)
        with closing(connect(path, read_only=True)) as connection:
            (mode,) = connection.execute("pragma journal_mode").fetchone()
            last_ms = 0 if lacks.before else connection.execute(statement("last_ms")).fetchone()[0]
    except sqlite3.Error as lost:
        raise storage_lost(lost) from lost
    return Condition(pending=lacks, last_ms=last_ms, told=tuple(_told(path, mode)))


def _told(path: Path, mode: str) -> Iterator[Told]:
    said = f"{path}, {path.stat().st_size // _MB} MB"
    yield Told(what="database", state="ok", said=said)
    if not os.access(path, os.W_OK):
        said, advice = f"{path} can't be written", "let the office's user write"
        yield Told(what="database", state="wrong", said=said, advice=advice)
    if mode == "wal":
        yield Told(what="journal", state="ok", said="write-ahead log")
    else:
        said = f"the journal mode is '{mode}', not 'wal'"
        advice = "put the database on a local disk; `bilheteria work` sets the mode when it opens"
        yield Told(what="journal", state="wrong", said=said, advice=advice)


def prepare(path: Path, *, first_part: bool = False) -> tuple[str, ...]:
    """Make or migrate a database; return the names of the steps that it lacked."""
    try:
        make_private(path)
        return migrate(path, first_part=first_part)
    except sqlite3.Error as lost:
        raise storage_lost(lost) from lost
    except OSError as lost:
        raise StorageLost(
            f"the database {path} can't be made ({lost.strerror}): name another place"
        ) from lost


def make_private(path: Path) -> None:
    """Make an empty file that only its owner may read; one that is there stays as it is."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, OWNER_ONLY))
