"""`bilheteria report` and `bilheteria draw verify`: what was sold, and how the lobby was drawn."""

import asyncio
import csv
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.finding import find_show
from app.cli.frame import Exit, Json, Refused, at_office, print_json, say, table
from app.cli.shows import ShowName
from app.cli.words import amount
from core.views import Takings

if TYPE_CHECKING:
    from app.wiring import Open

draw = typer.Typer(help="Check opening draws.")


def report(
    show: Annotated[
        str | None, typer.Option(metavar="SHOW", help="Only this show, by slug or number.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Answer in CSV, for spreadsheets.")] = False,
    json: Json = False,
) -> None:
    """Tell what was sold and refunded. By show, tier, fare, channel, method and day."""
    if as_csv and json:
        raise Refused("give --csv or --json, not both", Exit.USAGE)

    async def work(an_office: "Open") -> None:
        show_id = None
        if show is not None:
            show_id = (await find_show(an_office, show)).card.show_id
        takings = await an_office.look.takings(show_id)
        if json:
            print_json([asdict(one) for one in takings])
        elif as_csv:
            _write_csv(takings)
        else:
            _tell(takings, an_office.settings.language)

    at_office(work)


def _write_csv(takings: Sequence[Takings]) -> None:
    names = [field.name for field in fields(Takings)]
    writer = csv.writer(sys.stdout)
    writer.writerow(names)
    writer.writerows([_cell(getattr(one, name)) for name in names] for one in takings)


def _cell(value: object) -> object:
    """Keep a spreadsheet from computing a name that someone published: '=HYPERLINK(...)'."""
    return f"'{value}" if isinstance(value, str) and value.startswith(tuple("=+-@")) else value


def _tell(takings: Sequence[Takings], language: str) -> None:
    if not takings:
        say("nothing was sold yet")
        return
    rows = [
        (
            one.day,
            one.show,
            f"{one.tier}/{one.fare}",
            one.channel,
            one.method,
            one.sold,
            one.refunded,
            amount(one.price_minor, one.currency, language),
            amount(one.fee_minor, one.currency, language),
        )
        for one in takings
    ]
    head = ("day", "show", "fare", "channel", "method", "sold", "refunded", "prices", "fees")
    table(head, rows)
    for currency in sorted({one.currency for one in takings}):
        mine = [one for one in takings if one.currency == currency]
        sold, refunded = sum(one.sold for one in mine), sum(one.refunded for one in mine)
        prices = amount(sum(one.price_minor for one in mine), currency, language)
        fees = amount(sum(one.fee_minor for one in mine), currency, language)
        say(f"in all: sold {sold}, refunded {refunded}, prices {prices}, fees {fees}")


@draw.callback()
def _draw() -> None:
    """Keep `verify` a word of its own."""


@draw.command()
def verify(name: ShowName, json: Json = False) -> None:
    """Check an opening draw. It is recomputed from what was published: seed, list and order."""
    from core.caretaker import verify_draw  # noqa: PLC0415 - only this command needs it
    from data.draws import drawn_ids  # noqa: PLC0415 - the same

    async def work(an_office: "Open") -> None:
        found = await find_show(an_office, name)
        if not found.seed:
            raise Refused(f"{found.card.slug} had no draw: nobody was in its lobby, or not yet")
        numbered = await asyncio.to_thread(drawn_ids, an_office.database, found.card.show_id)
        wrong = await asyncio.to_thread(verify_draw, found, sorted(numbered), numbered)
        if wrong is not None:
            raise Refused(f"the draw of {found.card.slug} is WRONG: {wrong}")
        facts = {
            "seed": found.seed,
            "seed_digest": found.seed_digest,
            "list_digest": found.list_digest,
            "drawn": len(numbered),
        }
        if json:
            print_json({"ok": True, **facts})
            return
        say(f"the draw of {found.card.slug} is right: {len(numbered)} were drawn")
        say(f"seed {found.seed}\nits digest, published before, {found.seed_digest}")
        say(f"digest of the list {found.list_digest}")

    at_office(work)
