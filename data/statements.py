"""Loads the statements: one file each under `sql/`, named after what it does.

They are written once, for both engines. Where an engine must differ, a twin of the same name lies
in the folder of that engine and goes before the one that serves all.
"""

import re
from functools import cache
from importlib.resources import files

SQLITE = "sqlite"
POSTGRES = "postgres"
_ROOMS = ("read", "write", "view", "audit")
_TOKEN = re.compile(r"--[^\n]*|'[^']*'|json_each\((:\w+)\)|:(\w+)|%")
_KEY = re.compile(r"(?<![.\w])(\w+) = new\.")
_VALUES = re.compile(r"\nvalues \((.*?)\)(?=\s*(?:on conflict|$))", re.DOTALL)
_WRITING = re.compile(r"((?:--[^\n]*\n)*)(insert into|update|delete from) (\w+)(.*)", re.DOTALL)
_PARAMETER = re.compile(r":(\w+)")
_LOOKED_UP = re.compile(
    r"(from (?:json_each\(:\w+\) as k|named)\ncross join )(\w+) as (\w+)((?:\nleft join [^\n]+)*)\n"
    r"(where .*?)(?=\n(?:group by|order by|union all)|\Z)",
    re.DOTALL,
)


@cache
def statement(name: str, engine: str = SQLITE) -> str:
    """Return the SQL of a statement, such as 'line_heads'; an unknown name raises KeyError."""
    for room in (engine, *_ROOMS):
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
    text = _PARAMETER.sub(lambda found: f"?{columns.index(found[1]) + 1}", statement(name))
    if last not in text:
        # Every cell must have a parameter; this one is never false and never read.
        text = text.rstrip() + (f"\nand {last} is {last}" if "where" in text else "")
    return text


@cache
def for_postgres(name: str) -> bytes:
    """Return a statement in psycopg's words: its parameters, and how a list of keys is unfolded.

    SQLite looks up what follows `cross join` for each key. So does PostgreSQL if that is a lateral
    query of its own (`offset 0` keeps it one); otherwise, while its statistics say that a table is
    small, it would go through all of it and compare each row with all keys.
    """
    text = statement(name, POSTGRES).rstrip()
    text = _LOOKED_UP.sub(r"\1lateral (select \3.* from \2 as \3 \5 offset 0) as \3\4", text)
    return _in_psycopgs_words(text)


@cache
def set_based(name: str) -> bytes:
    """Return a writing statement for PostgreSQL that takes all its rows at once, as JSON.

    One statement over a thousand rows costs less than a thousand of one row each. The rows have the
    types of their table; a twin that has `:rows` itself says what else they are.
    """
    text = statement(name, POSTGRES)
    if ":rows" in text:
        return _in_psycopgs_words(text)
    comment, verb, table, rest = _parts(text)
    rows = f"json_populate_recordset(cast(null as {table}), cast(:rows as json)) as new"
    rest = _PARAMETER.sub(r"new.\1", rest)
    if verb == "insert into":
        rest = _VALUES.sub(rf"\nselect \1\nfrom {rows}", rest)
    else:
        joint = "using" if verb == "delete from" else "from"
        before, _, after = rest.rpartition("where ")
        # The rows have the table's columns too: whose is meant must be said.
        after = _KEY.sub(rf"{table}.\1 = new.", after)
        rest = f"{before}{joint} {rows}\nwhere {after}"
    return _in_psycopgs_words(f"{comment}{verb} {table}{rest}")


def _parts(text: str) -> tuple[str, str, str, str]:
    """Return a writing statement as its comment, what it does, to which table, and the rest."""
    found = _WRITING.match(text)
    assert found is not None, f"not a writing statement: {text}"
    return found[1], found[2], found[3], found[4]


def _in_psycopgs_words(text: str) -> bytes:
    def word(found: re.Match[str]) -> str:
        if found[1]:
            return f"json_array_elements(cast(%({found[1][1:]})s as json))"
        if found[2]:
            return f"%({found[2]})s"
        if found[0].startswith("--"):
            return ""
        return found[0].replace("%", "%%")

    return _TOKEN.sub(word, text).strip().encode()
