"""The chat window: purchases made in it with nothing but its buttons."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from random import Random
from typing import cast

from textual.pilot import Pilot

from app.chat.stage import Stage, set_stage
from app.chat.window import ChatWindow, FanPane, KeyButton, MessageBox
from app.clock import SystemClock
from bot.local_api.people import Link
from bot.local_api.server import LocalApi
from tests.auxil import books

_PAUSES = 1_200
_SLUG = "nina-carranca"
_LATENCY_S = 3
_LOSS = 0.2
_PATIENCE_S = 2 * _LATENCY_S + 1
"""Of a fan who has tapped: there and back, and a moment for the bot."""
_PATIENCE_OF_ALL_S = 270
_SEEDS = (8, 13)
"""Of the losses: both fans lose a good fifth of what they and the bot say."""
_WORDS = {
    "en": (
        "Buy tickets",
        "Which tickets",
        "How many",
        "Pay by Pix",
        "Copy the code",
        "2 tickets are yours",
        "Bank app",
    ),
    "pt-br": (
        "Comprar ingressos",
        "Quais ingressos",
        "Quantos",
        "Pagar com Pix",
        "Copiar o código",
        "2 ingressos são seus",
        "App do banco",
    ),
}


async def until(pilot: Pilot[None], true: Callable[[], object]) -> None:
    """Wait until the window shows something."""
    for _ in range(_PAUSES):
        if true():
            return
        await pilot.pause(0.05)
    raise AssertionError("it never appeared")


def button(pane: FanPane, text: str) -> KeyButton | None:
    """The last button of a pane that says this; a number alone, as prices have digits too."""
    says = text.__eq__ if text.isdigit() else lambda label: text in label
    found = [one for one in pane.query(KeyButton) if says(str(one.label))]
    return found[-1] if found else None


async def write(pane: FanPane, text: str) -> None:
    pane.line.value = text
    await pane.line.action_submit()


async def choose(pilot: Pilot[None], pane: FanPane, text: str) -> None:
    """Go to a button with the arrow keys, and press it: keys alone, as in any terminal."""
    await until(pilot, lambda: button(pane, text))
    while (at := pilot.app.focused) is None or at is not button(pane, text):
        await pilot.press("up")
    await pilot.press("enter")


async def test_a_purchase_in_the_window_by_keys_alone(tmp_path: Path) -> None:
    async with set_stage(tmp_path, SystemClock()) as stage:
        people = [stage.api.person(name, language="pt-br") for name in ("Ana", "Bruno")]
        window = ChatWindow(stage, people)
        async with asyncio.timeout(120), window.run_test(size=(80, 24)) as pilot:
            ana, bruno = window.panes
            await until(pilot, lambda: ana.query(KeyButton))
            await pilot.press(*"nina", "enter")
            await choose(pilot, ana, "Nina Carranca")
            await choose(pilot, ana, "Comprar ingressos")
            await choose(pilot, ana, "Meia")
            await until(pilot, lambda: button(ana, "2"))
            two = button(ana, "2")
            assert two is not None
            assert two.parent is not None
            row = [str(one.label) for one in two.parent.query(KeyButton)]
            assert row == ["1", "2", "3", "4"], "a row is drawn as the bot made it"
            await choose(pilot, ana, "2")
            await choose(pilot, ana, "Atualizar")
            await until(pilot, lambda: ana.person.find("Pagar com Pix"))
            here = pilot.app.focused
            assert isinstance(here, KeyButton)
            assert str(here.label) == "Atualizar", "who refreshes stays where that is"
            await choose(pilot, ana, "Pagar com Pix")
            await choose(pilot, ana, "App do banco")
            await until(pilot, lambda: ana.person.find("2 ingressos são seus"))
            assert not bruno.person.find("2 ingressos são seus")
            assert stage.bank.moves_money is False
            await pilot.press("f6", *"oi")
            assert bruno.line.value == "oi"


class Patient:
    """A fan on a bad link, who does it again and opens the app anew until it is seen to work."""

    def __init__(self, pane: FanPane, seed: int) -> None:
        self._pane = pane
        self._luck = Random(seed)
        self.lost = 0
        pane.person.link = Link(_LATENCY_S, _LOSS, self._chance)

    def _chance(self) -> float:
        chance = self._luck.random()
        self.lost += chance < _LOSS
        return chance

    async def does(self, act: Callable[[], Awaitable[None]], until: str) -> None:
        """Act, wait for the answer as long as it takes there and back, and again."""
        person = self._pane.person
        while not person.find(until):
            await act()
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_S):
                    await person.sees(until)
                    return
            person.reopen()  # As F5 does, for this fan alone: the other's luck is the other's.

    async def presses(self, text: str, until: str) -> None:
        async def tap() -> None:
            found = button(self._pane, text)
            if found is not None:
                found.press()

        while not await self._drawn(text):
            self._pane.person.reopen()
        await self.does(tap, until)

    async def _drawn(self, text: str) -> bool:
        """Wait until a button is there to be pressed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_S):
                while button(self._pane, text) is None:
                    await asyncio.sleep(0.1)
                return True
        return False


async def buys(stage: Stage, pane: FanPane, fan: Patient) -> None:
    """Buy two half-price tickets by Pix, from a friend's link on."""
    bot = stage.bot.bot.username
    language = str(pane.person.facts["language_code"])
    buy, which, many, pix, copy, done, bank = _WORDS[language]
    await fan.does(lambda: write(pane, f"https://t.me/{bot}?start={_SLUG}"), until=buy)
    await fan.presses(buy, until=which)
    await fan.presses("Meia", until=many)
    await fan.presses("2", until=pix)
    await fan.presses(pix, until=copy)
    await fan.presses(bank, until=done)


async def test_two_fans_on_links_of_3_s_that_lose_a_fifth(tmp_path: Path) -> None:
    """Nothing is sped up: what the links lose is thrown by seeds, and the waiting is real.

    Without losses it is five exchanges, of 3 s there and 3 s back, and one way for the tickets.
    """
    async with asyncio.timeout(_PATIENCE_OF_ALL_S), set_stage(tmp_path, SystemClock()) as stage:
        people = [stage.api.person(language, language=language) for language in _WORDS]
        window = ChatWindow(stage, people)
        fans = [Patient(pane, seed) for pane, seed in zip(window.panes, _SEEDS, strict=True)]
        async with window.run_test(size=(160, 50)):
            pairs = zip(window.panes, fans, strict=True)
            await asyncio.gather(*(buys(stage, pane, fan) for pane, fan in pairs))
        look = stage.office.look
        found = await look.show(await look.show_id(_SLUG) or 0)
        assert found is not None
        assert (found.valid, found.opened, found.paying) == (4, 0, 0)
        assert all(fan.lost >= 3 for fan in fans)
    books.check(tmp_path / "chat.db")


async def test_the_window_closes_while_messages_arrive(tmp_path: Path) -> None:
    """However far a pane is with drawing them: its worker fails on nothing."""
    async with LocalApi(SystemClock()) as api:
        ana = api.person("Ana")
        stage = cast("Stage", None)  # Nobody taps anything.

        async def write() -> None:
            for number in count():
                api.world.post(ana.chat, api.world.me, text=str(number))
                ana.delete(ana.messages[0])
                await asyncio.sleep(0)

        for leaves in (False, True):
            window = ChatWindow(stage, [ana])
            writing = asyncio.create_task(write())
            async with window.run_test(size=(80, 24)) as pilot:
                await until(pilot, lambda shown=window: shown.query(MessageBox))
                if leaves:
                    await pilot.press("ctrl+q")
            writing.cancel()
