"""What every command stands in: exit codes, refusals in one line, JSON where a program reads."""

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from typer.core import TyperGroup

from core.ports import BrokenInvariant, Overloaded, StorageLost

if TYPE_CHECKING:
    from app.settings import Settings
    from app.wiring import Open

_T = TypeVar("_T")
_AS_JSON = "bilheteria.json"
_BAR_UPDATES_PER_S = 4
_COMMANDS = re.compile("[\0-\t\v-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal would obey or can't be written, rather than shown."""


class Exit(IntEnum):
    """What the exit codes mean; docs/operator.md tells them."""

    OK = 0
    REFUSED = 1
    """Refused, or a check found something wrong."""
    USAGE = 2
    STORAGE = 3
    """The database can't be used now."""
    SETTINGS = 4
    """The settings or the house key can't be used."""
    WAITING = 5
    """Not sold yet: the customer has a place in the lobby or the line."""
    BUG = 70
    """A rule of the house was broken; nothing was written."""
    INTERRUPTED = 130


class Refused(Exception):
    """The answer is no. The message says what was wrong and what to do; `facts` go into JSON."""

    def __init__(
        self,
        message: str,
        code: Exit = Exit.REFUSED,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.facts = facts or {}


class Front(TyperGroup):
    """Turns what commands raise into one line and an exit code."""

    def invoke(  # pyright: ignore[reportIncompatibleMethodOverride]  # Context by its public name
        self, ctx: typer.Context
    ) -> object:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except Refused as refused:
            code, message, facts = refused.code, str(refused), refused.facts
        except (StorageLost, Overloaded) as lost:
            code, message, facts = Exit.STORAGE, str(lost), {}
        except BrokenInvariant as broken:
            message = f"a rule of the house was broken and nothing was written; report it: {broken}"
            code, facts = Exit.BUG, {}
        except KeyboardInterrupt:
            raise typer.Exit(Exit.INTERRUPTED) from None
        if ctx.meta.get(_AS_JSON):
            print_json({**facts, "ok": False, "error": message})
        complain(f"bilheteria: {message}")
        raise typer.Exit(code)


def _note_json(ctx: typer.Context, value: bool) -> bool:
    ctx.meta[_AS_JSON] = value
    return value


Json = Annotated[
    bool, typer.Option("--json", callback=_note_json, help="Answer in JSON, for programs.")
]


def print_json(facts: object) -> None:
    """Print one JSON value on one line."""
    text = json.dumps(facts, ensure_ascii=False, default=str)
    typer.echo(_COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def say(text: str) -> None:
    """Print what a person reads; names and titles come from anyone, and command no terminal."""
    typer.echo(_COMMANDS.sub("\ufffd", text))


def complain(text: str) -> None:
    """Print what is wrong, beside the answer."""
    typer.echo(_COMMANDS.sub("\ufffd", text), err=True)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print aligned columns; numbers to the right."""
    listed = [list(map(str, head)), *([str(cell) for cell in row] for row in rows)]
    numeric = [
        len(listed) > 1 and all(row[n][:1].isdigit() or not row[n] for row in listed[1:])
        for n in range(len(head))
    ]
    widths = [max(len(row[n]) for row in listed) for n in range(len(head))]
    for row in listed:
        cells = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        )
        say("  ".join(cells).rstrip())


@contextmanager
def progress(what: str) -> Generator[Callable[[int, int], None]]:
    """Show a bar for (done, in all) on a terminal, nothing elsewhere. In all 0: not known."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.progress import Progress  # noqa: PLC0415 - the same

    shown = Progress(
        console=Console(stderr=True), transient=True, refresh_per_second=_BAR_UPDATES_PER_S
    )
    with shown:
        bar = shown.add_task(what, total=None)
        yield lambda done, total: shown.update(bar, completed=done, total=total or None)


def settings_now() -> "Settings":
    """Read the settings, or refuse with all that is wrong with them."""
    from app.settings import SettingsWrong, load_settings  # noqa: PLC0415 - slow to load

    try:
        return load_settings()
    except SettingsWrong as wrong:
        lines = "\n  ".join(wrong.problems)
        text = f"the settings can't be used:\n  {lines}" if len(wrong.problems) > 1 else lines
        raise Refused(text, Exit.SETTINGS, {"problems": wrong.problems}) from wrong


def at_office(work: "Callable[[Open], Awaitable[_T]]") -> _T:
    """Open the office of the settings, do the work there, close it; return what came of it."""
    from app.keys import KeyTrouble  # noqa: PLC0415 - not every command opens the office
    from app.settings import SettingsWrong  # noqa: PLC0415 - the same
    from app.wiring import open_office  # noqa: PLC0415 - the same

    settings = settings_now()

    async def opened() -> _T:
        async with open_office(settings) as an_office:
            return await work(an_office)

    try:
        return asyncio.run(opened())
    except (KeyTrouble, SettingsWrong) as trouble:
        raise Refused(str(trouble), Exit.SETTINGS) from trouble
