"""An unlucky clerk, or one who means harm: whatever happens is said, and nothing is lost by it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input

from core.catalogue import ShowDraft
from core.ports import Gateway
from core.receipts import ticket_code
from core.terms import DAY_MS, MINUTE_MS
from data.database import SqliteDatabase
from tests.auxil import books, postgres
from tests.auxil.fans import Fan, register
from tests.auxil.offices import SIGNER
from tests.tui.conftest import SIZE, Scene, key_of, press, scene_on, settled, text_of, until, window
from tui.app import Window
from tui.screens.dialogues import CashDialogue
from tui.screens.door import Door
from tui.screens.house import House
from tui.screens.sell import Sell
from tui.screens.signin import SignIn

ENDLESS = "9" * 1_000_000


def type_in(app: Window, *keys: str) -> None:
    """Press keys, and wait for nothing."""
    for key in keys:
        app.post_message(key_of(key))


def the_file(scene: Scene) -> Path:
    assert isinstance(scene.database, SqliteDatabase)
    return scene.database.path


@contextmanager
def aside(path: Path) -> Generator[None]:
    """Have a file at another place for a while."""
    other = path.rename(path.with_suffix(".aside"))
    yield
    other.replace(path)


def write_over(path: Path) -> None:
    path.write_bytes(b"\x5a" * path.stat().st_size)


def cut_off(path: Path) -> None:
    path.write_bytes(b"")


def put_another_there(path: Path) -> None:
    other = path.with_suffix(".other")
    other.write_bytes(path.read_bytes())
    other.replace(path)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (Path.unlink, "moved, removed or replaced"),
        (put_another_there, "moved, removed or replaced"),
        (write_over, "doctor"),
        (cut_off, "doctor"),
    ],
)
async def test_a_database_that_came_to_harm_is_said_and_nothing_is_sold_in_it(
    scene: Scene, harm: Callable[[Path], None], said: str
) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "enter", "2")
        harm(the_file(scene))
        type_in(app, "enter", "enter")
        await until(lambda: said in text_of(app, "#bar"))
        assert isinstance(app.screen, Sell)
        assert scene.printer.printed == []
        app.context.tries = 0


async def test_a_file_moved_away_holds_up_no_key_and_is_gone_on_with_when_it_is_back(
    scene: Scene,
) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "enter", "2")
        app.context.tries = 1_000_000
        with aside(the_file(scene)):
            for key, there in (("f3", House), ("f6", Door), ("f9", SignIn)):
                type_in(app, key)
                await until(lambda there=there: isinstance(app.screen, there))
            type_in(app, *"eva-password", "enter")
            await until(lambda: "moved" in text_of(app, ".wrong"))
        await until(lambda: isinstance(app.screen, Door))
        await until(lambda: "⚠" not in text_of(app, "#bar"))
        await press(pilot, "f2", "enter", "enter")
        assert len(scene.printer.printed) == 3
    books.check(scene.database)


async def test_a_server_that_stops_is_said_and_the_sale_goes_on_when_it_is_back(
    tmp_path: Path, drafts: tuple[ShowDraft, ...], gateways: dict[str, Gateway]
) -> None:
    with postgres.own_server() as server, server.database("empty") as database:
        async with (
            scene_on(database, tmp_path, drafts, gateways) as scene,
            window(scene) as (app, pilot),
        ):
            await press(pilot, "enter", "2")
            server.kill()
            type_in(app, "enter")
            await until(lambda: "⚠" in text_of(app, "#bar"))
            server.start()
            await until(lambda: isinstance(app.screen, CashDialogue))
            await press(pilot, "enter")
            assert len(scene.printer.printed) == 3
            books.check(database)


async def paste(app: Window, pilot: Pilot[None]) -> None:
    assert app.focused is not None
    app.focused.post_message(Paste(ENDLESS))
    await settled(pilot)


async def test_what_is_pasted_by_mistake_harms_no_field(scene: Scene) -> None:
    async with window(scene, "ida") as (app, pilot):
        for keys in ((), ("f6",), ("f5",), ("f7", "i"), ("f8", "n")):
            await press(pilot, *keys)
            await paste(app, pilot)
            await press(pilot, "enter", "escape")
            await settled(pilot)
        await press(pilot, "f2")
        assert "⚠" not in text_of(app, "#bar")
        await press(pilot, "enter", "2", "enter")
        await paste(app, pilot)
        await press(pilot, "enter")
        assert len(scene.printer.printed) == 3
    found = await scene.office.look.search(words=ENDLESS)
    assert found == ()
    assert await scene.office.look.purchases_with(name="a " * 500_000) == ()
    books.check(scene.database)


async def test_a_scanner_that_empties_its_memory_is_answered_code_by_code(scene: Scene) -> None:
    show, codes = scene.shows["circo"], list[str]()
    for name in ("ana", "beto", "caio"):
        await register(scene.office, name)
        await Fan(scene.office, show, name).buy(4, 1)
        view = await scene.office.look.purchase(show, name)
        assert view is not None
        codes += [ticket_code(ticket, SIGNER) for ticket in view.tickets]
    scene.clock.ms += 29 * DAY_MS + DAY_MS // 2
    async with window(scene, "rui", drawer=False) as (app, _):
        for code in codes:
            type_in(app, *code, "enter")
        await until(lambda: f"{len(codes)} let in here" in text_of(app, "#notice"))
        field = app.screen.query_one("#ticket", Input)
        for code in codes[:3] * 63:  # Now each was used: 189 times no.
            field.value = code
            await field.action_submit()
        await until(lambda: "189 refused" in text_of(app, "#notice"))
    listed = await scene.office.look.door_list(show)
    assert sum(ticket.used_where == "window" for ticket in listed) == len(codes)
    books.check(scene.database)


async def test_who_guesses_passwords_waits_and_is_told_so(scene: Scene) -> None:
    async with window(scene, "", drawer=False) as (app, pilot):
        await press(pilot, *"eva", "enter")
        for _ in range(3):
            await press(pilot, *"guess", "enter")
        type_in(app, *"guess", "enter")
        await until(lambda: "Wrong 3 times: wait 2 s" in text_of(app, ".wrong"))
        type_in(app, "enter")  # Impatience neither gets past the wait nor begins it anew.
        await until(lambda: "The name or the password" in text_of(app, ".wrong"))
        assert app.screen.query_one("#password", Input).value == ""
        assert isinstance(app.screen, SignIn)


async def test_a_clock_set_back_during_a_hold_loses_no_sale(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "enter", "2")
        assert "⏱ held for 8:00" in text_of(app, "#clock")
        scene.clock.ms -= 60 * MINUTE_MS
        await press(pilot, "enter", "enter")
        assert len(scene.printer.printed) == 3
    books.check(scene.database)


async def test_a_window_made_tiny_and_large_again_shows_what_it_did(scene: Scene) -> None:
    async with window(scene, "ida") as (app, pilot):
        for keys in (*(("f2", "f3", "f4", "f5", "f6", "f7", "f8")), ("n", "f1")):
            await press(pilot, *([keys] if isinstance(keys, str) else keys))
            before = type(app.screen)
            for size in ((20, 5), (1, 1), SIZE):
                await pilot.resize_terminal(*size)
                await settled(pilot)
            assert type(app.screen) is before
        await press(pilot, "escape", "f2")
        assert "needs 80x24" not in text_of(app, "#bar")
