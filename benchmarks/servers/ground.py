"""What the measures on PostgreSQL stand on: a server, databases on it, processes that sell."""

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack, closing, contextmanager
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import IO

import psycopg

from benchmarks.replay import Step
from data import moving, postgres
from data.postgres_database import PostgresDatabase
from data.statements import statement
from data.writing import COLUMNS
from tests.auxil.postgres import Server, durable_server

CONNECTIONS = 8
"""At which the floor is written."""


@contextmanager
def server() -> Generator[Server]:
    """Start a server, and stop it afterwards."""
    with durable_server() as made:
        yield made


@contextmanager
def carried(made: Server, base: Path) -> Generator[PostgresDatabase]:
    """Carry what a closed SQLite file holds into a new database, as a move would, unproved."""
    with made.database() as target, closing(sqlite3.connect(base)) as old:
        target.prepare()
        counts = {table: moving.count(old, table) for table in moving.TABLES}
        with closing(postgres.connect(target.url, {"statement_timeout": "0"})) as new:
            with new.transaction():
                moving.copy_all(old, new, counts, lambda _done, _total: None)
            moving.analyze(new, counts)
        yield target


@contextmanager
def copied(made: Server, base: PostgresDatabase) -> Generator[PostgresDatabase]:
    """Copy a database that nobody has open."""
    with made.database(base.url.rpartition("/")[2]) as copy:
        yield copy


def floor(database: PostgresDatabase, steps: Iterable[Step]) -> float:
    """Write steps with no rules: a transaction each, 8 connections, the show's book locked.

    A purchase's steps keep their order, on one connection. Returns steps a second.
    """
    parts: list[list[Step]] = [[] for _ in range(CONNECTIONS)]
    of: dict[str, int] = {}
    for step in steps:
        name = str(step["ledger_insert"][0][4])
        parts[of.setdefault(name, len(of) % CONNECTIONS)].append(step)
    with ExitStack() as stack:
        connections = [
            stack.enter_context(postgres.connect(database.url, postgres.BY_KEY)) for _ in parts
        ]
        threads = [
            Thread(target=_write, args=work) for work in zip(connections, parts, strict=True)
        ]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(map(len, parts)) / (time.perf_counter() - began)


def _write(connection: psycopg.Connection, steps: list[Step]) -> None:
    texts = {name: _by_name(name) for name in COLUMNS if not name.startswith("blocks")}
    lock = b"select show_id from books where show_id = %s for update"
    for step in steps:
        with connection.transaction():
            connection.execute(lock, [step["ledger_insert"][0][0]], prepare=True)
            for name, rows in step.items():
                for row in rows if name in texts else ():
                    values = dict(zip(COLUMNS[name], row, strict=True))
                    connection.execute(texts[name], values, prepare=True)


def _by_name(name: str) -> bytes:
    """Return a statement for one row: what anyone would write with psycopg."""
    lines = statement(name).splitlines()
    text = "\n".join(line for line in lines if not line.startswith("--"))
    for column in sorted(COLUMNS[name], key=len, reverse=True):
        text = text.replace(f":{column}", f"%({column})s")
    return text.encode()


class Seller:
    """A process that sells to some people when it is told to."""

    def __init__(
        self, stack: ExitStack, database: PostgresDatabase, shows: Sequence[int], people: list[str]
    ) -> None:
        command = [sys.executable, "-m", "benchmarks.servers.seller"]
        self._process = stack.enter_context(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        )
        self._tell(json.dumps({"url": database.url, "shows": list(shows), "people": people}))
        assert self._out.readline() == "ready\n"

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    @property
    def _out(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout

    def begin(self) -> None:
        """Have it begin."""
        self._tell("go")

    def end(self) -> None:
        """Wait until everyone has bought."""
        assert self._out.readline() == "done\n"


def sell(database: PostgresDatabase, shares: Sequence[Sequence[int]], people: list[str]) -> float:
    """Sell to all people by one process for each share of the shows; return purchases a second."""
    each = len(people) // len(shares)
    source = iter(people)
    with ExitStack() as stack:
        sellers = [Seller(stack, database, shows, [*islice(source, each)]) for shows in shares]
        began = time.perf_counter()
        for seller in sellers:
            seller.begin()
        for seller in sellers:
            seller.end()
        return each * len(shares) / (time.perf_counter() - began)
