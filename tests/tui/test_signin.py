"""Signing in, roles, and the lock."""

from tests.tui.conftest import Scene, press, settled, text_of, window
from tui.screens.door import Door
from tui.screens.help import HelpDialogue
from tui.screens.house import House
from tui.screens.sell import Sell
from tui.screens.signin import SignIn


async def test_a_wrong_password_opens_nothing(scene: Scene) -> None:
    async with window(scene, "", drawer=False) as (app, pilot):
        await press(pilot, *"eva", "enter", *"wrong", "enter")
        assert isinstance(app.screen, SignIn)
        assert "wrong" in text_of(app, ".wrong")
        await press(pilot, "f2", "f7", "f8", "ctrl+p")
        assert isinstance(app.screen, SignIn)
        await press(pilot, "f1")
        assert isinstance(app.screen, HelpDialogue)
        await press(pilot, "f2", "escape")
        assert isinstance(app.screen, SignIn)
        await press(pilot, *"eva-password", "enter")
        await settled(pilot)
        assert isinstance(app.screen, Sell)


async def test_who_is_unknown_is_told_no_more(scene: Scene) -> None:
    async with window(scene, "", drawer=False) as (app, pilot):
        await press(pilot, *"nobody", "enter", *"eva-password", "enter")
        assert "name or the password" in text_of(app, ".wrong")


async def test_door_staff_see_the_door_and_nothing_else(scene: Scene) -> None:
    async with window(scene, "rui", drawer=False) as (app, pilot):
        assert isinstance(app.screen, Door)
        await press(pilot, "f2")
        await press(pilot, "f7")
        assert isinstance(app.screen, Door)


async def test_the_lock_keeps_the_open_sale_for_its_clerk(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "enter", "2")
        await press(pilot, "f9")
        assert isinstance(app.screen, SignIn)
        await press(pilot, "enter")
        assert isinstance(app.screen, SignIn)
        await press(pilot, *"eva-password", "enter")
        await settled(pilot)
        assert isinstance(app.screen, Sell)
        assert app.screen.wanted == {1: 2}


async def test_another_clerk_finds_a_window_of_their_own(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "enter", "2")
        await press(pilot, "f9")
        await press(pilot, "shift+tab", *["backspace"] * 3, *"ida", "enter")
        await press(pilot, *"ida-password", "enter")
        await settled(pilot)
        assert isinstance(app.screen, Sell)
        assert app.screen.wanted == {}
        assert "ida" in text_of(app, "#bar")
        assert app.context.shift is None


async def test_a_window_left_alone_locks_itself(scene: Scene) -> None:
    async with window(scene, lock_ms=60_000) as (app, pilot):
        await press(pilot, "f3")
        assert isinstance(app.screen, House)
        scene.clock.ms += 59_000
        await app._lock_if_idle()
        assert isinstance(app.screen, House)
        scene.clock.ms += 1_000
        await app._lock_if_idle()
        assert isinstance(app.screen, SignIn)
