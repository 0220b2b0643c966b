"""A house with its bot on our Telegram: an office, a bank, people with phones, all of it real."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.chat.bank import Bank
from app.clock import SystemClock
from app.effects import EffectWorker
from app.gateway_calls import GatewayCalls
from app.keys import make_key
from app.pace import Pace, Rate
from app.settings import Settings
from app.telegram import telegram_bot
from app.wiring import Open, open_office
from bot.local_api.people import Person, Shown
from bot.local_api.server import LocalApi
from bot.opening import Line, OpenBot
from bot.polling import Poller
from bot.screens import TEXT_BYTES
from core.catalogue import ShowDraft
from core.draw import seed_digest
from core.messages import GATEWAY_KINDS
from core.offers import Offers
from core.outcomes import Published
from core.requests import Publish
from tests.auxil.offices import HandClock, new_file
from tests.auxil.proxy import Proxy

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
        await due(self.an_office)


async def due(an_office: Open) -> None:
    """Do what is due now at an office: the caretaker's round, the calls to gateways."""
    await an_office.caretaker.round()
    worker = _worker(an_office)
    while await worker.round():
        pass


def _worker(an_office: Open) -> EffectWorker:
    calls = GatewayCalls(an_office.office, an_office.gateways)
    return EffectWorker(an_office.office, an_office.ids.new(), GATEWAY_KINDS, calls)


@asynccontextmanager
async def office_on(
    path: Path,
    clock: HandClock,
    bank: Bank,
    **more: Any,  # noqa: ANN401 - whatever settings there are
) -> AsyncGenerator[Open]:
    """Open an office by the real wiring, with the test's clock; its bank, unless there is `more`.

    With other settings the gateways are those that they set up.
    """
    key = path.with_suffix(".key")
    make_key(key)
    settings = Settings(database=str(path), key_file=key, house="Teatro do Porto", **more)
    async with open_office(settings, clock) as an_office:
        gateways = {bank.name: bank}
        banked = replace(an_office, gateways=gateways, offers=Offers(gateways))
        yield an_office if more else banked


@asynccontextmanager
async def polled(opened: OpenBot) -> AsyncGenerator[None]:
    """Have the bot fetch its updates while inside; on leaving, all it took is done."""
    stop = asyncio.Event()
    polling = asyncio.create_task(Poller(opened.bot, opened.front.take).run(stop))
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


async def put_on(an_office: Open, *drafts: ShowDraft) -> dict[str, int]:
    """Put shows on sale, committed to the house key's own seeds."""
    digests = {draft.slug: seed_digest(an_office.signer.seed(draft.slug)) for draft in drafts}
    answer = await an_office.office.publish(Publish(drafts=drafts, seed_digests=digests))
    assert isinstance(answer, Published), answer
    return answer.show_ids


@asynccontextmanager
async def house(
    folder: Path,
    *drafts: ShowDraft,
    bank: Bank | None = None,
    through: Callable[[int], Proxy] | None = None,
    patience_s: float = _PATIENCE_S,
    clock: HandClock | None = None,
    **more: Any,  # noqa: ANN401 - whatever settings there are
) -> AsyncGenerator[House]:
    """Open a house that sells these shows, with its bot at work by long poll.

    `through` makes the network between the bot and Telegram. What is waited for in vain ends the
    test, `patience_s` after its beginning; all that passed is held to the bot's own bounds. `more`
    settings make it an office with the gateways that they set up (`office_on`).
    """
    clock, bank = clock or HandClock(), bank or Bank(moves_money=True)
    async with (
        LocalApi(clock) as api,
        office_on(new_file(folder / "office.db"), clock, bank, **more) as an_office,
        contextlib.AsyncExitStack() as network,
    ):
        port = int(api.root.rpartition(":")[2])
        if through is not None:
            port = (await network.enter_async_context(through(port))).port
        shows = await put_on(an_office, *drafts)
        root = f"http://127.0.0.1:{port}"
        line = Line(token=api.token, base_url=f"{root}/bot", base_file_url=f"{root}/file/bot")
        pace = Pace(SystemClock(), Rate(per_s=1_000), patient=True)
        await an_office.caretaker.round()
        async with (
            asyncio.timeout(patience_s),
            telegram_bot(an_office, line, pace) as bot,
            working(an_office),
            polled(bot),
        ):
            yield House(api, an_office, clock, bank, bot, shows)
        bounded(api)


def bounded(api: LocalApi) -> None:
    """Assert that no answer was longer than 1 KB, and no button refused."""
    for call in api.calls:
        text = str(call.given.get("text", ""))
        assert len(text.encode()) <= TEXT_BYTES, text
        assert "BUTTON" not in call.refused, call
