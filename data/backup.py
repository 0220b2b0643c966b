"""Backs a database up while it sells, and puts a backup back.

Both go through SQLite's online backup: the copy is of one committed moment. A copy counts only once
it was opened and found whole.
"""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path

from core.ports import StorageLost
from data.condition import condition, make_private, prepare
from data.sqlite import connect, storage_lost

Progress = Callable[[int, int], None]
"""Told (pages copied, pages in all)."""
_PAGES_PER_STEP = 1_024
_JOURNALS = ("-wal", "-shm")


class NotRestored(Exception):
    """The backup was not put back; the database stands as it stood. The message says why."""


def back_up(source: Path, target: Path, progress: Progress) -> None:
    """Copy a database, in use or not, to a new file that is one whole database.

    Raises `StorageLost`: nothing is left of a copy that did not come to its end.
    """
    if not source.is_file():
        raise StorageLost(f"there is no database {source}: run `bilheteria init`")
    part = target.with_name(target.name + ".part")
    try:
        with _lost():
            _copy(source, part, progress)
            _check(part)
            sync(part)
        part.replace(target)
        sync(target.parent)
    except OSError as lost:
        raise StorageLost(f"the copy can't be written ({lost.strerror}): {target}") from lost
    finally:
        _remove(part)


def restore(backup: Path, target: Path, aside: Path, progress: Progress) -> None:
    """Put a backup where the database is, after migrating it; what was there goes `aside`.

    Raises `NotRestored` or `StorageLost`: the database then stands as it stood.

    At every instant the old file or the new one stands whole at the database's name. Killed before
    the new one took it, the old one may have its name aside as well, and a `.restoring` file is
    left: restore again, to the same end. Only a damaged database can still have journals by then;
    they go aside first, so after a kill just then look for them there (`-wal`, `-shm`).
    """
    if not backup.is_file():
        raise NotRestored(f"there is no file {backup}: name the backup")
    part = target.with_name(target.name + ".restoring")
    try:
        with _lost():
            _refuse_other(backup)
            _copy(backup, part, progress)
            _check(part)
        prepare(part)
        refuse_in_use(part)
        if target.exists():
            refuse_in_use(target)
            shutil.copymode(target, part)
        sync(part)
        _exchange(part, target, aside)
        sync(target.parent)
        with _lost(), closing(connect(target)) as restored:
            restored.execute("select count(*) from books").fetchone()  # In WAL mode from here on.
    except OSError as lost:
        raise StorageLost(f"the database can't be written ({lost.strerror}): {target}") from lost
    finally:
        _remove(part)


def is_empty(path: Path) -> bool:
    """Whether a database file holds no entry in any ledger; one that can't be read is not empty."""
    try:
        return condition(path).last_ms == 0
    except StorageLost:
        return False


@contextlib.contextmanager
def _lost() -> Generator[None]:
    try:
        yield
    except sqlite3.Error as lost:
        raise storage_lost(lost) from lost


def _copy(source: Path, target: Path, progress: Progress) -> None:
    _remove(target)
    make_private(target)
    with closing(connect(source, read_only=True)) as old, closing(sqlite3.connect(target)) as new:
        # An open read keeps the copy to one moment: without it, each sale would begin it anew.
        old.execute("begin")
        old.execute("select count(*) from sqlite_schema").fetchone()

        def told(_status: int, remaining: int, total: int) -> None:
            progress(total - remaining, total)

        old.backup(new, pages=_PAGES_PER_STEP, progress=told)
        new.execute("pragma journal_mode = delete")  # One file, without companions.


def _refuse_other(path: Path) -> None:
    """Refuse a file that is none of our databases."""
    try:
        with closing(connect(path, read_only=True)) as connection:
            connection.execute("select count(*) from books").fetchone()
    except sqlite3.DatabaseError as wrong:
        raise NotRestored(f"{path} is no backup of an office ({wrong})") from wrong


def _check(path: Path) -> None:
    """Open a copy and have SQLite read all of it."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as copy:
        said = [str(row[0]) for row in copy.execute("pragma integrity_check(1)")]
        loose = copy.execute("pragma foreign_key_check").fetchone()
    if said != ["ok"]:
        raise StorageLost(f"the copy is damaged ({said[0]}): check the disk, use another backup")
    if loose is not None:
        raise StorageLost(f"a row of '{loose[0]}' refers to none: run `bilheteria audit`")


def refuse_in_use(path: Path) -> None:
    """Leave WAL mode, which only the one program that has the file open can do."""
    try:
        with closing(sqlite3.connect(path, timeout=0.5)) as connection:
            connection.execute("pragma journal_mode = delete")
    except sqlite3.OperationalError as locked:
        raise NotRestored(
            f"a program has {path} open: stop `bilheteria work` and every window, then try again"
        ) from locked
    except sqlite3.DatabaseError:
        return  # Damaged, so nobody sells with it; it is kept aside as it is.


def _exchange(part: Path, target: Path, aside: Path) -> None:
    """Put the new file at the database's name, and the old one aside; or all back as it was."""
    if not target.exists():
        part.replace(target)
        return
    _keep(target, aside)
    try:
        _move_journals(target, aside)
        sync(target.parent)
        part.replace(target)
    except OSError:
        _move_journals(aside, target)
        aside.unlink()
        raise


def _keep(path: Path, aside: Path) -> None:
    """Give a file a second name, or make a second file where files can have but one name."""
    if aside.exists():
        raise NotRestored(f"there is a file {aside} already: try again in a moment")
    try:
        os.link(path, aside)
    except OSError:
        shutil.copy2(path, aside)
        sync(aside)


def _move_journals(source: Path, target: Path) -> None:
    for end in _JOURNALS:
        journal = source.with_name(source.name + end)
        if journal.exists():
            journal.replace(target.with_name(target.name + end))


def _remove(path: Path) -> None:
    for end in ("", "-journal", *_JOURNALS):
        path.with_name(path.name + end).unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have the disk keep a file, or a folder's names."""
    if os.name != "posix" and path.is_dir():
        return  # A folder can't be opened there.
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
