"""PostgreSQL as the office uses it: how it is reached, what a connection is set to, what is lost.

The office's connections hold to plans by key. A plan made while a table was small would read all
of it when it has grown within the minute, before the server has counted it anew; every statement
has an index for what it asks, so the planner is given no choice.
"""

from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.numeric import Int8Dumper
from psycopg_pool import PoolTimeout

from core.ports import BrokenInvariant, StorageLost

PATIENCE_S = 5
"""How long a lock, or a server that is starting, is waited for; as long as on SQLite."""
OLDEST = 140_000
"""PostgreSQL 14."""
_IDLE_MS = 15_000
"""A transaction whose process was cut off keeps its locks no longer than this."""
_SETTINGS = {
    "synchronous_commit": "on",  # An answer that was given is on the disk.
    "lock_timeout": f"{PATIENCE_S}s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": f"{_IDLE_MS}ms",
    "client_min_messages": "warning",
    "jit": "off",
}
BY_KEY = {
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "plan_cache_mode": "force_generic_plan",
}
_NETWORK = {
    "application_name": "bilheteria",
    "connect_timeout": str(PATIENCE_S),
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
_RETRIED = (errors.SerializationFailure, errors.DeadlockDetected)
_FAULTS = (psycopg.IntegrityError, psycopg.DataError, errors.CardinalityViolation)


def conninfo(url: str) -> str:
    """Return how to connect; what the URL itself says goes before what the office prefers."""
    return make_conninfo("", **(_NETWORK | conninfo_to_dict(url)))


def shown(url: str) -> str:
    """Return a URL as it may be printed: without its password."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    netloc = user.partition(":")[0] + at + host
    return urlunsplit((parts.scheme, netloc, parts.path, "", ""))


def settings_sql(more: dict[str, str]) -> str:
    """Return the statement that sets a new connection as the office needs it."""
    settings = _SETTINGS | more
    calls = (f"set_config('{name}', '{value}', false)" for name, value in settings.items())
    return "select " + ", ".join(calls)


def adapt(connection: "psycopg.AsyncConnection | psycopg.Connection") -> None:
    """Let every integer be a bigint: a statement is then planned once, not once for each size."""
    connection.adapters.register_dumper(int, Int8Dumper)


def connect(url: str, more: dict[str, str] | None = None) -> psycopg.Connection:
    """Open a connection for work outside the batches; each statement is its own transaction."""
    connection = psycopg.connect(conninfo(url), autocommit=True)
    adapt(connection)
    connection.execute(settings_sql(more or {}).encode())
    return connection


def cut(lost: Exception, connection: "psycopg.AsyncConnection | None") -> bool:
    """Whether the same may be tried once more: no rule and no statement was at fault."""
    if isinstance(lost, _RETRIED):
        return True
    return connection is not None and connection.closed and not isinstance(lost, PoolTimeout)


@contextmanager
def said() -> Generator[None]:
    """Turn what psycopg raises into the office's two exceptions."""
    try:
        yield
    except _FAULTS as broken:
        raise BrokenInvariant(str(broken)) from broken
    except psycopg.Error as lost:
        raise storage_lost(lost) from lost


def storage_lost(cause: Exception) -> StorageLost:
    """Say what is wrong with the storage and what to do."""
    text = " ".join(str(cause).split()) or type(cause).__name__
    if isinstance(cause, errors.LockNotAvailable | errors.DeadlockDetected):
        advice = "another program holds these rows; it is tried again when that lets go"
    elif isinstance(cause, errors.DiskFull):
        advice = "the server's disk is full; make room, then try again"
    elif isinstance(cause, errors.UndefinedTable | errors.UndefinedColumn):
        advice = "run `bilheteria migrate`, then `bilheteria doctor`"
    else:
        advice = "see that the server runs and can be reached, and run `bilheteria doctor`"
    return StorageLost(f"the database can't be used ({text}): {advice}")
