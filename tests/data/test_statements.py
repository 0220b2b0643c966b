"""The statements: in the common tongue of both engines, and each finding its rows by an index."""

import re
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from data import postgres
from data.statements import for_postgres, set_based, statement
from data.writing import COLUMNS
from tests.auxil.postgres import shared_server

SQL = Path(__file__).resolve().parents[2] / "data" / "sql"
FILES = sorted(SQL.rglob("*.sql"))
HOT = [file for file in FILES if file.parent.name in {"read", "view", "write"}]
BIG = {
    *("purchases", "ledger", "effects", "orders", "payments", "tickets", "refunds"),
    *("events", "customers", "contacts", "blocks", "documents", "attempts"),
}
WHOLE = {
    "cards_by_name": "a clerk looks somebody up by a part of the name, some times a day",
    "messages_listed": "an operator's list, from the newest back until it has enough",
    "outbox_counts": "counts the outbox for an operator, not for each request",
    "takings": "a report of every ticket ever sold",
}
"""Statements that read a big table whole, each with its reason."""
NAMES = re.compile(r"\b(?:from|join|update|into)\s+(\w+)(?:\s+as\s+(\w+))?", re.IGNORECASE)
WORDS = re.compile(r"--[^\n]*|'[^']*'")


def named(file: Path) -> str:
    return f"{file.parent.name}/{file.stem}"


def code(file: Path) -> str:
    """The statement without its comments and quoted texts."""
    return WORDS.sub(" ", file.read_text(encoding="utf-8"))


def plan(path: Path, text: str) -> list[str]:
    values = dict.fromkeys(re.findall(r":(\w+)", WORDS.sub(" ", text)))
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(f"explain query plan {text}", values).fetchall()
    return [row[3] for row in rows]


def scanned(path: Path, text: str) -> set[str]:
    """The big tables that a statement reads from end to end."""
    tables = {alias or table: table for table, alias in NAMES.findall(WORDS.sub(" ", text))}
    found: set[str] = set()
    for step in plan(path, text):
        scan = re.match(r"SCAN (\w+)", step)
        if scan and tables.get(scan[1], scan[1]) in BIG:
            found.add(tables.get(scan[1], scan[1]))
    return found


@pytest.mark.parametrize("file", HOT, ids=named)
def test_no_statement_of_a_request_reads_a_big_table_whole(file: Path, path: Path) -> None:
    assert not scanned(path, statement(file.stem)) or file.stem in WHOLE


def test_a_reason_is_given_only_where_it_is_needed(path: Path) -> None:
    assert {name for name in WHOLE if not scanned(path, statement(name))} == set()


@pytest.mark.parametrize(
    "text",
    [
        "select * from purchases where basket = :basket",
        "select p.tickets from shows as s join purchases as p on p.channel = s.slug",
        "update effects set error = :error where kind = :kind",
        "select count(*) from ledger",
    ],
)
def test_a_scan_is_found(text: str, path: Path) -> None:
    assert scanned(path, text)


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("line_heads", "purchases_line"),
        ("purchases_live_of", "purchases_live"),
        ("purchases_due", "purchases_due"),
        ("shows_due", "books_due"),
        ("purchase_by_number", "purchases_number"),
        ("bought_by", "purchases_bought"),
        ("position", "purchases_line"),
        ("effects_lease", "effects_due"),
    ],
)
def test_a_hot_statement_uses_the_index_that_was_made_for_it(
    name: str, index: str, path: Path
) -> None:
    assert any(f"INDEX {index} " in f"{step} " for step in plan(path, statement(name)))


def test_the_head_of_the_line_is_read_in_order_and_not_sorted(path: Path) -> None:
    assert not [step for step in plan(path, statement("line_heads")) if "TEMP B-TREE" in step]


PARAMETER = re.compile(r"%\((\w+)\)s")
SERVED = sorted({file.stem for file in FILES if file.parent.name != "sqlite"})


@pytest.fixture(scope="module")
def server() -> Iterator[psycopg.Connection]:
    """Plans as PostgreSQL makes them for a batch."""
    with planning() as connection:
        yield connection


@pytest.fixture(scope="module")
def counted() -> Iterator[psycopg.Connection]:
    """The same once it has counted the tables: it thinks them empty for longer than they are."""
    with planning() as connection:
        connection.execute("analyze")
        yield connection


@contextmanager
def planning() -> Generator[psycopg.Connection]:
    with (
        shared_server().database("empty") as made,  # not one that others left traces in
        closing(postgres.connect(made.url, postgres.BY_KEY)) as connection,
    ):
        connection.prepare_threshold = None
        yield connection


def plan_there(server: psycopg.Connection, name: str) -> list[str]:
    """How PostgreSQL carries a statement out, whatever its parameters are."""
    text = (set_based(name) if name in COLUMNS else for_postgres(name)).decode()
    asked = dict.fromkeys(PARAMETER.findall(text))
    numbers = {name: f"${number}" for number, name in enumerate(asked, 1)}
    text = PARAMETER.sub(lambda found: numbers[found[1]], text).replace("%%", "%")
    server.execute("deallocate all")
    server.execute(f"prepare one as {text}".encode())
    values = ", ".join(["null"] * len(asked))
    rows = server.execute(f"explain execute one{f'({values})' if asked else ''}".encode())
    return [str(row[0]) for row in rows]


def scanned_there(server: psycopg.Connection, name: str) -> set[str]:
    found = (re.search(r"Seq Scan on (\w+)", step) for step in plan_there(server, name))
    return {scan[1] for scan in found if scan and scan[1] in BIG}


WHOLE_THERE = WHOLE | {
    name: "the audit reads everything" for name in SERVED if name.startswith("audit_")
}


@pytest.mark.parametrize("name", SERVED)
def test_on_postgresql_no_statement_of_a_request_reads_a_big_table_whole(
    name: str, server: psycopg.Connection
) -> None:
    assert not scanned_there(server, name) or name in WHOLE_THERE


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("line_heads", "purchases_line"),
        ("purchases_live_of", "purchases_live"),
        ("purchases_by_id", "purchases_pkey"),
        ("purchases_step", "purchases_pkey"),
        ("purchases_due", "purchases_due"),
        ("shows_due", "books_due"),
        ("books_of", "books_pkey"),
        ("purchase_by_number", "purchases_number"),
        ("position", "purchases_line"),
        ("effects_lease", "effects_due"),
    ],
)
def test_on_postgresql_a_hot_statement_uses_its_index(
    name: str, index: str, server: psycopg.Connection
) -> None:
    plan = "\n".join(plan_there(server, name))
    assert f" {index} " in plan, plan


LOOKED_UP = sorted({file.stem for file in FILES if "\ncross join" in code(file)})
"""Statements that look rows up for each of a list of keys."""
BY_PART = {"bought_by", "purchases_live_of", "refunds_by_purchase"}
"""By the customer's or the purchase's few rows; the show is compared after."""


@pytest.mark.parametrize("name", LOOKED_UP)
def test_on_postgresql_rows_are_looked_up_by_all_of_their_key(
    name: str, counted: psycopg.Connection
) -> None:
    steps = plan_there(counted, name)
    compared = [step for step in steps if "Filter" in step and "k.value" in step]
    if name in BY_PART:
        assert all("(+ show_id)" in step for step in compared), compared
    elif name != "shift_tallies":  # a drawer's, read when a clerk closes it
        assert compared == []


def test_the_books_of_a_batch_are_locked_in_the_order_of_their_ids(
    server: psycopg.Connection,
) -> None:
    first, *rest = plan_there(server, "books_of")
    assert first.startswith("LockRows")
    assert (
        any("Sort Key: b.show_id" in step for step in rest)
        or "Index Scan using books_pkey" in rest[0]
    )


TWINS = [file for file in FILES if file.parent.name in {"sqlite", "postgres"}]


def test_a_twin_differs_from_what_serves_both() -> None:
    for file in TWINS:
        others = [one for one in FILES if one.stem == file.stem and one is not file]
        texts = {code(one).strip() for one in others}
        assert code(file).strip() not in texts, f"{named(file)} is no twin"


@pytest.mark.parametrize("file", FILES, ids=named)
def test_a_statement_says_why_and_speaks_the_common_tongue(file: Path) -> None:
    text, bare = file.read_text(encoding="utf-8"), code(file)
    assert text.startswith("-- ")
    assert "::" not in bare, "cast(x as bigint)"
    assert "?" not in bare, "parameters have names"
    assert not re.search(r"\d\.\d", bare), "no floats"
    types = r"\b(real|float|double|boolean|true|false|jsonb?|datetime|serial)\b"
    bare = re.sub(r"json_to_recordset\(cast\(:rows as json\)\)", "", bare)
    assert not re.search(types, bare, re.IGNORECASE), "integers and texts only"
    assert ";" not in bare.rstrip().rstrip(";"), "one statement a file"


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_what_is_written_is_named_as_its_columns(name: str) -> None:
    asked = set(re.findall(r":(\w+)", WORDS.sub(" ", statement(name))))
    assert asked <= set(COLUMNS[name])


def test_an_unknown_statement_is_said() -> None:
    with pytest.raises(KeyError, match="no_such"):
        statement("no_such")
