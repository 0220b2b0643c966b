"""How the window feels: its start, a key's way to the screen while others sell, its memory.

start   from the start of the process to the first painted screen, against a bare Textual app of
one label, processes taking turns
keys    from a key to the change it paints, on the sale of one of many shows, while another
task sells so many tickets an hour through the same office
seen    from a sale that another process asks for to what is left, painted on that sale's screen
memory  of this process at the end
"""

import asyncio
import os
import resource
import subprocess
import sys
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter, time
from typing import Any

from textual.events import Key

from benchmarks.buyers import buy
from benchmarks.ground import Ground, Room, Seed, draft, ground, open_terms, tier
from benchmarks.loops import run
from benchmarks.results import Figure, Result, quantile
from benchmarks.running import Options, say
from core.offers import Offers
from core.requests import OpenShift, SetClerk
from payments.counter import Counter
from tui.app import Window
from tui.ports import Givens
from tui.screens.sell import Sell

SIZE = 200
"""Keys timed."""
SHOWS = 50
SALES_PER_HOUR = 5_000
_KEYS_A_SALE = 5
"""So many keys are timed for each sale elsewhere."""
_BETWEEN_S = 0.2
_BARE = """
from textual.app import App
from textual.widgets import Label
class Bare(App):
    def compose(self):
        yield Label("Bilheteria")
async def leave(pilot):
    pilot.app.exit()
Bare().run(headless=True, auto_pilot=leave)
"""
_WINDOW = """
import asyncio, sys
from pathlib import Path
from app.settings import Settings
from app.window import givens_of
from app.wiring import open_office
from tui.app import Window
async def leave(pilot):
    pilot.app.exit()
async def main():
    settings = Settings(database=sys.argv[1], key_file=Path(sys.argv[2]))
    async with open_office(settings) as office:
        await Window(givens_of(office)).run_async(headless=True, auto_pilot=leave)
asyncio.run(main())
"""


class _Open:
    """Passwords that fit: hashing is slow on purpose, and no part of a key's way."""

    def fits(self, password_hash: str, password: str) -> bool:
        """Say that it fits."""
        return password_hash == password

    def hashed(self, password: str) -> str:
        """Keep it as it is."""
        return password

    def bad(self, password: str) -> str | None:
        """Find nothing wrong with it."""
        del password


def measure(place: Room, options: Options) -> Result:
    """Measure once; starts take turns so often as there are rounds."""
    keys_ms, seen_ms = run(_keys(place, options.size or SIZE))
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    ratio = _start(place, options.rounds)
    return Result(
        name="window",
        work=f"{len(keys_ms)} keys, {SHOWS} shows, {SALES_PER_HOUR:,} sales an hour elsewhere",
        figures=(
            Figure(
                field="first_paint_ratio",
                what="start to first paint",
                value=ratio,
                floor="a bare Textual app",
                most=3,
            ),
            Figure(
                field="key_p95_ms",
                what="key to painted change, p95",
                value=quantile(keys_ms, 0.95),
                unit=" ms",
                most=100,
            ),
            Figure(
                field="seen_p95_ms",
                what="sale in another process to painted, p95",
                value=quantile(seen_ms, 0.95),
                unit=" ms",
                most=300,
            ),
            Figure(field="memory_mb", what="memory", value=memory_mb, unit=" MB"),
        ),
    )


def _start(place: Room, rounds: int) -> float:
    """Return how many times as long the window takes to its first paint as a bare app."""
    from app.keys import make_key  # noqa: PLC0415 - only this needs a key

    database, key = place.file("start"), place.folder / "house.key"
    asyncio.run(_found(database))
    make_key(key)
    bare, window = list[float](), list[float]()
    for at in range(rounds):
        bare.append(_timed("-c", _BARE))
        window.append(_timed("-c", _WINDOW, str(database), str(key)))
        say(f"start {at + 1}: bare {bare[-1]:.2f} s, window {window[-1]:.2f} s")
    return median(window) / median(bare)


async def _found(database: Path) -> None:
    async with ground(database):
        pass


def _timed(*arguments: str) -> float:
    begun = perf_counter()
    # As it is installed: Python keeps what it compiled, also where a machine's own tests forbid it.
    left_out = ("BILHETERIA_", "PYTHONDONTWRITEBYTECODE")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(left_out)}
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment)
    return perf_counter() - begun


async def _keys(place: Room, size: int) -> tuple[list[float], list[float]]:
    path = place.file("window")
    async with ground(path) as here:
        drafts = [draft(f"s{n}", [tier("Pista", 5_000)], open_terms()) for n in range(SHOWS)]
        shows = await here.open(*drafts)
        hired = SetClerk(name="eva", add=True, role="clerk", password_hash="eva")  # noqa: S106
        await here.office.set_clerk(hired)
        shift = OpenShift(shift_id="s", currency="BRL", float_minor=0, actor="clerk:eva")
        await here.office.open_shift(shift)
        stop = asyncio.Event()
        # The show in front is sold by the other process alone.
        selling = asyncio.create_task(_sell(here, shows[1:], stop))
        try:
            return await _press(_givens(here, place), size, path)
        finally:
            stop.set()
            await selling


async def _sell(here: Ground, shows: list[int], stop: asyncio.Event) -> None:
    """Sell at a steady pace, show after show."""
    for at in count():
        if stop.is_set():
            return
        (one,) = await here.register(1, at)
        await buy(here, shows[at % len(shows)], one)
        await asyncio.sleep(3_600 / SALES_PER_HOUR)


def _givens(here: Ground, place: Room) -> Givens:
    nothing: Any = Seed()
    return Givens(
        office=here.office,
        offers=Offers({"counter": Counter()}),
        signal=here.store,
        signer=nothing,
        verifier=nothing,
        passwords=_Open(),
        till=nothing,
        printer=None,
        papers=None,
        catalogue=nothing,
        folder=place.folder,
        house="Bilheteria",
        language="pt-BR",
        time_zone="America/Recife",
        lock_ms=0,
    )


async def _painted(window: Window, digit: str) -> float:
    """Press a key and return how many ms later the basket with its quantity was drawn."""
    sell = window.screen
    assert isinstance(sell, Sell), "the sale is in front"
    drawn, begun = asyncio.Event(), perf_counter()
    window.post_message(Key(digit, digit))
    while sell.wanted.get(1) != int(digit):  # noqa: ASYNC110 - what is timed tells nobody
        await asyncio.sleep(0)
    sell.call_after_refresh(drawn.set)
    await drawn.wait()
    return (perf_counter() - begun) * 1_000


async def _seen(window: Window, path: Path, count: int) -> list[float]:
    """Have another process sell at the show in front; return how many ms later each was drawn."""
    sell = window.screen
    assert isinstance(sell, Sell), "the sale is in front"
    assert sell.sale is not None, "a show is chosen"
    words = ("-m", "benchmarks.elsewhere", str(path), str(sell.sale.show_id))
    other = await asyncio.create_subprocess_exec(
        sys.executable, *words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert other.stdin is not None
    assert other.stdout is not None
    took = list[float]()
    for _ in range(count):
        before, drawn = sell.sale.show.card.free, asyncio.Event()
        other.stdin.write(b"\n")
        while sell.sale.show.card.free == before:  # noqa: ASYNC110 - what is timed tells nobody
            await asyncio.sleep(0.001)
        sell.call_after_refresh(drawn.set)
        await drawn.wait()
        seen = time()
        took.append((seen - float(await other.stdout.readline())) * 1_000)
        await asyncio.sleep(_BETWEEN_S)
    other.stdin.close()
    await other.wait()
    return took


async def _press(givens: Givens, size: int, path: Path) -> tuple[list[float], list[float]]:
    """Set quantities on the sale, one key after the other; time each until its change is drawn.

    Then have somebody else sell, and time until that is drawn.
    """
    took: list[float] = []
    window = Window(givens)
    async with window.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"eva", "enter", *"eva", "enter")
        while not isinstance(window.screen, Sell):
            await pilot.pause(0.05)
        await pilot.press("enter")
        while window.screen.sale is None:
            await pilot.pause(0.05)
        for at in range(size):
            took.append(await _painted(window, str(1 + at % 4)))
            await asyncio.sleep(0.05)
        seen = await _seen(window, path, max(1, size // _KEYS_A_SALE))
        await pilot.press("ctrl+n")
        await pilot.pause()
    return took, seen
