"""The chat window: a purchase made in it with nothing but its buttons."""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from app.chat.stage import set_stage
from app.chat.window import ChatWindow, FanPane, KeyButton
from app.clock import SystemClock

_PAUSES = 1_200


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


async def press(pilot: Pilot[None], pane: FanPane, text: str) -> None:
    await until(pilot, lambda: button(pane, text))
    found = button(pane, text)
    assert found is not None
    found.press()
    await pilot.pause()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Buy tickets", "Meia", "Pay by Pix", "2 tickets are yours")),
        ("pt-br", ("Comprar ingressos", "Meia", "Pagar com Pix", "2 ingressos são seus")),
    ],
)
async def test_a_purchase_in_the_window(
    tmp_path: Path, language: str, words: tuple[str, ...]
) -> None:
    buy, half, pix, done = words
    async with set_stage(tmp_path, SystemClock()) as stage:
        people = [stage.api.person(name, language=language) for name in ("Ana", "Bruno")]
        window = ChatWindow(stage, people)
        async with window.run_test(size=(160, 50)) as pilot:
            ana, bruno = window.panes
            await until(pilot, lambda: ana.query(KeyButton))
            line = ana.query_one(Input)
            line.value = "nina carranca"
            await line.action_submit()
            await press(pilot, ana, "Nina Carranca")
            await press(pilot, ana, buy)
            await press(pilot, ana, half)
            await press(pilot, ana, "2")
            await press(pilot, ana, pix)
            await press(pilot, ana, "Bank app")
            await until(pilot, lambda: ana.person.find(done))
            assert not bruno.person.find(done)
            assert stage.bank.moves_money is False
