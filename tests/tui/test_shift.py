"""The drawer: opened, moved, counted, and its report."""

from tests.auxil import books
from tests.tui.conftest import Scene, press, text_of, until, window
from tui.screens.shift import ShiftScreen
from tui.widgets.lists import Walk

SALE = ("f2", "enter", "2", "enter", "enter")


async def test_a_shift_from_its_float_to_its_report(scene: Scene) -> None:
    async with window(scene, drawer=False) as (app, pilot):
        await press(pilot, "f7")
        assert "Your drawer is closed" in text_of(app, "#drawer")
        await press(pilot, "o")
        await press(pilot, *"100", "enter")
        assert "drawer 1" in text_of(app, "#bar")
        for key in SALE:
            await press(pilot, key)
        await press(pilot, "f7")
        await press(pilot, "i")
        await press(pilot, *"50", "enter")
        await press(pilot, *"change", "enter")
        await press(pilot, "t")
        await press(pilot, *"40", "enter")
        await press(pilot, *"bank", "enter")
        assert "R$350.00" in text_of(app, "#drawer")
        await press(pilot, "c")
        await press(pilot, *"1", "enter", *"1", "enter", *"1", "enter", *["enter"] * 9)
        assert "Closed" in text_of(app, "#notice") or "printed" in text_of(app, "#notice")
    closing = scene.printer.printed[-1]
    assert "CLOSING REPORT Z" in closing
    assert "R$350.00" in closing
    assert "difference" in closing
    (shift,) = await scene.office.look.shifts()
    assert (shift.expected_minor, shift.counted_minor) == (35_000, 35_000)
    books.check(scene.database)


async def test_a_drawer_gives_no_more_than_it_holds(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "f7", "t")
        await press(pilot, *"100,05", "enter")
        await press(pilot, *"bank", "enter")
        assert "holds only R$100.00" in text_of(app, "#notice")


async def test_a_reason_is_needed(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "f7", "i")
        await press(pilot, *"5", "enter")
        await press(pilot, "enter")
        assert "write something" in text_of(app, ".wrong")


async def test_the_report_is_printed_while_it_is_open(scene: Scene) -> None:
    async with window(scene) as (_, pilot):
        await press(pilot, "f7", "p")
    assert "REPORT X" in scene.printer.printed[-1]


async def test_counting_can_be_given_up_and_mended(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "f7", "c")
        await press(pilot, *"9", "enter", "up", *"2", "enter")
        assert "R$400.00" in text_of(app, "#counted")
        await press(pilot, "escape")
    assert await scene.office.look.open_shift("eva") is not None


async def test_a_manager_closes_a_forgotten_drawer(scene: Scene) -> None:
    async with window(scene):  # Eva's, with her drawer open; she goes home.
        pass
    async with window(scene, "ida") as (app, pilot):
        await press(pilot, "f7", "f")
        assert "eva, drawer 1" in str(app.screen.query_one(Walk).get_option_at_index(0).prompt)
        await press(pilot, "enter", *["enter"] * 12)
        await until(lambda: "CLOSING REPORT Z" in "".join(scene.printer.printed))
        assert "eva" in scene.printer.printed[-1]
        await press(pilot, "f")
        assert "No other drawer" in text_of(app, "#notice")
        assert "drawer 2" in text_of(app, "#bar")
    assert await scene.office.look.open_shift("eva") is None
    assert await scene.office.look.open_shift("ida") is not None
    books.check(scene.database)


async def test_a_clerk_closes_no_drawer_but_their_own(scene: Scene) -> None:
    async with window(scene, "ida"), window(scene) as (app, pilot):
        await press(pilot, "f7", "f")
        assert isinstance(app.screen, ShiftScreen)
        assert "Forgotten" not in text_of(app, "Keys")
    assert await scene.office.look.open_shift("ida") is not None
