"""What the chat window stands on: an office of its own, the real bot, and a Telegram of ours."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path

from pydantic import SecretStr

from app.chat.bank import Bank
from app.effects import EffectWorker
from app.gateway_calls import GatewayCalls
from app.keys import make_key
from app.messaging import message_workers, open_courier
from app.pace import telegram_pace
from app.settings import Settings
from app.telegram import telegram_bot
from app.wiring import Open, open_office
from bot.local_api.server import LocalApi
from bot.opening import Line, OpenBot, introduce
from bot.polling import Poller
from core.box_office import BoxOffice
from core.catalogue import ShowDraft
from core.draw import seed_digest
from core.messages import GATEWAY_KINDS
from core.offers import Offers
from core.outcomes import Published
from core.ports import Clock
from core.requests import Publish
from data.files import read_catalogue
from data.migrating import migrate

_ROUND_S = 0.5
_log = logging.getLogger("bilheteria.chat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """All that the window needs."""

    api: LocalApi
    office: BoxOffice
    bank: Bank
    bot: OpenBot


@asynccontextmanager
async def set_stage(
    folder: Path, clock: Clock, drafts: tuple[ShowDraft, ...] = ()
) -> AsyncGenerator[Stage]:
    """Open an office with these shows, or the sample's, and the bot on a Telegram of ours."""
    database, key = folder / "chat.db", folder / "chat.key"
    migrate(database)
    make_key(key)
    bank = Bank()
    async with LocalApi(clock) as api, open_office(_settings(database, key, api), clock) as plain:
        gateways = {bank.name: bank}
        an_office = replace(plain, gateways=gateways, offers=Offers(gateways))
        await _publish(an_office, drafts or sample(clock.now_ms()))
        line = Line(token=api.token, base_url=api.base_url, base_file_url=api.file_url)
        pace = telegram_pace(an_office, patient=True)
        async with telegram_bot(an_office, line, pace, papers=an_office.papers()) as opened:
            await introduce(opened.bot)
            stop = asyncio.Event()
            tasks = [
                asyncio.create_task(Poller(opened.bot, opened.front.take).run(stop)),
                asyncio.create_task(_look_after(an_office)),
            ]
            try:
                yield Stage(api=api, office=an_office.office, bank=bank, bot=opened)
            finally:
                stop.set()
                tasks[1].cancel()
                await asyncio.gather(*tasks, return_exceptions=True)


def _settings(database: Path, key: Path, api: LocalApi) -> Settings:
    return Settings(
        database=str(database),
        key_file=key,
        house="Bilheteria",
        telegram_token=SecretStr(api.token),
        telegram_api_url=api.root,
        link_url=f"https://t.me/{api.world.me['username']}",
    )


def sample(now_ms: int) -> tuple[ShowDraft, ...]:
    """Return the sample catalogue, without gateways that are not here."""
    with as_file(files("data") / "sample" / "sample.toml") as path:
        drafts, problems = read_catalogue(path, now_ms=now_ms)
    assert drafts, f"the sample catalogue can't be read: {problems}"
    return tuple(replace(one, terms=replace(one.terms, gateway=None)) for one in drafts)


async def _publish(an_office: Open, drafts: tuple[ShowDraft, ...]) -> None:
    digests = {draft.slug: seed_digest(an_office.signer.seed(draft.slug)) for draft in drafts}
    answer = await an_office.office.publish(Publish(drafts=drafts, seed_digests=digests))
    assert isinstance(answer, Published), f"the catalogue was refused: {answer}"
    await an_office.caretaker.round()


async def _look_after(an_office: Open) -> None:
    """Do what is due, and tell people: what `bilheteria work` does for a real office."""
    calls = GatewayCalls(an_office.office, an_office.gateways)
    payments = EffectWorker(an_office.office, an_office.ids.new(), GATEWAY_KINDS, calls)
    async with open_courier(an_office) as courier:
        assert courier is not None, "Telegram is set up"
        workers = [payments, *message_workers(an_office, courier)]
        while True:
            try:
                await an_office.caretaker.round()
                for worker in workers:
                    await worker.round()
            except Exception:  # noqa: BLE001 - one round's trouble must not end the others
                _log.exception("a round failed")
            await asyncio.sleep(_ROUND_S)
