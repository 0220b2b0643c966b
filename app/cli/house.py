"""What an operator does: `init`, `migrate`, `backup`, `restore`, `doctor`, `audit`, and so on."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from app.cli.frame import Exit, Json, Refused, print_json, progress, say, settings_now
from core.ports import StorageLost

if TYPE_CHECKING:
    from app.settings import Settings
    from core.audit import Verdict

_TOLD_MAX = 20
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


def init(json: Json = False) -> None:
    """Make the settings file, the database and the house key. What is there stays as it is."""
    from app.keys import KeyTrouble, make_key, public_path  # noqa: PLC0415 - slow to load
    from app.settings import settings_path  # noqa: PLC0415 - the same
    from data.condition import prepare  # noqa: PLC0415 - the same

    path = settings_path()
    made = {str(path): _write_settings(path)}
    settings = settings_now()
    database = settings.database_path
    made[str(database)] = not database.exists()
    prepare(database)
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


def migrate(json: Json = False) -> None:
    """Bring the database up to this version. Back it up first."""
    from data.condition import prepare  # noqa: PLC0415 - slow to load

    path = settings_now().database_path
    if not path.exists():
        raise StorageLost(f"there is no database {path}: run `bilheteria init`")
    names = prepare(path)
    if json:
        print_json({"ok": True, "applied": names})
    elif names:
        for name in names:
            say(f"applied  {name}")
    else:
        say("nothing to do: the database is up to date")


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The new file to make.")],
    json: Json = False,
) -> None:
    """Back the database up while it sells. The copy is opened and proved whole."""
    from data.backup import back_up  # noqa: PLC0415 - slow to load

    settings = settings_now()
    if file.exists():
        raise Refused(f"{file} is there already: name a new file")
    with progress("copying") as told:
        back_up(settings.database_path, file, told)
    verdict = _audit(file, None)
    if not verdict.ok:
        _tell_problems(verdict, as_json=json)
        first = verdict.problems[0]
        message = f"{file} is a faithful copy, but the books do not add up: {first.where}"
        raise Refused(f"{message} {first.what}", facts=verdict.as_plain())
    size = file.stat().st_size
    if json:
        print_json({"ok": True, "file": str(file), "bytes": size, "audit": verdict.as_plain()})
    else:
        say(f"{file}: {size} bytes, opened, whole, its books add up")
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
    from data.backup import NotRestored, is_empty  # noqa: PLC0415 - slow to load
    from data.backup import restore as put_back  # noqa: PLC0415 - the same

    settings = settings_now()
    target = settings.database_path
    there = target.exists()
    if there and not force and not is_empty(target):
        raise Refused(f"{target} is not empty: give --force to put it aside and restore {file}")
    label = stamp(SystemClock().now_ms(), settings.time_zone)
    aside = target.with_name(f"{target.name}.before-{label}")
    try:
        with progress("copying") as told:
            put_back(file, target, aside, told)
    except NotRestored as trouble:
        raise Refused(f"not restored: {trouble}") from trouble
    verdict = _audit(target, None)
    kept = str(aside) if there else None
    if not verdict.ok:
        _tell_problems(verdict, as_json=json)
        first = verdict.problems[0]
        raise Refused(
            f"restored, but the books do not add up: {first.where} {first.what}",
            facts={**verdict.as_plain(), "aside": kept},
        )
    if json:
        print_json({"ok": True, "database": str(target), "aside": kept})
        return
    say(f"{target} is restored from {file} and its books add up")
    if kept:
        say(f"what was there is kept as {kept}")


def doctor(json: Json = False) -> None:
    """Look everything over; say what is wrong and what to do."""
    from app.doctor import Found, examine  # noqa: PLC0415 - slow to load

    try:
        found = examine(settings_now())
    except Refused as refused:
        if refused.code is not Exit.SETTINGS:
            raise
        problems = cast("list[str]", refused.facts["problems"])
        found = [Found("settings", "wrong", one) for one in problems]
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
    settings = settings_now()
    show_id = None if show is None else asyncio.run(_show_id(settings, show))
    verdict = _audit(settings.database_path, show_id)
    if not verdict.ok:
        _tell_problems(verdict, as_json=json)
        first = verdict.problems[0]
        message = f"the books do not add up: {first.where} {first.what}"
        raise Refused(message, facts=verdict.as_plain())
    if json:
        print_json(verdict.as_plain())
        return
    for name, counts in verdict.shows.items():
        say(f"show {name}: " + ", ".join(f"{what} {count}" for what, count in counts.items()))
    say("the books add up")


async def _show_id(settings: "Settings", name: str) -> int:
    from data.condition import condition  # noqa: PLC0415 - slow to load
    from data.sqlite import SqliteStore  # noqa: PLC0415 - the same

    condition(settings.database_path)
    async with SqliteStore(settings.database_path) as store:
        show_id = await store.views.show_id(name)
    if show_id is None:
        raise Refused(f"there is no show '{name}': see `bilheteria show list`")
    return show_id


def _audit(path: Path, show_id: int | None) -> "Verdict":
    from data.auditing import audit as prove  # noqa: PLC0415 - slow to load
    from data.condition import condition  # noqa: PLC0415 - the same

    if condition(path).pending:
        raise StorageLost(f"the database {path} is of an older version: run `bilheteria migrate`")
    with progress("proving") as told:
        return prove(path, show_id, _counting(told))


def _counting(told: Callable[[int, int], None]) -> Callable[[int], None]:
    """Make a counter of steps into a bar of unknown length."""
    done = 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        told(done, 0)

    return count


def _tell_problems(verdict: "Verdict", *, as_json: bool) -> None:
    if as_json:
        return
    for one in verdict.problems[:_TOLD_MAX]:
        typer.echo(f"{one.where}: {one.what}", err=True)
    more = len(verdict.problems) - _TOLD_MAX
    if more > 0:
        typer.echo(f"and {more} more (see --json)", err=True)


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
