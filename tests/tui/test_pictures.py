"""Pictures of the screens at 80x24 and 140x40, in both languages, kept as SVG and compared.

A change that is meant is taken in by `pytest tests/tui/test_pictures.py --snapshot-update`; look at
the pictures before they are committed.
"""

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.pilot import Pilot
from textual.widgets import Input

from core import requests as ask
from tests.auxil.fans import Fan, register
from tests.tui.conftest import SIZE, WIDE, Scene, press, settled, window
from tui.app import Window
from tui.screens.place import Place

SCREENS: dict[str, tuple[str, ...]] = {
    "finding": (),
    "choosing": ("enter", "2", "down", "1"),
    "house": ("f3",),
    "line": ("f4", "right"),
    "shift": ("f7",),
    "orders": ("f5", *"16/04", "enter"),
    "door": ("f6", *"x", "enter"),
    "help": ("f7", "f1"),
    "manage": ("f8",),
}
MANAGERS = frozenset({"manage"})


class Picture(SingleFileSnapshotExtension):
    """One SVG file a picture."""

    _write_mode = WriteMode.TEXT
    file_extension = "svg"


@pytest.fixture
async def busy(scene: Scene) -> Scene:
    """A house in which something is going on."""
    names = ("ana", "beto", "caio", "duda", "edu")
    await register(scene.office, *names)
    await Fan(scene.office, scene.shows["circo"], "edu").buy(3, 2)
    for name in names[:4]:
        await Fan(scene.office, scene.shows["festa"], name).join()
    await scene.office.register(
        ask.Register(customer_id="x", name="Xênia", contacts=(("email", "x@example.org"),))
    )
    return scene


async def shown(app: Window, pilot: Pilot[None], *keys: str) -> None:
    """Go to a screen by keys, until it is drawn with everything as it stands in the office."""
    await press(pilot, *keys)
    for field in app.screen.query(Input):
        field.cursor_blink = False
    for place in app.screen_stack:
        if isinstance(place, Place):
            await place.changed(frozenset())
    await settled(pilot)
    await pilot.pause()


@pytest.mark.parametrize("language", ["pt-BR", "en"])
@pytest.mark.parametrize("size", [SIZE, WIDE], ids=["80x24", "140x40"])
@pytest.mark.parametrize("name", SCREENS)
async def test_a_screen_looks_as_it_did(
    busy: Scene, snapshot: SnapshotAssertion, name: str, size: tuple[int, int], language: str
) -> None:
    clerk = "ida" if name in MANAGERS else "eva"
    async with window(busy, clerk, size=size, language=language) as (app, pilot):
        await shown(app, pilot, *SCREENS[name])
        drawn = app.export_screenshot(title="Bilheteria", simplify=True)
    assert drawn == snapshot(extension_class=Picture)


@pytest.mark.parametrize("theme", ["light", "contrast"])
async def test_the_other_colours_look_as_they_did(
    busy: Scene, snapshot: SnapshotAssertion, theme: str
) -> None:
    async with window(busy, theme=theme) as (app, pilot):
        await shown(app, pilot, *SCREENS["choosing"])
        drawn = app.export_screenshot(title="Bilheteria", simplify=True)
    assert drawn == snapshot(extension_class=Picture)
