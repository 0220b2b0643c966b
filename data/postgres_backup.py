"""Backs a PostgreSQL database up while it sells, and puts a backup back, by the server's own tools.

pg_dump copies one committed moment, and the audit proves that very moment: both read the snapshot
that the other does. A dump can't be opened as a database can; it is read through to its end.
"""

import os
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from core.ports import StorageLost
from core.verdict import Verdict
from data import postgres
from data.auditing import prove
from data.backup import NotRestored, Progress, sync
from data.condition import make_private
from data.database import Progress as Proving
from data.postgres_condition import missing, there
from data.postgres_database import selecting
from data.postgres_migrating import migrate

_LONG = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}
_LOOK_S = 0.2


def back_up(url: str, file: Path, copied: Progress, proved: Proving) -> Verdict:
    """Dump a database, in use or not, to a new file, and prove what was dumped.

    Raises `StorageLost`: nothing is left of a dump that did not come to its end.
    """
    if not there(url):
        raise missing(url)
    program = _program("pg_dump")
    part = file.with_name(file.name + ".part")
    try:
        make_private(part)
        with postgres.said(), closing(postgres.connect(url, _LONG)) as connection:
            connection.execute("begin isolation level repeatable read, read only")
            row = connection.execute("select pg_export_snapshot()").fetchone()
            assert row is not None
            what = ["--format=custom", f"--snapshot={row[0]}", f"--file={part}"]
            _run([program, *what, "--no-owner", "--no-privileges"], url, part, copied)
            _listing(part)
            _run([_program("pg_restore"), f"--file={os.devnull}", str(part)], None, part, copied)
            verdict = prove(selecting(connection), None, proved)
        sync(part)
        part.replace(file)
        sync(file.parent)
    except OSError as lost:
        raise StorageLost(f"the copy can't be written ({lost.strerror}): {file}") from lost
    finally:
        part.unlink(missing_ok=True)
    return verdict


def restore(url: str, file: Path, label: str, copied: Progress) -> str | None:
    """Put a dump into a database and migrate it; what was there goes aside, into a schema.

    Returns the name of that schema. Raises `NotRestored` or `StorageLost`: the database then stands
    as it stood. Killed half-way, what was there is aside already: restore again.
    """
    if not file.is_file():
        raise NotRestored(f"there is no file {file}: name the backup")
    if "TABLE DATA public books" not in _listing(file):
        raise NotRestored(f"{file} is no backup of an office on PostgreSQL")
    aside = _put_aside(url, f"before_{label}".replace("-", "_")) if there(url) else None
    program = _program("pg_restore")
    how = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    try:
        _run([program, *how, str(file)], url, file, copied)
        migrate(url)
    except StorageLost:
        if aside is not None:
            _put_back(url, aside)
        raise
    return aside


def _put_aside(url: str, name: str) -> str:
    """Give all that is there another schema, if nobody is at work on it."""
    with postgres.said(), closing(postgres.connect(url)) as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and application_name = current_setting('application_name')"
            " and pid <> pg_backend_pid()"
        ).fetchone()
        if row is None or row[0]:
            raise NotRestored(
                "a program has the database open: stop `bilheteria work` and every window, then try"
                " again"
            )
        _rename(connection, "public", name)
        connection.execute("create schema public")
    return name


def _put_back(url: str, name: str) -> None:
    with postgres.said(), closing(postgres.connect(url)) as connection, connection.transaction():
        connection.execute("drop schema public cascade")
        _rename(connection, name, "public")


def _rename(connection: psycopg.Connection, name: str, new: str) -> None:
    text = sql.SQL("alter schema {} rename to {}")
    connection.execute(text.format(sql.Identifier(name), sql.Identifier(new)))


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise StorageLost(
            f"{name} is not installed here: install the client programs of PostgreSQL, of the"
            " server's version or later"
        )
    return found


def _listing(file: Path) -> str:
    """Return what a dump says it holds."""
    asked = [_program("pg_restore"), "--list", str(file)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise NotRestored(f"{file} is no backup of an office on PostgreSQL ({_why(done.stderr)})")
    lines = (line.partition(";")[2].split() for line in done.stdout.splitlines())
    return "\n".join(" ".join(words[2:]) for words in lines)


def _run(command: list[str], url: str | None, file: Path, copied: Progress) -> None:
    """Run one of the tools; its password goes by the environment, where nobody else sees it."""
    environment = dict(os.environ)
    if url is not None:
        info = conninfo_to_dict(url)
        environment["PGPASSWORD"] = str(
            info.pop("password", "") or os.environ.get("PGPASSWORD", "")
        )
        command = [*command, f"--dbname={make_conninfo('', **info)}"]
    with subprocess.Popen(  # noqa: S603 - ours
        command, env=environment, stderr=subprocess.PIPE, text=True
    ) as running:
        while True:
            try:
                _, said = running.communicate(timeout=_LOOK_S)
                break
            except subprocess.TimeoutExpired:
                copied(file.stat().st_size, 0)
    if running.returncode:
        raise StorageLost(f"{Path(command[0]).name} failed ({_why(said)})")


def _why(said: str) -> str:
    """Return the first line that names an error."""
    lines = [line for line in said.splitlines() if "error" in line] or said.splitlines()
    return lines[0].partition("error: ")[2] or lines[0] if lines else "it does not say why"
