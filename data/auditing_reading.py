"""How the audit reads: rows as lists of cells, and what hangs on many of them looked up together.

A query for each row would cost a server more than the proof.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from core.audit import BROKEN, read_data
from core.ledger import Cell, Entry, encode
from data.database import Select

AT_ONCE = 500
"""Rows for which what hangs on them is looked up together."""
STEP = 1_000
"""After so many rows the progress is told."""


def rows_of(select: Select, name: str, **values: Cell) -> Iterator[list[Any]]:
    """Yield the rows of a statement as the ledger has them: as lists."""
    for row in select(name, **values):
        yield list(row)


def some(rows: Iterable[list[Any]]) -> Iterator[list[list[Any]]]:
    """Yield rows by the hundreds, as many as are looked up for together."""
    source = iter(rows)
    while part := list(islice(source, AT_ONCE)):
        yield part


def entries_of(select: Select, show_id: int, seqs: Iterable[Cell]) -> dict[Cell, Entry]:
    """Return the entries of a ledger with these numbers, as far as they are there."""
    keys = encode([[show_id, seq] for seq in {*seqs} if type(seq) is int])
    return {row[1]: Entry(*row) for row in rows_of(select, "audit_entries", keys=keys)}


def told_by(entry: Entry | None) -> tuple[Cell, dict[str, Any]]:
    """Return (when, data) of an entry; nothing of one that is not there or can't be read."""
    try:
        return (entry.at_ms, read_data(entry.data)) if entry is not None else (None, {})
    except BROKEN:
        return None, {}
