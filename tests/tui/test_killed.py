"""The window is killed, or its terminal closed, at every step of a sale: nothing is lost.

Two clerks sell at once at one office, each in a real terminal. One's process is killed at every
step, the other's terminal is closed. Opened again, the window says where things stand.
"""

import asyncio
import os
import re
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from core import requests as ask
from tests.auxil import books
from tests.auxil.drafts import fare, show, tier
from tests.auxil.offices import publish
from tests.auxil.terminals import PATIENCE_S, Terminal, founded

CIRCO = show(tier("Pista", 40, fare("Inteira", 10_000, 0)), slug="circo")
_LAST = b"\0the roll is taken out"
TAKEN_UP = "Taken up where it stood"


class Roll:
    """A printer's roll of paper behind a device file; while it is away, whoever prints waits."""

    def __init__(self, device: Path) -> None:
        self._device = device
        self.paper = b""
        os.mkfifo(device)

    @contextmanager
    def there(self) -> Generator[None]:
        """Have the printer take what comes."""
        # Held open for writing too: it does not end with whoever prints.
        end = os.open(self._device, os.O_RDWR)
        reader = threading.Thread(target=self._read, args=(end,))
        reader.start()
        try:
            yield
        finally:
            os.write(end, _LAST)
            reader.join()
            os.close(end)

    def _read(self, end: int) -> None:
        while not self.paper.endswith(_LAST):
            self.paper += os.read(end, 65_536)
        self.paper = self.paper.removesuffix(_LAST)

    def tickets(self) -> set[str]:
        """The codes of the tickets that were printed."""
        return {code.decode() for code in re.findall(rb"B1\.[\w.]+", self.paper)}


def noted(database: Path, clerk: str) -> None:
    """Wait until the office has heard that the clerk's tickets were handed over."""
    until = time.monotonic() + PATIENCE_S
    while books.rows(
        database,
        "select 1 from effects as e join contacts as c on c.customer_id = e.customer_id"
        " where e.kind = 'receipt' and e.state <> 'done' and c.address like :clerk",
        clerk=f"{clerk}/%",
    ):
        assert time.monotonic() < until, "it was printed, and the office never heard of it"
        time.sleep(0.02)


def sell(
    database: Path, terminal: Terminal, clerk: str, die: Callable[[], None], roll: Roll
) -> None:
    """Sell two tickets and one more, dying at each step; each time go on with what is found."""

    def again() -> None:
        die()
        terminal.open()
        terminal.sign_in(clerk)

    terminal.open()
    terminal.sign_in(clerk)
    with roll.there():
        terminal.type("Enter")
        terminal.wait("A digit says how many")
        again()  # A show is chosen, and nothing asked for.
        terminal.wait("left · R$100.00")
        terminal.type("Enter", "2")
        terminal.wait("Held.")
        again()  # Tickets are held.
        assert "2 × Inteira" in terminal.wait(TAKEN_UP)
        terminal.type("Enter")
        terminal.wait("TO PAY IN CASH")
        again()  # The order is frozen, its payment begun.
        assert "2 × Inteira" in terminal.wait(TAKEN_UP)
        terminal.type("Enter", "300")
        terminal.wait("change R$100.00")
        again()  # The money lies on the counter.
        assert "2 × Inteira" in terminal.wait(TAKEN_UP)
        terminal.type("Enter", "300")
        terminal.wait("change R$100.00")
        terminal.type("Enter")
        again()  # It was said that it is paid; whether anyone heard is open.
        if "SOLD: 2 tickets" not in terminal.wait(TAKEN_UP):
            terminal.type("Enter", "300", "Enter")
        terminal.wait("SOLD: 2 tickets")
        terminal.wait("✓ printed")
        terminal.type("Enter", "1")
        terminal.wait("Held.")
    terminal.type("Enter", "Enter")
    terminal.wait("printing…")
    die()  # It is sold, and the printer has not answered.
    with roll.there():
        terminal.open()
        terminal.sign_in(clerk)
        assert "1 × Inteira" in terminal.wait("SOLD: 1 ticket,")
        terminal.wait("✓ printed")
        noted(database, clerk)
        again()  # Everything is done: nothing is taken up.
        assert "SOLD" not in terminal.wait("left · R$100.00")
    terminal.close()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    async def made() -> None:
        async with founded(tmp_path, eva="clerk", rui="clerk") as office:
            shows = await publish(office, CIRCO)
            await office.run(ask.OpenSale(show_id=shows["circo"]))
            for name in ("eva", "rui"):
                drawer = ask.OpenShift(
                    shift_id=f"{name}-shift",
                    currency="BRL",
                    float_minor=5_000,
                    actor=f"clerk:{name}",
                )
                await office.open_shift(drawer)

    asyncio.run(made())
    return tmp_path / "office.db"


def test_at_every_step_a_sale_is_found_again(database: Path) -> None:
    folder = database.parent
    rolls = [Roll(folder / f"{name}.lp") for name in ("eva", "rui")]
    eva = Terminal(folder, "eva", window_printer=f"file:{folder}/eva.lp")
    rui = Terminal(folder, "rui", window_printer=f"file:{folder}/rui.lp")
    try:
        with ThreadPoolExecutor(2) as clerks:
            killed = clerks.submit(sell, database, eva, "eva", eva.kill, rolls[0])
            hung_up = clerks.submit(sell, database, rui, "rui", rui.hang_up, rolls[1])
        killed.result()
        hung_up.result()
    finally:
        eva.close()
        rui.close()
    assert [len(roll.tickets()) for roll in rolls] == [3, 3]
    states = books.rows(database, "select state, tickets from purchases order by tickets")
    assert [row["tickets"] for row in states if row["state"] == "completed"] == [1, 1, 2, 2]
    assert {row["state"] for row in states} == {"completed"}
    (stock,) = books.rows(database, "select held, sold from tiers")
    assert stock == {"held": 0, "sold": 6}
    taken = books.rows(
        database, "select shift_id, sum(captured_minor) as minor from payments group by shift_id"
    )
    assert taken == [{"shift_id": f"{name}-shift", "minor": 30_000} for name in ("eva", "rui")]
    books.check(database)
