"""Colour is never the only sign: with every style taken away the words still tell states apart."""

import re

import pytest
from textual.pilot import Pilot

from tests.auxil.fans import Fan, register
from tests.tui.conftest import WIDE, Scene, press, window
from tests.tui.test_door import codes, scan
from tui.app import Window
from tui.widgets.lists import Walk


@pytest.fixture(autouse=True)
def _no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")


async def letters(app: Window, pilot: Pilot[None]) -> str:
    """What the whole screen says once it is drawn, without any style."""
    await pilot.pause()
    drawn = app.export_screenshot(simplify=True)
    said = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", drawn))
    return " ".join(said.replace("&#160;", " ").split())


async def test_what_is_free_held_kept_and_sold_out(scene: Scene) -> None:
    await register(scene.office, "ana", "beto")
    await Fan(scene.office, scene.shows["festa"], "ana").buy(3, 1)
    await Fan(scene.office, scene.shows["circo"], "beto").buy(2, 2)
    async with window(scene, size=WIDE) as (app, pilot):
        await press(pilot, "f2", *"circo", "enter")
        told = await letters(app, pilot)
        assert "◆" in told
        assert "Meia: 38 of 40 left" in told
        await press(pilot, "escape", *"festa", "enter")
        assert "sold out" in await letters(app, pilot)
        await press(pilot, "f3")
        told = await letters(app, pilot)
        for one in ("█", "sold 2", "held 0", "free 98"):
            assert one in told


async def test_who_waits_and_who_is_called(scene: Scene) -> None:
    await register(scene.office, "ana", "beto", "caio", "duda")
    for name in ("ana", "beto", "caio", "duda"):
        await Fan(scene.office, scene.shows["festa"], name).join()
    async with window(scene, size=WIDE) as (app, pilot):
        await press(pilot, "f4", "right")
        people = app.screen.query_one("#people", Walk)
        rows = [str(option.prompt).split() for option in people.options]
        assert [row[0] for row in rows] == ["▶", "▶", "▶", "4"]
        assert ["choosing" in row for row in rows] == [True, True, True, False]
        assert rows[-1][-2:] == ["in", "line"]


async def test_yes_no_and_what_to_ask_for_at_the_door(scene: Scene) -> None:
    first, _ = await codes(scene, fare_no=2)
    async with window(scene, "rui", drawer=False) as (app, pilot):
        await scan(app, pilot, first)
        told = await letters(app, pilot)
        assert "✓ YES" in told
        assert "◆ ASK FOR THE DOCUMENT" in told
        await scan(app, pilot, first)
        told = await letters(app, pilot)
        assert "✗ NO" in told
        assert "USED ALREADY" in told


async def test_a_drawer_that_is_open_or_closed(scene: Scene) -> None:
    async with window(scene, drawer=False) as (app, pilot):
        await press(pilot, "f7")
        assert "Your drawer is closed" in await letters(app, pilot)
        await press(pilot, "o", *"100", "enter")
        assert "drawer 1" in await letters(app, pilot)
        assert "Your drawer is closed" not in await letters(app, pilot)


async def test_the_theme_loses_its_colours(scene: Scene) -> None:
    async with window(scene) as (app, _):
        assert app.no_color
