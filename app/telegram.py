"""Puts the bot together with an office."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from app.pace import Pace
from app.wiring import Open
from bot.front import AT_ONCE
from bot.marks import Marks
from bot.opening import Line, OpenBot, open_bot
from bot.posting import Post
from bot.room import Papers, Room, Till
from core.offers import Offer
from core.payments import Ticket
from core.receipts import ticket_code
from core.requests import TELEGRAM
from core.views import ShowView

_SECRET = "telegram: taps and ids"  # noqa: S105 - a label; no show has a slug with a space


def marks_of(an_office: Open) -> Marks:
    """Return the office's marks: the same in every process that has the house key."""
    return Marks(an_office.signer.seed(_SECRET))


@asynccontextmanager
async def telegram_bot(
    an_office: Open,
    line: Line,
    pace: Pace,
    *,
    papers: Papers | None = None,
    till: Till | None = None,
    at_once: int = AT_ONCE,
) -> AsyncGenerator[OpenBot]:
    """Open the bot on an office."""
    marks = marks_of(an_office)

    def offers(show: ShowView) -> tuple[Offer, ...]:
        return an_office.offers.of_show(show, TELEGRAM)

    def code(ticket: Ticket) -> str:
        return ticket_code(ticket, an_office.signer)

    def room(post: Post) -> Room:
        settings = an_office.settings
        return Room(
            office=an_office.office,
            offers=offers,
            marks=marks,
            post=post,
            changes=an_office.changes,
            ticket_code=code,
            house=settings.house,
            language=settings.language,
            time_zone=settings.time_zone,
            papers=papers or an_office.papers(),
            till=till,
        )

    async with open_bot(line, pace, marks, room, at_once=at_once) as opened:
        yield opened
