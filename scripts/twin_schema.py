"""Writes PostgreSQL's schema after SQLite's, of which it is the twin, and the opening migrations.

    python -m scripts.twin_schema

As long as no version is out, a change of the schema is made in `data/schema.sql` alone and this is
run; a test holds the four files together.
"""

import re
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"
_HEAD = """\
-- The schema on PostgreSQL: what the migrations add up to, and the twin of the one on SQLite (both
-- held by tests/data/test_migrations.py). Texts compare by code point, as SQLite and the rules
-- compare them, whatever the database's own collation. Rows that change with every batch leave room
-- in their pages for their next versions.
"""
_KEPT = """\
create function ledger_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger is append-only' using errcode = 'integrity_constraint_violation';
end
$$;
create trigger ledger_is_kept before update or delete or truncate on ledger
execute function ledger_is_append_only();

"""
_BUSY = ("books", "tiers", "quotas", "allotments", "promises", "blocks")
_OUTBOX = "-- The outbox"
_WIDTH = 100


def twin(text: str) -> str:
    """Return the schema on PostgreSQL, of the one on SQLite."""
    text = _HEAD + text.partition("\n")[2]
    text = re.sub(r"\binteger\b", "bigint", text)
    text = re.sub(r"\btext\b", 'text collate "C"', text)
    text = text.replace(") without rowid;", ");")
    for table in _BUSY:
        table_text = re.compile(rf"(create table {table} \(.*?\n\));", re.DOTALL)
        text = table_text.sub(r"\1 with (fillfactor = 50);", text, count=1)
    before, ledger, after = re.split(r"(create table ledger .*?\n\);\n)", text, flags=re.DOTALL)
    after = re.sub(r"create trigger ledger_.*?\nend;\n", "", after, flags=re.DOTALL)
    # There a table must be there before another refers to it.
    text = before.replace(_OUTBOX, f"{ledger}{_KEPT}{_OUTBOX}").rstrip() + "\n\n" + after.lstrip()
    return "".join(map(_narrow, text.splitlines(keepends=True)))


def _narrow(line: str) -> str:
    return line if len(line) <= _WIDTH else line.replace(" check (", "\n        check (", 1)


def main() -> None:
    """Write the files."""
    text = (DATA / "schema.sql").read_text(encoding="utf-8")
    opening = Path("0001.opening.sql")
    (DATA / "migrations" / "sqlite" / opening).write_text(text, encoding="utf-8")
    (DATA / "schema_postgres.sql").write_text(twin(text), encoding="utf-8")
    (DATA / "migrations" / "postgres" / opening).write_text(twin(text), encoding="utf-8")


if __name__ == "__main__":
    main()
