"""Takes the pictures that README shows: two of the window, one of the chat.

`python -m scripts.take_screenshots` writes docs/images/window-sale.svg, window-house.svg and
chat.svg, of a house made up for them: the sample catalogue, some sales, the keys of a clerk and the
taps of a fan.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from textual.pilot import Pilot

from app.chat.stage import set_stage
from app.chat.window import ChatWindow
from app.clock import SystemClock
from app.keys import make_key
from app.settings import Settings
from app.window import givens_of
from app.wiring import Open, open_office
from core.draw import seed_digest
from core.requests import OpenShift, Publish, SetClerk
from data.files import Supplied, read_catalogue
from data.migrating import migrate
from tui.app import Window
from tui.screens.place import Place

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SAMPLE = ROOT / "data" / "sample" / "sample.toml"
CLERK, PASSWORD = "eva", "a password of nobody"
_SIZE = (100, 30)
_PATIENCE = 200


async def main() -> None:
    """Take all pictures."""
    IMAGES.mkdir(exist_ok=True)
    await _picture_the_window()
    await _picture_the_chat()


async def _picture_the_window() -> None:
    with TemporaryDirectory() as folder:
        database, key = Path(folder) / "office.db", Path(folder) / "house.key"
        migrate(database)
        make_key(key)
        settings = Settings(
            database=str(database),
            key_file=key,
            house="Teatro do Porto",
            window_folder=Path(folder),
            window_lock_minutes=0,
        )
        async with open_office(settings) as an_office:
            await _furnish(an_office)
            window = Window(givens_of(an_office))
            async with window.run_test(size=_SIZE) as pilot:
                await _take(window, pilot)


async def _furnish(an_office: Open) -> None:
    """Publish the sample shows, hire a clerk, open a drawer."""
    givens = givens_of(an_office)
    supplied = Supplied(time_zone=givens.time_zone, currency=None, capacity=None)
    now_ms = an_office.clock.now_ms()
    drafts, problems = read_catalogue(SAMPLE, now_ms=now_ms, supplied=supplied)
    assert not problems, problems
    digests = {draft.slug: seed_digest(an_office.signer.seed(draft.slug)) for draft in drafts}
    await an_office.office.publish(Publish(drafts=drafts, seed_digests=digests))
    await an_office.caretaker.round()
    hashed = givens.passwords.hashed(PASSWORD)
    hired = SetClerk(name=CLERK, add=True, role="manager", password_hash=hashed)
    await an_office.office.set_clerk(hired)
    opened = OpenShift(shift_id="s", currency="BRL", float_minor=10_000, actor=f"clerk:{CLERK}")
    await an_office.office.open_shift(opened)


async def _take(window: Window, pilot: Pilot[None]) -> None:
    await pilot.press(*CLERK, "enter", *(_key(letter) for letter in PASSWORD), "enter")
    for _ in range(_PATIENCE):
        await pilot.pause(0.05)
        if isinstance(window.screen, Place):
            break
    await pilot.press("enter", "2", "down", "1")
    await pilot.pause(0.5)
    window.save_screenshot("window-sale.svg", path=str(IMAGES))
    await pilot.press("enter")
    await pilot.pause(0.5)
    await pilot.press("enter")
    await pilot.pause(0.5)
    await pilot.press("f3")
    await pilot.pause(0.5)
    window.save_screenshot("window-house.svg", path=str(IMAGES))


async def _picture_the_chat() -> None:
    """Have a fan choose two tickets, while another has just arrived."""
    with TemporaryDirectory() as folder:
        async with set_stage(Path(folder), SystemClock()) as stage:
            people = [stage.api.person(name, language="en") for name in ("Ana", "Bruno")]
            chat = ChatWindow(stage, people)
            chat.title = "bilheteria chat"
            async with chat.run_test(size=_SIZE) as pilot:
                ana = people[0]
                await pilot.press(*"trio", "enter")
                for label in ("Trio", "Buy tickets", "Meia-entrada", "2"):
                    await ana.tap(await ana.offered(label), label)
                await ana.offered("Pay by Pix")
                await pilot.pause(1)
                chat.save_screenshot("chat.svg", path=str(IMAGES))


def _key(letter: str) -> str:
    return {" ": "space"}.get(letter, letter)


if __name__ == "__main__":
    asyncio.run(main())
