"""What keeps an office's data: `migrate`, `backup`, `restore`, `move`."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.frame import Json, Refused, print_json, progress, say, settings_now
from app.cli.proving import counting, prove, refuse_unproved
from core.ports import StorageLost


def migrate(
    before_deploy: Annotated[
        bool,
        typer.Option(
            "--before-deploy",
            help="Only what the version before works with too: sales go on meanwhile.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Bring the database up to this version. Back it up first."""
    from data.database import database_at  # noqa: PLC0415 - slow to load

    database = database_at(settings_now().database)
    if not database.exists():
        raise StorageLost(f"there is no database {database.name}: run `bilheteria init`")
    names = database.prepare(first_part=before_deploy)
    later = database.condition().pending.after
    if json:
        print_json({"ok": True, "applied": names, "after_deploy": later})
        return
    for name in names:
        say(f"applied  {name}")
    if not names and not later:
        say("nothing to do: the database is up to date")
    if later:
        say(f"to be applied once the version before runs no more: {', '.join(later)}")


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The new file to make.")],
    json: Json = False,
) -> None:
    """Back the database up while it sells. The copy is read back and proved whole."""
    from data.database import database_at  # noqa: PLC0415 - slow to load
    from data.keeping import back_up  # noqa: PLC0415 - the same

    settings = settings_now()
    database = database_at(settings.database)
    if file.exists():
        raise Refused(f"{file} is there already: name a new file")
    with progress("copying") as told:
        verdict = back_up(database, file, told, counting(told))
    what = f"{file} is a faithful copy, but the books do not add up"
    refuse_unproved(verdict, what, as_json=json)
    size = file.stat().st_size
    if json:
        print_json({"ok": True, "file": str(file), "bytes": size, "audit": verdict.as_plain()})
    else:
        say(f"{file}: {size} bytes, read back, whole, its books add up")
        say(f"the house key is not in it: keep {settings.key_file} safe too")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")],
    force: Annotated[
        bool, typer.Option("--force", help="Even if the database holds something: it goes aside.")
    ] = False,
    json: Json = False,
) -> None:
    """Put a backup back. What was there is kept aside."""
    from app.cli.days import stamp  # noqa: PLC0415 - only this command needs it
    from app.clock import SystemClock  # noqa: PLC0415 - the same
    from data import keeping  # noqa: PLC0415 - slow to load
    from data.backup import NotRestored  # noqa: PLC0415 - the same
    from data.database import database_at  # noqa: PLC0415 - the same

    settings = settings_now()
    database = database_at(settings.database)
    if not file.exists():
        raise Refused(f"not restored: there is no file {file}: name the backup")
    if not force and not keeping.is_empty(database):
        raise Refused(
            f"{database.name} is not empty: give --force to put it aside and restore {file}"
        )
    label = stamp(SystemClock().now_ms(), settings.time_zone)
    try:
        with progress("copying") as told:
            kept = keeping.restore(database, file, label, told)
    except NotRestored as trouble:
        raise Refused(f"not restored: {trouble}") from trouble
    verdict = prove(database)
    what = f"restored, but the books do not add up{f' ({kept} is what was there)' if kept else ''}"
    refuse_unproved(verdict, what, as_json=json, facts={"aside": kept})
    if json:
        print_json({"ok": True, "database": database.name, "aside": kept})
        return
    say(f"{database.name} is restored from {file} and its books add up")
    if kept:
        say(f"what was there is kept as {kept}")
    if not settings.key_file.exists():
        say(f"now put the house key back: {settings.key_file} is missing")


def move(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The office: sqlite:FILE.")],
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="An empty database: postgresql://HOST/NAME.")
    ],
    json: Json = False,
) -> None:
    """Move a whole office from SQLite to PostgreSQL. Nobody sells meanwhile; all or nothing."""
    from data.database import SqliteDatabase, database_at  # noqa: PLC0415 - slow to load
    from data.moving import NotMoved  # noqa: PLC0415 - the same
    from data.moving import move as carry  # noqa: PLC0415 - the same
    from data.postgres_database import PostgresDatabase  # noqa: PLC0415 - the same

    old, new = database_at(source), database_at(target)
    if not isinstance(old, SqliteDatabase) or not isinstance(new, PostgresDatabase):
        raise Refused("an office moves from sqlite:FILE to postgresql://HOST/NAME: name them so")
    try:
        with progress("moving") as told:
            moved = carry(old, new, told, counting(told))
    except NotMoved as trouble:
        raise Refused(f"not moved: {trouble}") from trouble
    total = sum(moved.rows.values())
    if json:
        audit = moved.verdict.as_plain()
        facts = {"database": new.name, "rows": moved.rows, "kept": str(moved.kept), "audit": audit}
        print_json({"ok": True, **facts})
        return
    say(f"moved {total} rows to {new.name}; both sides count and prove the same")
    say(f"the file is kept as {moved.kept}; nobody sells from it any more")
    say("next: name the new database in the settings (database) and start the office's programs")
