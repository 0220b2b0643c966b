"""The statements: in the common tongue of both engines, and each finding its rows by an index."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from data.statements import statement
from data.writing import COLUMNS

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
