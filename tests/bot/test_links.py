"""Bad links: between people and Telegram, and between Telegram and the bot.

Nothing here says how long anything took. Where a link is slow, the office's clocks stand still
unless the test moves them: 3 s of latency are 30 ms here, and a clock of the sale is moved a second
for every act, which is what a person who waits for each answer at 3 s a time has at the least.
"""

import asyncio
from pathlib import Path
from random import Random

import pytest

from bot.local_api.people import Link, Person
from bot.local_api.trouble import Cut
from tests.auxil import books, telegrams
from tests.auxil.drafts import fare, show, tier
from tests.auxil.proxy import Proxy
from tests.auxil.telegrams import House
from tests.bot.words import WORDS

SHOW = show(tier("Pista", 9, fare("Inteira", 6_000, 600), fare("Meia", 3_000, 300)), slug="samba")
_LATENCY_S = 0.03
_PATIENCE_S = 0.3


class Patient:
    """Somebody on a bad link: does it again, and opens the app anew, until it is seen to work."""

    def __init__(self, house: House, person: Person, loss: float, seed: int) -> None:
        self.house, self.person = house, person
        person.link = Link(_LATENCY_S, loss, Random(seed).random)

    async def sees(self, text: str) -> None:
        """Look until it is there: what was lost on the way is fetched by opening the app."""
        while True:
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    await self.person.sees(text)
                    return
            except TimeoutError:
                self.person.reopen()

    async def say(self, text: str, until: str) -> None:
        while not self.person.find(until):
            self.house.say(self.person, text)
            await self._wait(until)

    async def tap(self, button: str, until: str) -> None:
        """Tap until it is seen to have worked."""
        while not self.person.find(until):
            self.house.clock.ms += 1_000
            offered = next((m for m in reversed(self.person.messages) if m.button(button)), None)
            if offered is not None:
                self.person.press(offered, button)
            await self._wait(until)

    async def _wait(self, until: str) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self.person.sees(until)
        except TimeoutError:
            self.person.reopen()
            await asyncio.sleep(_LATENCY_S * 3)


@pytest.mark.parametrize("language", WORDS)
async def test_two_half_price_tickets_on_3_s_and_a_fifth_lost(
    tmp_path: Path, language: str
) -> None:
    said = WORDS[language]
    async with telegrams.house(tmp_path, SHOW) as house:
        ana = Patient(house, house.api.person("Ana", language=language), 0.2, seed=7)
        await ana.say("/start samba", until=said["buy"])
        await ana.tap(said["buy"], until="Meia ·")
        await ana.tap("Meia ·", until=said["how many"])
        await ana.tap("2", until=said["pix"])
        assert said["total"] in ana.person.messages[-1].text
        await ana.tap(said["pix"], until=said["copy"])
        shown = await ana.person.offered(said["copy"])
        button = shown.button(said["copy"])
        assert button is not None
        await house.bank.pay(house.an_office.office, button.copied)
        await ana.sees(said["done"])
        found = await house.an_office.look.show(house.shows["samba"])
        assert found is not None
        assert (found.valid, found.opened, found.paying) == (2, 0, 0)
    books.check(tmp_path / "office.db")


async def test_the_bots_own_link_is_slow_and_breaks(tmp_path: Path) -> None:
    proxies: list[Proxy] = []

    def bad(port: int) -> Proxy:
        proxies.append(Proxy(port, seed=3))
        return proxies[0]

    async with telegrams.house(tmp_path, SHOW, through=bad) as house:
        proxies[0].latency_s, proxies[0].loss = 0.02, 0.15
        ana = Patient(house, house.api.person("Ana", language="en"), 0, seed=1)
        said = WORDS["en"]
        await ana.say("/start samba", until=said["buy"])
        await ana.tap(said["buy"], until="Meia ·")
        proxies[0].reset()
        await ana.tap("Meia ·", until=said["how many"])
        await ana.tap("2", until=said["pix"])
        await ana.tap(said["pix"], until=said["copy"])
        shown = await ana.person.offered(said["copy"])
        button = shown.button(said["copy"])
        assert button is not None
        await house.bank.pay(house.an_office.office, button.copied)
        await ana.tap("Refresh", until=said["done"])
        assert proxies[0].broken > 0
        proxies[0].loss = 0
    books.check(tmp_path / "office.db")


async def test_telegram_asks_to_wait_and_gets_everything_in_the_end(tmp_path: Path) -> None:
    async with telegrams.house(tmp_path, SHOW) as house:
        ana = house.api.person("Ana", language="en")
        house.api.trouble.flood("sendMessage", retry_after_s=1)
        house.api.trouble.cut("editMessageText", where=Cut.AFTER, times=2)
        house.api.trouble.fail("editMessageText", times=1)
        house.say(ana, "/start samba")
        await house.tap(ana, "Buy tickets")
        await ana.sees("Which tickets")
        assert len(ana.messages) == 1


async def test_who_blocked_the_bot_keeps_their_place(tmp_path: Path) -> None:
    async with telegrams.house(tmp_path, SHOW) as house:
        ana, bia = (house.api.person(name, language="en") for name in ("Ana", "Bia"))
        house.say(ana, "/start samba")
        shown = await ana.offered("Buy tickets")
        ana.block()
        ana.press(shown, "Buy tickets")
        house.say(bia, "/start samba")
        await bia.offered("Buy tickets")
        ana.unblock()
        house.say(ana, "/line")
        await ana.sees("Which tickets")


async def test_a_message_that_is_gone_is_sent_anew(tmp_path: Path) -> None:
    async with telegrams.house(tmp_path, SHOW) as house:
        ana = house.api.person("Ana", language="en")
        house.say(ana, "/start samba")
        shown = await ana.offered("Buy tickets")
        ana.delete(shown)
        await ana.press(shown, "Buy tickets")
        await ana.sees("Which tickets")
        assert ana.messages[-1].message_id != shown.message_id


async def test_a_group_that_moved_is_answered_where_it_is_now(tmp_path: Path) -> None:
    async with telegrams.house(tmp_path, SHOW) as house:
        ana = house.api.person("Ana", language="en")
        group = house.api.group("Friends")
        house.api.trouble.slow("sendMessage", pause_s=0.2)
        ana.send("/start", to=group)
        moved = house.api.migrate(group, ana)
        await moved.pulse.until(lambda: bool(house.api.in_group(moved)))
        assert "private chat" in house.api.in_group(moved)[0].text
