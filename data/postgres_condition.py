"""How a PostgreSQL database stands, before anything is asked of it: for opening it and `doctor`."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing

import psycopg

from core.ports import StorageLost
from data import postgres
from data.condition import Condition, Told
from data.postgres_migrating import pending
from data.statements import for_postgres

_MB = 1_000_000
_CONNECTIONS_LEFT = 10
_DURABLE = ("fsync", "full_page_writes")


def condition(url: str) -> Condition:
    """Look a database over; `StorageLost` if there is none or it can't be reached."""
    try:
        with closing(postgres.connect(url)) as connection:
            lacks = pending(connection)
            last = None if lacks.before else connection.execute(for_postgres("last_ms")).fetchone()
            told = tuple(_told(connection, postgres.shown(url)))
    except psycopg.Error as lost:
        raise postgres.storage_lost(lost) from lost
    return Condition(pending=lacks, last_ms=last[0] if last else 0, told=told)


def _setting(connection: psycopg.Connection, name: str) -> str:
    row = connection.execute("select current_setting(%s)", (name,)).fetchone()
    assert row is not None
    return str(row[0])


def _told(connection: psycopg.Connection, name: str) -> Iterator[Told]:
    row = connection.execute("select pg_database_size(current_database())").fetchone()
    size = int(row[0]) if row else 0
    version = connection.info.server_version
    said = f"{name}, PostgreSQL {version // 10_000}.{version % 10_000}, {size // _MB} MB"
    yield Told(what="database", state="ok", said=said)
    lost = [one for one in _DURABLE if _setting(connection, one) != "on"]
    if lost:
        said = f"the server runs with {' and '.join(lost)} off: a power cut can lose what was sold"
        advice = "turn it on in postgresql.conf and restart the server"
        yield Told(what="durability", state="wrong", said=said, advice=advice)
    else:
        yield Told(what="durability", state="ok", said="what was answered is on the server's disk")
    yield _connections(connection)
    yield _tools(version)


def _connections(connection: psycopg.Connection) -> Told:
    row = connection.execute("select count(*) from pg_stat_activity").fetchone()
    used, most = int(row[0]) if row else 0, int(_setting(connection, "max_connections"))
    said = f"{used} of {most} connections are in use"
    if most - used < _CONNECTIONS_LEFT:
        advice = "raise max_connections in postgresql.conf: a process of the office takes up to 8"
        return Told(what="connections", state="wrong", said=said, advice=advice)
    return Told(what="connections", state="ok", said=said)


def _tools(version: int) -> Told:
    server = version // 10_000
    advice = f"install the client programs of PostgreSQL {server}"
    dump = shutil.which("pg_dump")
    if dump is None or shutil.which("pg_restore") is None:
        said = "pg_dump and pg_restore are not installed here, so `bilheteria backup` can't run"
        return Told(what="backup", state="note", said=said, advice=advice)
    major = _major(dump)
    if major is None:
        said = f"{dump} does not say its version: `bilheteria backup` may not run"
        return Told(what="backup", state="note", said=said, advice=advice)
    if major < server:
        said = f"pg_dump {major} can't back up a server {server}: it must be as new"
        return Told(what="backup", state="wrong", said=said, advice=advice)
    return Told(what="backup", state="ok", said=f"pg_dump {major} and pg_restore are there")


def _major(program: str) -> int | None:
    """Return the release a client program is of, None if it can't be run or does not say."""
    try:
        done = subprocess.run(  # noqa: S603 - what `which` found
            [program, "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\) (\d+)", done.stdout)
    return int(found[1]) if found else None


def there(url: str) -> bool:
    """Whether the database can be reached and holds an office, of whatever version."""
    try:
        with closing(postgres.connect(url)) as connection:
            return connection.execute("select to_regclass('books')").fetchone() != (None,)
    except psycopg.Error as lost:
        raise postgres.storage_lost(lost) from lost


def missing(url: str) -> StorageLost:
    """Say that there is no office in a database."""
    return StorageLost(f"there is no office in {postgres.shown(url)}: run `bilheteria init`")
