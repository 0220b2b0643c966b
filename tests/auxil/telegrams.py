"""A house with its bot on our Telegram: an office, a bank, people with phones, all of it real."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.chat.bank import Bank
from app.clock import SystemClock
from app.effects import EffectWorker
from app.gateway_calls import GatewayCalls
from app.keys import make_key
from app.pace import Pace
from app.settings import Settings
from app.telegram import telegram_bot
from app.wiring import Open, open_office
from bot.local_api.people import Person, Shown
from bot.local_api.server import LocalApi
from bot.opening import Line, OpenBot
from bot.polling import Poller
from core.catalogue import ShowDraft
from core.messages import GATEWAY_KINDS
from core.offers import Offers
from tests.auxil.offices import HandClock, new_file, publish

_ROUND_S = 0.02
_PATIENCE_S = 60


@dataclass(slots=True)
class House:
    """All that a test of the bot stands on. `clock` is the office's."""

    api: LocalApi
    an_office: Open
    clock: HandClock
    bank: Bank
    bot: OpenBot
    shows: dict[str, int] = field(default_factory=dict[str, int])

    async def tap(self, person: Person, text: str, on: str = "") -> Shown:
        """Tap a button, once a message has it (and one says `on`); return that message."""
        self.clock.ms += 1_000
        if on:
            await person.sees(on)
        shown = await person.offered(text)
        await person.tap(shown, text)
        return shown

    def say(self, person: Person, text: str) -> None:
        """Have somebody write something, a while after what was done last."""
        self.clock.ms += 1_000
        person.send(text)

    async def due(self) -> None:
        """Do what is due now: the caretaker's round, the calls to the bank."""
        await self.an_office.caretaker.round()
        worker = _worker(self.an_office)
        while await worker.round():
            pass


def _worker(an_office: Open) -> EffectWorker:
    calls = GatewayCalls(an_office.office, an_office.gateways)
    return EffectWorker(an_office.office, an_office.ids.new(), GATEWAY_KINDS, calls)


@asynccontextmanager
async def office_on(path: Path, clock: HandClock, bank: Bank) -> AsyncGenerator[Open]:
    """Open an office by the real wiring, with the test's clock and bank."""
    key = path.with_suffix(".key")
    make_key(key)
    settings = Settings(database=str(path), key_file=key, house="Teatro do Porto")
    async with open_office(settings, clock) as an_office:
        gateways = {bank.name: bank}
        yield replace(an_office, gateways=gateways, offers=Offers(gateways))


@asynccontextmanager
async def polled(opened: OpenBot) -> AsyncGenerator[None]:
    """Have the bot fetch its updates while inside; on leaving, all it took is done."""
    stop = asyncio.Event()
    polling = asyncio.create_task(Poller(opened.bot, opened.front).run(stop))
    try:
        yield
    finally:
        stop.set()
        await polling


@asynccontextmanager
async def working(an_office: Open) -> AsyncGenerator[None]:
    """Keep the office going while inside, as `bilheteria work` does."""

    async def rounds() -> None:
        worker = _worker(an_office)
        while True:
            await an_office.caretaker.round()
            await worker.round()
            await asyncio.sleep(_ROUND_S)

    task = asyncio.create_task(rounds())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def house(
    folder: Path, *drafts: ShowDraft, bank: Bank | None = None, base_url: str = ""
) -> AsyncGenerator[House]:
    """Open a house that sells these shows, with its bot at work by long poll.

    What is waited for in vain ends the test, `_PATIENCE_S` after its beginning.
    """
    clock, bank = HandClock(), bank or Bank(moves_money=True)
    async with (
        LocalApi(clock) as api,
        office_on(new_file(folder / "office.db"), clock, bank) as an_office,
    ):
        shows = await publish(an_office.office, *drafts)
        line = Line(token=api.token, base_url=base_url or api.base_url, base_file_url=api.file_url)
        pace = Pace(SystemClock(), per_s=1_000, chat_gap_ms=1)
        await an_office.caretaker.round()
        async with (
            asyncio.timeout(_PATIENCE_S),
            telegram_bot(an_office, line, pace) as bot,
            working(an_office),
            polled(bot),
        ):
            yield House(api, an_office, clock, bank, bot, shows)
