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
from app.ids import TimeOrderedIds
from app.keys import make_key
from app.settings import Settings
from app.window import givens_of
from app.wiring import Open, open_office
from benchmarks.buyers import pay
from benchmarks.ground import Ground
from core.draw import seed_digest
from core.outcomes import Chosen, Joined, Published, Registered
from core.purchase import State
from core.requests import Choose, Join, OpenShift, Publish, Register, SetClerk
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
_MINUTE_MS = 60_000
_MINUTES = 30
_SEEN_S = 0.6
"""Until the window shows what was done."""


class _Clock:
    """A clock that is moved by hand."""

    def __init__(self, ms: int) -> None:
        self.ms = ms

    def now_ms(self) -> int:
        """Return the time."""
        return self.ms


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
        clock = _Clock(SystemClock().now_ms() - _MINUTES * _MINUTE_MS)
        async with open_office(settings, clock) as an_office:
            shows = await _furnish(an_office)
            window = Window(givens_of(an_office))
            async with window.run_test(size=_SIZE) as pilot:
                await _sign_in(window, pilot)
                await pilot.press("f3")
                for minute in range(_MINUTES):
                    clock.ms += _MINUTE_MS
                    await _sell(an_office, shows, minute)
                    await pilot.pause(_SEEN_S)
                window.save_screenshot("window-house.svg", path=str(IMAGES))
                await pilot.press("f2", "enter", "2", "down", "1")
                await pilot.pause(_SEEN_S)
                window.save_screenshot("window-sale.svg", path=str(IMAGES))


async def _furnish(an_office: Open) -> list[int]:
    """Publish the sample shows, hire a clerk, open a drawer; return the shows."""
    givens = givens_of(an_office)
    supplied = Supplied(time_zone=givens.time_zone, currency=None, capacity=None)
    now_ms = an_office.clock.now_ms()
    drafts, problems = read_catalogue(SAMPLE, now_ms=now_ms, supplied=supplied)
    assert not problems, problems
    digests = {draft.slug: seed_digest(an_office.signer.seed(draft.slug)) for draft in drafts}
    published = await an_office.office.publish(Publish(drafts=drafts, seed_digests=digests))
    assert isinstance(published, Published), published
    await an_office.caretaker.round()
    hashed = givens.passwords.hashed(PASSWORD)
    hired = SetClerk(name=CLERK, add=True, role="manager", password_hash=hashed)
    await an_office.office.set_clerk(hired)
    opened = OpenShift(shift_id="s", currency="BRL", float_minor=10_000, actor=f"clerk:{CLERK}")
    await an_office.office.open_shift(opened)
    by_start = sorted(drafts, key=lambda draft: draft.starts_ms)
    return [published.show_ids[draft.slug] for draft in by_start]


async def _sell(an_office: Open, shows: list[int], minute: int) -> None:
    """Sell what is sold in a minute, most at the show that is next."""
    office, ids = an_office.office, TimeOrderedIds(an_office.clock)
    buying = Ground(office, an_office.store, ids)
    for place, show_id in enumerate(shows):
        for number in range((minute * 5 + place) % (7 - place % 6)):
            known = Register(customer_id=ids.new(), contacts=(("telegram", ids.new()),))
            person = await office.register(known)
            assert isinstance(person, Registered), person
            name = ids.new()
            join = Join(show_id=show_id, purchase_id=name, customer_id=person.customer_id)
            joined = await office.join(join)
            if isinstance(joined, Joined) and joined.state == State.CHOOSING:
                wanted = ((1 + number % 2, 1 + number % 3),)
                chosen = await office.choose(
                    Choose(show_id=show_id, purchase_id=name, wanted=wanted)
                )
                if isinstance(chosen, Chosen) and (number or minute % 5):
                    await pay(buying, show_id, name)


async def _sign_in(window: Window, pilot: Pilot[None]) -> None:
    await pilot.press(*CLERK, "enter", *(_key(letter) for letter in PASSWORD), "enter")
    for _ in range(_PATIENCE):
        await pilot.pause(0.05)
        if isinstance(window.screen, Place):
            return


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
                for label in ("Trio", "Buy tickets", "Meia-entrada"):
                    await ana.tap(await ana.offered(label), label)
                await ana.tap(await ana.sees("How many"), "2")
                await ana.offered("Pay by Pix")
                await pilot.pause(1)
                chat.save_screenshot("chat.svg", path=str(IMAGES))


def _key(letter: str) -> str:
    return {" ": "space"}.get(letter, letter)


if __name__ == "__main__":
    asyncio.run(main())
