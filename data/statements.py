"""Loads the statements: one file each under `sql/`, named after what it does."""

import re
from functools import cache
from importlib.resources import files


@cache
def statement(name: str) -> str:
    """Return the SQL of a statement, such as 'line_heads'; an unknown name raises KeyError."""
    for room in ("read", "write", "view", "audit"):
        path = files("data") / "sql" / room / f"{name}.sql"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise KeyError(name)


@cache
def numbered(name: str, columns: tuple[str, ...]) -> str:
    """Return a statement whose named parameters are numbered by column, for rows of cells.

    SQLite binds a row of cells by position at half the cost of binding it by name.
    """
    last = f"?{len(columns)}"
    text = re.sub(r":(\w+)", lambda found: f"?{columns.index(found[1]) + 1}", statement(name))
    if last not in text:
        # Every cell must have a parameter; this one is never false and never read.
        text = text.rstrip() + (f"\nand {last} is {last}" if "where" in text else "")
    return text
