"""Commands: keys of their own, in the footer, the help and the palette, and remappable."""

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

from core.outcomes import CheckedOut
from tests.tui.conftest import Scene, press, settled, text_of, until, window
from tui import commands, manager_commands
from tui.commands import EVERYWHERE, Command
from tui.places import SCREENS
from tui.screens.dialogues import (
    AskAmount,
    AskDocument,
    AskPath,
    AskText,
    CashDialogue,
    Confirm,
    Pick,
    Reading,
)
from tui.screens.help import HelpDialogue
from tui.screens.house import House
from tui.screens.place import Dialogue
from tui.screens.sell import Sell
from tui.screens.shift import CountDialogue, ShiftScreen
from tui.screens.steps import SHOWN_AT, Step

PLACES = list(SCREENS.values())
ALL = [
    one
    for one in {**vars(commands), **vars(manager_commands)}.values()
    if isinstance(one, type) and issubclass(one, Command) and "WORD" in vars(one)
]
DOCS = Path(__file__).resolve().parents[2] / "docs" / "window.md"


def together(one: type[Command], other: type[Command]) -> bool:
    """Whether two commands of the sale can be asked at the same step."""
    every = frozenset(Step)
    return bool(SHOWN_AT.get(one, every) & SHOWN_AT.get(other, every))


@pytest.mark.parametrize("place", PLACES, ids=[place.__name__ for place in PLACES])
def test_no_key_means_two_things_at_once(place: type) -> None:
    for one, other in combinations([*place.CAN, *EVERYWHERE], 2):
        same = set(one.KEYS.split(",")) & set(other.KEYS.split(","))
        assert not same or (place is Sell and not together(one, other)), (one, other)


def test_every_command_belongs_to_a_screen() -> None:
    used = {*EVERYWHERE, *(command for place in PLACES for command in place.CAN)}
    assert used == set(ALL)


@pytest.mark.parametrize("command", ALL, ids=[one.WORD for one in ALL])
def test_every_command_is_told_by_its_name(command: type[Command]) -> None:
    assert f"`{command.WORD}`" in DOCS.read_text(encoding="utf-8")


def told_by(screen: Screen[Any]) -> str:
    parts = [str(part.render()) for part in screen.query("Static")]
    return " ".join(" ".join(parts).split())


async def test_f1_tells_every_key_of_every_screen(scene: Scene) -> None:
    async with window(scene, "ida") as (app, pilot):
        for way, kind in SCREENS.items():
            await app.go(way)
            await settled(pilot)
            place = app.screen
            assert isinstance(place, kind)
            await press(pilot, "f1")
            assert isinstance(app.screen, HelpDialogue)
            told = told_by(app.screen)
            assert place.ABOUT in told
            for command in (*kind.CAN, *EVERYWHERE):
                assert command.HELP in told
            await press(pilot, "f1")
            assert app.screen is place


def questions(kind: type[Dialogue[Any]] = Dialogue) -> set[type[Dialogue[Any]]]:
    return {kind, *(found for below in kind.__subclasses__() for found in questions(below))}


async def test_f1_tells_what_every_question_asks(scene: Scene) -> None:
    order = CheckedOut(1, "p", "1-1-AAAA", "p.1", (), 12_000, 0, "BRL", None)
    async with window(scene) as (app, pilot):
        asked: list[Dialogue[Any]] = [
            AskText(app.context, "Why?"),
            AskPath(app.context, "File?"),
            AskAmount(app.context, "How much?", "BRL"),
            AskDocument(app.context, "Social"),
            Reading(app.context, "Problems", "many"),
            Confirm(app.context, "Sure?"),
            Pick(app.context, "Which?", [("a", "A")]),
            CashDialogue(app.context, order),
            CountDialogue(app.context, "BRL"),
        ]
        assert {type(one) for one in asked} == questions() - {Dialogue, HelpDialogue}
        place = app.screen
        assert isinstance(place, Sell)
        for question in asked:
            await app.push_screen(question)
            await press(pilot, "f1")
            assert isinstance(app.screen, HelpDialogue)
            assert question.ABOUT in told_by(app.screen)
            assert place.ABOUT in told_by(app.screen)
            await press(pilot, "escape")
            assert app.screen is question
            await press(pilot, "escape")
            assert app.screen is place


async def test_keys_are_remapped_by_name(scene: Scene) -> None:
    keys = {"window.shift": "f11", "sell.cash": "f12"}
    async with window(scene, keys=keys) as (app, pilot):
        await press(pilot, "f7")
        assert isinstance(app.screen, Sell)
        await press(pilot, "f11")
        assert isinstance(app.screen, ShiftScreen)
        await press(pilot, "f2", "enter", "1")
        await press(pilot, "enter")
        assert not app.screen.is_modal
        await press(pilot, "f12")
        assert app.screen.is_modal


async def test_the_footer_shows_what_can_be_done_now(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        shown = {b.binding.description for b in app.screen.active_bindings.values() if b.enabled}
        assert "Choose" in shown
        assert "Cash" not in shown
        await press(pilot, "enter")
        shown = {b.binding.description for b in app.screen.active_bindings.values() if b.enabled}
        assert {"Cash", "Card", "Undo"} <= shown
        told = text_of(app, "#keys")
        assert "Enter Cash" in told
        assert "Ctrl+N New sale" in told


@pytest.mark.parametrize("language", ["pt-BR", "en"])
async def test_every_key_has_its_place_at_80_columns(scene: Scene, language: str) -> None:
    """On one line, or two where a screen has many."""
    ways = ("f2", "enter", "1", "f3", "f4", "f5", "f6", "f7", "f8", "c", "escape", "m", "escape")
    async with window(scene, "ida", language=language) as (app, pilot):
        for key in (*ways, "n", *["down"] * 9):
            await press(pilot, key)
            shown = app.screen.query_one("#keys")
            await until(lambda s=shown: s.size.height == len(text_of(app, "#keys").splitlines()))
            lines = text_of(app, "#keys").splitlines()
            assert shown.size.height == len(lines) <= 2, lines
            assert max(map(len, lines)) <= 78, lines
            named = [b.binding.description for b in app.screen.active_bindings.values()
                     if b.enabled and b.binding.show]  # fmt: skip
            assert all(name in " ".join(lines) for name in named)
            assert text_of(app, "#ways").endswith("Gestão" if language == "pt-BR" else "Manage")
            assert len(text_of(app, "#ways")) <= 78


async def test_the_palette_offers_every_command_of_the_screen(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "enter")
        named = {command.title for command in app.get_system_commands(app.screen)}
        assert {"Cash", "Card", "Undo", "House", "Lock"} <= named
        house = next(c for c in app.get_system_commands(app.screen) if c.title == "House")
        house.callback()
        await until(lambda: isinstance(app.screen, House))


async def test_colours_change_and_are_never_alone(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        seen = [app.theme]
        for _ in range(3):
            await press(pilot, "f10")
            seen.append(app.theme)
        assert seen == ["dark", "light", "contrast", "dark"]


async def test_it_speaks_portuguese(scene: Scene) -> None:
    async with window(scene, language="pt-BR") as (app, pilot):
        await press(pilot, "enter")
        assert "restam 40 de 40" in text_of(app, "#quotas")
        assert "Vender" in text_of(app, "#bar")


async def test_the_house_stands_on_one_screen(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        for key in ("enter", "2", "enter", "enter", "f3"):
            await press(pilot, key)
        told = text_of(app, "#whole")
        assert "sold 2 held 0 kept 0 free 98" in told
        assert "Meia: 40 of 40 left" in told
        assert "R$240.00" in text_of(app, "#takings")
