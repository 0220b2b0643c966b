"""What an operator does: `init`, `doctor`, `audit`, and so on."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from app.cli.frame import Exit, Json, Refused, print_json, say, settings_now
from app.cli.proving import prove, refuse_unproved

if TYPE_CHECKING:
    from data.database import Database

_TOML = """\
# The settings of this office; docs/settings.md describes them. Paths start at this file's folder.
# A variable of the environment, such as BILHETERIA_DATABASE, goes before this file.

# Where everything is kept: a path, or sqlite:FILE.
#database = "bilheteria.db"

# The house key, which signs the tickets. Back it up apart from the database.
#key_file = "bilheteria.key"

# The house's name, as sales show it.
#house = "Bilheteria"

# How amounts and dates are written: "pt-BR" or "en".
#language = "pt-BR"

# The house's own time zone, an IANA name.
#time_zone = "America/Sao_Paulo"

# How much `bilheteria work` tells: "debug", "info", "warning" or "error".
#log_level = "info"

# How often `bilheteria work` looks for work that other programs left, in seconds, 1 to 60.
#sweep_seconds = 5
"""


def init(
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Though the key that this office had is lost.")
    ] = False,
    json: Json = False,
) -> None:
    """Make the settings file, the database and the house key. What is there stays as it is."""
    from app.keys import KeyTrouble, make_key, public_path  # noqa: PLC0415 - slow to load
    from app.settings import settings_path  # noqa: PLC0415 - the same
    from data.database import database_at  # noqa: PLC0415 - the same
    from data.keeping import is_empty  # noqa: PLC0415 - the same

    path = settings_path()
    made = {str(path): _write_settings(path)}
    settings = settings_now()
    database = database_at(settings.database)
    made[database.name] = fresh = not database.exists()
    database.prepare()
    if not (fresh or new_key or settings.key_file.exists() or is_empty(database)):
        raise Refused(
            f"{database.name} was used with a house key that is not at {settings.key_file}: put it "
            "back there, as its tickets are signed with it; if it is lost, give --new-key",
            Exit.SETTINGS,
        )
    try:
        made[str(settings.key_file)] = make_key(settings.key_file)
    except KeyTrouble as trouble:
        raise Refused(str(trouble), Exit.SETTINGS) from trouble
    if json:
        print_json({"ok": True, "made": made})
        return
    for name, new in made.items():
        say(f"{'made' if new else 'kept'}  {name}")
    public = public_path(settings.key_file)
    say(f"tickets can be verified anywhere with {public}; keep the key itself secret and backed up")
    say("next: bilheteria show import FILE")


def _write_settings(path: Path) -> bool:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_TOML)
    except FileExistsError:
        return False
    except OSError as lost:
        message = f"the settings file {path} can't be written ({lost.strerror}): name another place"
        raise Refused(message, Exit.SETTINGS) from lost
    return True


def doctor(json: Json = False) -> None:
    """Look everything over; say what is wrong and what to do."""
    from app.doctor import Told, examine  # noqa: PLC0415 - slow to load

    try:
        found = examine(settings_now())
    except Refused as refused:
        if refused.code is not Exit.SETTINGS:
            raise
        problems = cast("list[str]", refused.facts["problems"])
        found = [Told(what="settings", state="wrong", said=one) for one in problems]
    wrong = sum(one.state == "wrong" for one in found)
    if json:
        print_json({"ok": not wrong, "found": [asdict(one) for one in found]})
    else:
        for one in found:
            say(f"{one.state:5}  {one.what}: {one.said}")
            if one.advice:
                say(f"       -> {one.advice}")
    if wrong:
        raise typer.Exit(Exit.REFUSED)


def audit(
    show: Annotated[
        str | None, typer.Option(metavar="SHOW", help="Only this show, by slug or number.")
    ] = None,
    json: Json = False,
) -> None:
    """Prove the books. Stock, money, order of service and chain are recomputed from the ledger."""
    from data.database import database_at  # noqa: PLC0415 - slow to load

    database = database_at(settings_now().database)
    show_id = None if show is None else asyncio.run(_show_id(database, show))
    verdict = prove(database, show_id)
    refuse_unproved(verdict, "the books do not add up", as_json=json)
    if json:
        print_json(verdict.as_plain())
        return
    for name, counts in verdict.shows.items():
        say(f"show {name}: " + ", ".join(f"{what} {count}" for what, count in counts.items()))
    say("the books add up")


async def _show_id(database: "Database", name: str) -> int:
    from data.database import opened  # noqa: PLC0415 - slow to load

    async with opened(database) as store:
        show_id = await store.views.show_id(name)
    if show_id is None:
        raise Refused(f"there is no show '{name}': see `bilheteria show list`")
    return show_id


def tell_version(asked: bool) -> None:
    """Do as `version` does, where an option asks for it."""
    if asked:
        version()
        raise typer.Exit


def version(json: Json = False) -> None:
    """Say which version this is."""
    from importlib.metadata import PackageNotFoundError  # noqa: PLC0415 - only this command
    from importlib.metadata import version as version_of  # noqa: PLC0415 - the same

    try:
        name = version_of("bilheteria")
    except PackageNotFoundError:
        name = "unpacked"
    if json:
        print_json({"version": name})
    else:
        say(f"bilheteria {name}")
