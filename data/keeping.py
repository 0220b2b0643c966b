"""Backups of either engine: of a SQLite file a file, of PostgreSQL a dump."""

from pathlib import Path

from core.verdict import Verdict
from data import backup
from data.auditing import audit
from data.database import Database, Progress, SqliteDatabase


def back_up(database: Database, file: Path, copied: backup.Progress, proved: Progress) -> Verdict:
    """Copy a database, in use or not, to a new file; return what the audit proves of the copy."""
    if isinstance(database, SqliteDatabase):
        backup.back_up(database.path, file, copied)
        return audit(SqliteDatabase(file), None, proved)
    from data import postgres_backup  # noqa: PLC0415 - an office on SQLite has no use for it
    from data.postgres_database import PostgresDatabase  # noqa: PLC0415 - the same

    assert isinstance(database, PostgresDatabase)
    return postgres_backup.back_up(database.url, file, copied, proved)


def restore(database: Database, file: Path, label: str, copied: backup.Progress) -> str | None:
    """Put a backup back; return where what was there is kept. Raises `NotRestored`."""
    if isinstance(database, SqliteDatabase):
        path = database.path
        aside = path.with_name(f"{path.name}.before-{label}")
        there = path.exists()
        backup.restore(file, path, aside, copied)
        return str(aside) if there else None
    from data import postgres_backup  # noqa: PLC0415 - an office on SQLite has no use for it
    from data.postgres_database import PostgresDatabase  # noqa: PLC0415 - the same

    assert isinstance(database, PostgresDatabase)
    kept = postgres_backup.restore(database.url, file, label, copied)
    return f"schema {kept}" if kept else None


def is_empty(database: Database) -> bool:
    """Whether a database holds nothing that a restore would put aside."""
    if isinstance(database, SqliteDatabase):
        return not database.exists() or backup.is_empty(database.path)
    return not database.exists() or database.condition().last_ms == 0
