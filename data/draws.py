"""Reads what a draw published, for anyone to check it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from data.sqlite import connect, storage_lost
from data.statements import statement


def drawn_ids(path: Path, show_id: int) -> list[str]:
    """Return the purchase ids of a show's frozen lobby in the order of their numbers."""
    try:
        with closing(connect(path, read_only=True)) as connection:
            rows = connection.execute(statement("drawn_ids"), {"show_id": show_id})
            return [purchase_id for (purchase_id,) in rows]
    except sqlite3.Error as lost:
        raise storage_lost(lost) from lost
