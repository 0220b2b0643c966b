"""A bad link between the bot and Telegram, and chats that are blocked, gone or moved.

People's own bad links are in tests/app/test_chat.py, with all their seconds. Nothing here says how
long anything took: the office's clock is moved a second for every act.
"""

import asyncio
from pathlib import Path

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

    def __init__(self, house: House, person: Person) -> None:
        self.house, self.person = house, person
        person.link = Link(_LATENCY_S)

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


async def test_the_bots_own_link_is_slow_and_breaks(tmp_path: Path) -> None:
    proxies: list[Proxy] = []

    def bad(port: int) -> Proxy:
        proxies.append(Proxy(port, seed=3))
        return proxies[0]

    async with telegrams.house(tmp_path, SHOW, through=bad) as house:
        proxies[0].latency_s, proxies[0].loss = 0.02, 0.15
        ana = Patient(house, house.api.person("Ana", language="en"))
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
        ana, bia, gone = (house.api.person(name, language="en") for name in ("Ana", "Bia", "Gone"))
        house.say(gone, "/start samba")
        gone.press(await gone.offered("Buy tickets"), "Buy tickets")
        gone.delete_account()
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
