"""`bilheteria bot` as the process that it is, killed (-9) in the middle of purchases."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from pydantic import SecretStr

from app.clock import SystemClock
from app.keys import make_key
from app.settings import PREFIX, Settings
from app.wiring import open_office
from bot.local_api.people import Person
from bot.local_api.server import LocalApi
from tests.auxil import books, telegrams
from tests.auxil.children import ROOT
from tests.auxil.drafts import fare, show, tier
from tests.auxil.offices import new_file

_PROVIDER = "123:TEST:x"


@asynccontextmanager
async def bot(settings: Settings) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run the bot, by its settings alone."""
    own = {
        "DATABASE": settings.database,
        "KEY_FILE": str(settings.key_file),
        "TELEGRAM_TOKEN": settings.secret("telegram_token"),
        "TELEGRAM_PROVIDER_TOKEN": _PROVIDER,
        "TELEGRAM_API_URL": settings.telegram_api_url,
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "app",
        "bot",
        cwd=settings.key_file.parent,
        env=others | {PREFIX + name: value for name, value in own.items()} | {"PYTHONPATH": ROOT},
    )
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def tap(person: Person, text: str, on: str) -> None:
    """Tap a button of a message that says `on`."""
    await person.sees(on)
    await person.tap(await person.offered(text), text)


async def to_fares(person: Person) -> None:
    """Go to where it is asked how many tickets."""
    person.send("/start samba")
    await tap(person, "Buy tickets", on="Buy tickets")
    await tap(person, "Inteira", on="Which tickets")
    await person.sees("How many")


async def invoice(person: Person) -> str:
    """Ask for an invoice; return its link."""
    await tap(person, "Pay in Telegram", on="Total")
    shown = await person.sees("Pay here in Telegram")
    (link,) = (button.url for button in shown.buttons if button.url)
    return link


async def test_a_kill_in_the_middle_of_purchases(tmp_path: Path) -> None:
    """Ana's choice and Bia's money are in, and the process is killed before it can say so."""
    path, clock = new_file(tmp_path / "office.db"), SystemClock()
    key = tmp_path / "office.key"
    make_key(key)
    samba = show(
        tier("Pista", 9, fare("Inteira", 6_000)), slug="samba", sale_opens_ms=clock.now_ms() - 1
    )
    async with asyncio.timeout(120), LocalApi(clock) as api:
        settings = Settings(
            database=str(path),
            key_file=key,
            telegram_token=SecretStr(api.token),
            telegram_provider_token=SecretStr(_PROVIDER),
            telegram_api_url=api.root,
        )
        ana, bia, caio = (api.person(name, language="en") for name in ("Ana", "Bia", "Caio"))
        async with open_office(settings, clock) as an_office, telegrams.working(an_office):
            look = an_office.look
            show_id = (await telegrams.put_on(an_office, samba))["samba"]
            await an_office.caretaker.round()

            async def tickets_of(person: Person) -> list[tuple[int, str]]:
                """How many tickets each of somebody's purchases holds, and how it stands."""
                customer = await look.customer_of("telegram", str(person.user_id))
                return [(one.tickets, one.state) for one in await look.purchases_of(customer or "")]

            async def until(person: Person, many: int, state: str) -> None:
                while await tickets_of(person) != [(many, state)]:
                    await asyncio.sleep(0.05)

            async with bot(settings) as child:
                await to_fares(bia)
                await tap(bia, "1", on="How many")
                link = await invoice(bia)
                await to_fares(ana)
                api.trouble.flood("editMessageText", retry_after_s=600)
                await tap(ana, "2", on="How many")
                await until(ana, 2, "choosing")
                assert (await bia.pay(link)).paid
                await until(bia, 1, "completed")
                child.kill()
                assert await child.wait() == -9
            assert api.world.updates.pending >= 3, "the choice, the checkout, the money"
            assert ana.find("How many")
            caio.send("/start samba")
            async with bot(settings) as child:
                await caio.offered("Buy tickets")
                assert (await ana.pay(await invoice(ana))).paid
                await ana.sees("2 tickets are yours")
                bia.send("/tickets")
                await bia.sees("1 × Show samba")
                child.terminate()
                assert await child.wait() == 0
            assert api.world.updates.pending == 0
            assert len(caio.messages) == 1
            assert await tickets_of(ana) == [(2, "completed")]
            assert await tickets_of(bia) == [(1, "completed")]
            assert sorted(one.amount_minor for one in api.world.charges.values()) == [6_010, 12_020]
            found = await look.show(show_id)
            assert found is not None
            assert (found.valid, found.opened, found.paying) == (3, 0, 0)
    books.check(path)
