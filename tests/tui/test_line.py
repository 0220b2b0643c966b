"""The line: who is called, who waits; numbers, and serving a fan's own purchase."""

from textual.app import App

from core.purchase import State
from tests.auxil import books
from tests.auxil.fans import Fan, register
from tests.tui.conftest import Scene, press, text_of, window
from tui.screens.line import LineScreen
from tui.screens.sell import Sell
from tui.widgets.lists import Walk

FANS = ("ana", "beto", "caio", "duda")


async def queue(scene: Scene) -> None:
    """Three choose the three tickets there are, the fourth waits."""
    await register(scene.office, *FANS)
    for name in FANS:
        await Fan(scene.office, scene.shows["festa"], name).join()


def people(app: App[None]) -> list[str]:
    """The rows of the line."""
    rows = app.screen.query_one("#people", Walk)
    return [str(rows.get_option_at_index(n).prompt) for n in range(rows.option_count)]


async def test_who_is_served_and_who_waits_stand_in_order(scene: Scene) -> None:
    await queue(scene)
    async with window(scene) as (app, pilot):
        await press(pilot, "f4")
        assert "São João" in text_of(app, "#show")
        await press(pilot, "right")
        assert "in line 1 · served 3" in text_of(app, "#show")
        assert [("▶" in row, "⏱ 8:00" in row) for row in people(app)] == [(True, True)] * 3 + [
            (False, False)
        ]


async def test_a_walk_in_takes_the_next_number(scene: Scene) -> None:
    await queue(scene)
    async with window(scene) as (app, pilot):
        await press(pilot, "f4", "right", "n")
        assert "Number 5." in text_of(app, "#notice")
        told = people(app)
        assert "walk-in" in told[-1]
        assert all("without a name" in row for row in told[:-1]), "fans who left none"
    assert "1 person is ahead" in scene.printer.printed[-1]


async def test_where_nobody_waits_the_walk_in_is_served(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "f4", "n")
        assert isinstance(app.screen, Sell)
        await press(pilot, "1", "enter")
        await press(pilot, "enter")
        assert "SOLD" in text_of(app, "#done_told")


async def test_a_called_fan_pays_at_the_window(scene: Scene) -> None:
    await queue(scene)
    first = Fan(scene.office, scene.shows["festa"], "ana")
    await first.choose(1)
    async with window(scene) as (app, pilot):
        await press(pilot, "f4", "right", "enter")
        assert isinstance(app.screen, Sell)
        assert app.screen.wanted == {1: 1}
        await press(pilot, "enter")
        await press(pilot, "enter")
        assert "SOLD: 1 ticket" in text_of(app, "#done_told")
    view = await scene.office.look.purchase(scene.shows["festa"], "ana")
    assert view is not None
    assert view.purchase.state is State.COMPLETED
    books.check(scene.database)


async def test_who_waits_is_not_served_before_their_turn(scene: Scene) -> None:
    await queue(scene)
    async with window(scene) as (app, pilot):
        await press(pilot, "f4", "right", "end", "enter")
        assert isinstance(app.screen, LineScreen)
        assert "waits" in text_of(app, "#notice")


async def test_somebody_is_found_by_contact(scene: Scene) -> None:
    await queue(scene)
    async with window(scene) as (app, pilot):
        await press(pilot, "f4", "right", "f")
        await press(pilot, *"1-4-duda".replace("1", str(scene.shows["festa"]), 1), "enter")
        rows = app.screen.query_one("#people", Walk)
        assert rows.option_count == 1
        await press(pilot, "f")
        await press(pilot, "enter")
        assert rows.option_count == 4


async def test_a_manager_pauses_and_resumes(scene: Scene) -> None:
    async with window(scene, "ida") as (app, pilot):
        await press(pilot, "f4", "s")
        await press(pilot, "enter")
        assert "paused" in text_of(app, "#show")
        await press(pilot, "s")
        await press(pilot, "enter")
        assert "serve at once" in text_of(app, "#show")


async def test_a_clerk_does_not(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "f4", "s")
        assert not app.screen.is_modal
