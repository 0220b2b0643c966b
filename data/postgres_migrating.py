"""Brings a PostgreSQL database up to the newest schema, through yoyo, whoever else tries to.

All steps of a run are one transaction, marks included: killed anywhere in it, none was applied. The
server's own lock lets several processes ask at once; it ends with whoever holds it.
"""

from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg

from core.ports import StorageLost
from data import postgres
from data.migrating import STEPS, OneTransaction, Waiting, apply, steps_in, waiting

_LOCK = 0x42_49_4C_48
"""The number of the advisory lock: 'BILH'."""
_PATIENT = {"lock_timeout": "60s", "statement_timeout": "0"}
# yoyo has no types of its own.
_BASE: Any = import_module("yoyo.backends.core.postgresql").PostgresqlPsycopgBackend
_URI: Any = import_module("yoyo.connections").parse_uri("postgresql+psycopg:///")


class _Backend(OneTransaction, _BASE):
    """yoyo's, on a connection of ours: it knows neither several hosts nor libpq's other options."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._ours = connection
        _BASE.__init__(self, _URI, "_yoyo_migration")
        self.init_database()

    def connect(self, _uri: object) -> psycopg.Connection:
        return self._ours


def migrate(
    url: str, *, first_part: bool = False, folder: Path = STEPS / "postgres"
) -> tuple[str, ...]:
    """Apply the steps that a database lacks; return their names."""
    with postgres.said(), closing(postgres.connect(url, _PATIENT)) as connection:
        _refuse_unfit(connection)
        connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
        backend = _Backend(connection)
        backend.ensure_internal_schema_updated()
        with backend.transaction():
            return apply(backend, folder, first_part=first_part)


def pending(connection: psycopg.Connection) -> Waiting:
    """Return the steps that a database lacks."""
    made = connection.execute("select to_regclass('_yoyo_migration') is not null").fetchone()
    applied = list[str]()
    if made == (True,):
        rows = connection.execute("select migration_id from _yoyo_migration")
        applied = [str(row[0]) for row in rows]
    return waiting(steps_in(STEPS / "postgres"), applied)


def _refuse_unfit(connection: psycopg.Connection) -> None:
    version = connection.info.server_version
    if version < postgres.OLDEST:
        oldest = postgres.OLDEST // 10_000
        raise StorageLost(f"the server is PostgreSQL {version // 10_000}: use {oldest} or later")
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        message = f"the database's encoding is {encoding}: make one with `createdb -E UTF8`"
        raise StorageLost(message)
