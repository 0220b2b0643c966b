"""Closing the window while something is under way: it ends without a word, and nothing is lost."""

import asyncio

import pytest

from tests.tui.conftest import SIZE, Scene, key_of, press, window
from tui.app import Window
from tui.context import Context
from tui.screens.manage import Manage
from tui.screens.place import Place
from tui.screens.sell import Sell
from tui.screens.signin import SignIn


@pytest.mark.parametrize("turns", [0, 1, 2])
@pytest.mark.parametrize("made", [SignIn, Sell, Manage])
async def test_a_window_may_be_closed_while_a_screen_is_made(
    scene: Scene, made: type[SignIn | Place], turns: int
) -> None:
    app = Window(scene.givens)
    async with app.run_test(size=SIZE):
        app.push_screen(made(app.context))
        for _ in range(turns):  # How far it gets before everything is taken down.
            await asyncio.sleep(0)


@pytest.mark.parametrize("turns", range(3))
async def test_whoever_asks_hears_nothing_once_they_are_gone(scene: Scene, turns: int) -> None:
    """Though the answer comes at that very moment: the screen it was for may be gone too."""
    answer = asyncio.get_running_loop().create_future()
    asking = asyncio.create_task(Context(scene.givens).ask(lambda: answer))
    await asyncio.sleep(0)
    answer.set_result(1)
    for _ in range(turns):
        await asyncio.sleep(0)
    if asking.cancel():
        with pytest.raises(asyncio.CancelledError):
            await asking


@pytest.mark.parametrize("turns", [0, 3])
async def test_a_key_may_come_while_the_window_closes(scene: Scene, turns: int) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "f5")
        app.exit()
        for _ in range(20):
            app.post_message(key_of("down"))
        for _ in range(turns):
            await asyncio.sleep(0)
