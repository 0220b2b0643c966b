"""A customer at the window pays by a code scanned from the terminal, through Stripe's stand-in.

The window, the worker and the webhook are those of an office that was set up with test keys.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from textual.pilot import Pilot
from textual.widgets import Static

from app.keys import make_key
from app.reconciler import Reconciler
from app.reporting import Money
from app.serving import application
from app.settings import Settings
from app.window import givens_of
from app.wiring import Open, open_office
from core import requests as ask
from core.views import PurchaseView
from data.database import SqliteDatabase
from tests.auxil import books, telegrams
from tests.auxil.offices import HandClock, new_file
from tests.auxil.phone import scanned
from tests.stripe.server import KEY, SECRET, StripeStandIn, serving, stand_in
from tests.stripe.world import PIX_TEXT
from tests.tui.conftest import (
    CIRCO,
    SIZE,
    OpenBook,
    PaperPrinter,
    Scene,
    key_of,
    press,
    settled,
    text_of,
    window,
)
from tui.app import Window
from tui.screens.sell import Sell
from tui.screens.steps import Step
from tui.widgets.qr import drawn

MINUTE_MS = 60_000
TWO_TICKETS_MINOR = 24_000
_PATIENCE_S = 30
WAYS = {"pix": (), "card": ("down",)}
"""The keys that choose a way to pay where several are offered."""


@dataclass
class Counter:
    """A clerk with a customer in front, and Stripe behind."""

    scene: Scene
    an_office: Open
    clock: HandClock
    stripe: StripeStandIn
    app: Window
    pilot: Pilot[None]

    @property
    def sell(self) -> Sell:
        assert isinstance(self.app.screen, Sell)
        return self.app.screen

    async def until(self, true: Callable[[], bool]) -> None:
        """Do what is due, and let webhooks come, until something is true of the screen."""
        async with asyncio.timeout(_PATIENCE_S):
            while not true():
                await telegrams.due(self.an_office)
                await settled(self.pilot)

    async def shows_code(self, method: str) -> str:
        """Sell two tickets to be paid by a code; return what a phone reads from the screen."""
        await press(self.pilot, "enter", "2")
        await press(self.pilot, "o")
        await press(self.pilot, *WAYS[method], "enter")
        await self.until(lambda: bool(scanned(self.app)))
        (read,) = scanned(self.app)
        return read

    def pays(self, read: str, card: str = "good") -> str:
        """The customer pays what was scanned; return what Stripe says to that."""
        world = self.stripe.world
        if read.startswith(PIX_TEXT):
            return world.pay_pix(read.removeprefix(PIX_TEXT))
        (session,) = (one for one in world.sessions if f"/c/pay/{one}#" in read)
        return world.pay_card(session, card)

    async def sold(self) -> PurchaseView:
        view = await self.an_office.look.purchase_by_number(1, 1)
        assert view is not None
        return view

    async def has_nothing(self) -> None:
        """Nobody was charged, nobody has a ticket, and all tickets are free."""
        assert self.stripe.world.kept_minor() == 0
        show = await self.an_office.look.show(1)
        assert show is not None
        assert (show.valid, show.card.free) == (0, 110)
        assert not self.scene.printer.printed


@asynccontextmanager
async def counter(folder: Path, size: tuple[int, int] = SIZE) -> AsyncGenerator[Counter]:
    """Open an office by the real wiring, its workers, its webhook and its window."""
    clock, key, path = HandClock(), folder / "house.key", new_file(folder / "office.db")
    make_key(key)
    async with stand_in(clock.now_ms) as stripe:
        settings = Settings(
            database=str(path),
            key_file=key,
            language="en",
            stripe_key=SecretStr(KEY),
            stripe_webhook_secret=SecretStr(SECRET),
            stripe_url=stripe.url,
            window_folder=folder / "slips",
            window_lock_minutes=0,
        )
        async with open_office(settings, clock) as an_office:
            shows = await telegrams.put_on(an_office, CIRCO)
            await an_office.office.run(ask.OpenSale(show_id=1))
            hired = ask.SetClerk(name="eva", add=True, role="clerk", password_hash="eva-password")
            await an_office.office.set_clerk(hired)
            printer = PaperPrinter()
            givens = replace(givens_of(an_office), printer=printer, passwords=OpenBook())
            scene = Scene(SqliteDatabase(path), an_office.office, clock, givens, printer, shows)
            async with (
                serving(application(an_office)) as url,
                window(scene, drawer=False, size=size) as (app, pilot),
            ):
                stripe.hook = f"{url}/hooks/stripe"
                yield Counter(scene, an_office, clock, stripe, app, pilot)
                await stripe.settle()
    books.check(path)


@pytest.mark.parametrize("method", WAYS)
async def test_scanned_paid_and_the_tickets_are_printed(tmp_path: Path, method: str) -> None:
    async with counter(tmp_path) as at:
        read = await at.shows_code(method)
        assert len(read) > 200
        assert "no money moves" in text_of(at.app, "#paying_told"), "these are test keys"
        assert "R$240.00" in text_of(at.app, "#paying_told")
        at.pays(read)
        await at.until(lambda: at.sell.step is Step.DONE)
        await at.until(lambda: len(at.scene.printer.printed) == 3)
        assert "SOLD: 2 tickets" in text_of(at.app, "#done_told")
        assert "no money moves" in text_of(at.app, "#done_told")
        assert all("no money moves" in slip for slip in at.scene.printer.printed)
        assert not at.app.screen.query_one("#paying_told").display
        assert at.app.screen.query_one("#bar").display
        view = await at.sold()
        assert (len(view.tickets), view.payments[0].captured_minor) == (2, TWO_TICKETS_MINOR)
        assert at.stripe.world.kept_minor() == TWO_TICKETS_MINOR
        assert at.scene.printer.kicks == 0, "no cash, no drawer"
        await press(at.pilot, "f5", *(view.order_code or "").lower(), "enter")
        await at.until(lambda: "no money moves" in text_of(at.app, "#story"))


async def test_however_often_it_is_told_the_tickets_are_printed_once(tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        at.pays(await at.shows_code("pix"))
        for _ in range(5):
            at.sell.later(at.sell.paying.look)
        await at.until(lambda: at.sell.step is Step.DONE)
        for _ in range(5):
            at.sell.later(at.sell.paying.look)
        await settled(at.pilot)
        assert len(at.scene.printer.printed) == 3


async def test_without_webhooks_the_reconciler_finds_the_money(tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        at.stripe.hook = ""
        at.pays(await at.shows_code("pix"))
        at.clock.ms += 3 * MINUTE_MS
        money = Money(at.an_office.office, at.an_office.gateways)
        await Reconciler(money, at.an_office.look, at.clock).open_too_long()
        await at.until(lambda: at.sell.step is Step.DONE)
        await at.until(lambda: len(at.scene.printer.printed) == 3)


async def test_a_payment_that_expires_ends_the_sale_and_charges_nobody(tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        for method in WAYS:
            read = await at.shows_code(method)
            at.clock.ms += 26 * MINUTE_MS
            await at.until(lambda: at.sell.step is Step.FINDING)
            assert "time for this sale has ended" in text_of(at.app, "#notice")
            assert at.pays(read) == "closed"
        await at.has_nothing()


async def test_a_declined_card_may_be_tried_again_on_the_same_page(tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        read = await at.shows_code("card")
        assert at.pays(read, "declined") == "declined"
        await at.stripe.settle()
        for theme in ("light", "contrast"):  # Its colours are not the window's.
            at.app.theme = theme
            await at.until(lambda: scanned(at.app) == [read])
        assert at.pays(read) == "authorised"
        await at.until(lambda: at.sell.step is Step.DONE)
        assert at.stripe.world.kept_minor() == TWO_TICKETS_MINOR


async def test_what_the_clerk_calls_off_can_not_be_paid_any_more(tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        read = await at.shows_code("pix")
        await press(at.pilot, "escape")
        await at.until(lambda: at.sell.step is Step.CHOOSING)
        assert at.pays(read) == "closed"
        await press(at.pilot, "ctrl+n")
        read = await at.shows_code("card")
        await press(at.pilot, "ctrl+n")
        assert at.sell.step is Step.FINDING
        await telegrams.due(at.an_office)
        assert at.pays(read) == "closed"
        await at.has_nothing()


async def test_what_changed_is_no_way_back_to_what_was_let_go_of(tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        await at.shows_code("pix")
        purchase, looked, gate = at.an_office.look.purchase, 0, asyncio.Event()

        async def slow(show_id: int, purchase_id: str) -> PurchaseView | None:
            nonlocal looked
            looked += 1
            if looked == 2:
                await gate.wait()
            return await purchase(show_id, purchase_id)

        at.an_office.look.purchase = slow
        told = asyncio.create_task(at.sell.changed(frozenset({1})))
        while looked < 2:
            await asyncio.sleep(0)
        at.app.post_message(key_of("ctrl+n"))
        for _ in range(50):
            await asyncio.sleep(0)
        gate.set()
        await told
        await settled(at.pilot)
        assert at.sell.step is Step.FINDING


async def test_paid_in_the_moment_it_is_called_off_is_sold(tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        at.stripe.hook = ""
        at.pays(await at.shows_code("pix"))
        await press(at.pilot, "escape")
        await at.until(lambda: at.sell.step is Step.DONE)
        await at.until(lambda: len(at.scene.printer.printed) == 3)
        assert at.stripe.world.kept_minor() == TWO_TICKETS_MINOR


class TestRoom:
    """How a code is drawn in the room that a terminal has."""

    async def test_it_follows_the_size_of_the_letters(self, tmp_path: Path) -> None:
        async with counter(tmp_path, size=(80, 16)) as at:
            await press(at.pilot, "enter", "2")
            await press(at.pilot, "o")
            await press(at.pilot, "enter")
            await at.until(lambda: PIX_TEXT in text_of(at.app, "#code"))
            assert "needs more room" in text_of(at.app, "#paying_told")
            assert not scanned(at.app)
            for size in ((80, 24), (140, 40)):
                await at.pilot.resize_terminal(*size)
                await at.until(lambda: len(scanned(at.app)) == 1)
            shown = at.app.screen.query_one("#code", Static).render()
            assert set(str(shown)) <= set(" ▀▄█\n"), "with more room, what every terminal has"

    def test_what_fits_nowhere_is_not_drawn(self) -> None:
        assert drawn("x" * 425, 50, 24) is not None
        assert drawn("x" * 426, 50, 24) is None
        assert drawn("x" * 426, 50, 25) is not None
        assert drawn("x" * 20, 10, 40) is None
