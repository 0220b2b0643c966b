"""Printing from a screen: in a thread, never in the way of a sale; where it fails, a file."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from tui.context import Context
from tui.ports import PrinterTrouble
from tui.printing.plain import write_slips
from tui.printing.slips import Slip

_PATIENCE_S = 15
"""A printer that hangs longer than this is in trouble."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What came of a job, in words; whether the paper is there."""

    done: bool
    told: str


async def put_on_paper(
    context: Context, name: str, slips: tuple[Slip, ...], *, kick: bool = False
) -> Printed:
    """Print, or where there is no printer write a file; trouble is told, never raised."""
    printer, say = context.givens.printer, context.say
    if printer is None:
        return await save(context, name, slips)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await asyncio.to_thread(printer.print, slips, kick=kick)
    except PrinterTrouble as trouble:
        return Printed(done=False, told=say.text("printer: {why}", why=trouble))
    except TimeoutError:
        return Printed(done=False, told=say.text("the printer does not answer"))
    return Printed(done=True, told=say.text("printed"))


async def save(context: Context, name: str, slips: tuple[Slip, ...]) -> Printed:
    """Write slips into a file, as text."""
    say, folder = context.say, context.givens.folder
    try:
        path = await asyncio.to_thread(write_slips, folder, name, slips)
    except PrinterTrouble as trouble:
        return Printed(done=False, told=say.text("could not be written: {why}", why=trouble))
    return Printed(done=True, told=say.text("written to {path}", path=path.name))


async def save_pdf(context: Context, name: str, make: Callable[[], bytes]) -> Printed:
    """Write a PDF into a file; it is made beside the loop, as it takes its time."""
    say, path = context.say, context.givens.folder / f"{name}.pdf"

    def write() -> None:
        content = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    try:
        await asyncio.to_thread(write)
    except OSError as lost:
        return Printed(done=False, told=say.text("could not be written: {why}", why=lost.strerror))
    return Printed(done=True, told=say.text("written to {path}", path=path.name))
