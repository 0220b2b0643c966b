"""Selling at the window: every key of the sale, and what stands on the screen after it."""

from dataclasses import replace
from typing import cast

import pytest
from textual.widgets import Digits

from core import requests as ask
from core.catalogue import ShowDraft
from core.messages import Kind
from core.ports import StorageLost
from core.purchase import State
from core.views import PurchaseView, ShowView, Views
from notifier.papers import Papers as HousePapers
from tests.auxil import books
from tests.auxil.drafts import CPF, fare, show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.offices import SIGNER
from tests.tui.conftest import (
    CIRCO,
    FESTA,
    SIZE,
    Scene,
    press,
    settled,
    text_of,
    titled,
    until,
    window,
)
from tui.app import Window
from tui.sale import WindowSale
from tui.screens.sell import Sell
from tui.screens.signin import SignIn
from tui.screens.steps import Step
from tui.widgets.lists import Walk

SIX_KEYS = ("enter", "2", "enter", "enter")
"""A cash sale of two full-price tickets from the home screen, as README shows it."""


def sell_of(app: Window) -> Sell:
    assert isinstance(app.screen, Sell)
    return app.screen


def sale_of(app: Window) -> WindowSale:
    sale = sell_of(app).sale
    assert sale is not None
    return sale


async def sold(scene: Scene, number: int = 1, slug: str = "circo") -> PurchaseView:
    view = await scene.office.look.purchase_by_number(scene.shows[slug], number)
    assert view is not None
    return view


async def test_two_full_price_tickets_in_cash_take_six_keys_at_most(scene: Scene) -> None:
    assert len(SIX_KEYS) <= 6
    async with window(scene) as (app, pilot):
        for key in SIX_KEYS:
            await press(pilot, key)
        assert sell_of(app).step is Step.DONE
        assert "SOLD: 2 tickets" in text_of(app, "#done_told")
    view = await sold(scene)
    assert [ticket.fare_no for ticket in view.tickets] == [1, 1]
    assert scene.printer.kicks == 1
    assert len(scene.printer.printed) == 3
    assert "R$240.00" in scene.printer.printed[2]
    books.check(scene.database)


async def test_a_quick_hand_loses_no_key(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "enter")
        await press(pilot, "2", "enter")
        await press(pilot, "enter")
        assert sell_of(app).step is Step.DONE
    assert len((await sold(scene)).tickets) == 2


async def test_the_next_sale_at_the_same_show_is_one_key_away(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        for key in (*SIX_KEYS, "enter", "1", "enter", "enter"):
            await press(pilot, key)
        assert "SOLD: 1 ticket" in text_of(app, "#done_told")
    assert len((await sold(scene, 2)).tickets) == 1
    books.check(scene.database)


async def test_shows_are_found_without_their_accents(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, *"SAO JOAO")
        assert app.screen.query_one("#shows", Walk).option_count == 1
        await press(pilot, "enter")
        assert "São João" in text_of(app, "#show")


async def test_the_arrows_choose_among_shows_and_fares(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "down", "enter")
        assert "Festa" in text_of(app, "#show")
        await press(pilot, "escape", "up", "enter")
        await press(pilot, "down", "1")
        assert sell_of(app).wanted == {2: 1}


async def test_cash_shows_what_is_missing_and_the_change(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "enter", "1")
        await press(pilot, "enter")
        await press(pilot, *"100")
        assert "R$20.00 is missing" in text_of(app, ".change")
        await press(pilot, "enter")
        assert app.screen.is_modal
        await press(pilot, *["backspace"] * 3, *"150")
        assert "change R$30.00" in text_of(app, ".change")
        await press(pilot, "enter")
        assert app.screen.query_one("#change", Digits).value == "30,00"
    assert "30.00" in scene.printer.printed[-1]


async def test_the_quota_stands_there_all_the_time(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "enter")
        assert "Meia: 40 of 40 left" in text_of(app, "#quotas")
        await press(pilot, "down", "3")
        await until(lambda: "Meia: 37 of 40 left" in text_of(app, "#quotas"))


async def test_a_fare_that_needs_it_asks_for_the_cpf(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "enter", "end", "1")
        assert app.screen.is_modal
        await press(pilot, *"111.111.111-11", "enter")
        assert "no CPF" in text_of(app, ".wrong")
        await press(pilot, *["backspace"] * 14, *CPF, "enter")
        assert sell_of(app).wanted == {4: 1}
        await press(pilot, "enter")
        await press(pilot, "enter")
    view = await sold(scene)
    assert (await scene.office.look.purchases_with(document="52998224725"))[
        0
    ].purchase_id == view.purchase.purchase_id


async def test_without_the_cpf_the_fare_is_not_taken(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "enter", "end", "1")
        await press(pilot, "escape")
        assert sell_of(app).wanted == {}


async def test_the_card_terminal_is_noted_by_its_nsu(scene: Scene) -> None:
    async with window(scene) as (_, pilot):
        await press(pilot, "enter", "2")
        await press(pilot, "c")
        await press(pilot, "enter")
        await press(pilot, *"004711", "enter")
    payment = (await sold(scene)).payments[0]
    assert (payment.method, payment.reference, payment.shift_id) == ("card", "004711", "eva-shift")
    assert scene.printer.kicks == 0


async def test_escape_undoes_one_step_after_the_other(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "enter", "2")
        await press(pilot, "down", "1")
        await press(pilot, "enter")
        assert app.screen.is_modal
        await press(pilot, "escape")
        assert sale_of(app).state is State.CHOOSING
        await press(pilot, "escape")
        assert sell_of(app).wanted == {1: 2}
        await press(pilot, "escape")
        assert sell_of(app).wanted == {}
        await press(pilot, "escape")
        assert sell_of(app).step is Step.FINDING
    assert (await sold(scene)).purchase.state is State.LEFT
    books.check(scene.database)


async def test_one_key_begins_again_and_frees_what_was_held(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "enter", "6")
        await press(pilot, "ctrl+n")
        assert sell_of(app).step is Step.FINDING
    seen = await scene.office.look.show(scene.shows["circo"])
    assert seen is not None
    assert seen.tiers[0].held == 0


async def test_two_digits_make_a_number_only_where_it_can_be_had(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "enter", "2", "3")
        assert sell_of(app).wanted == {1: 3}
        await press(pilot, "plus", "plus", "minus")
        assert sell_of(app).wanted == {1: 4}


async def test_what_is_refused_goes_back_to_what_is_held(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "down", "enter", "4")
        assert "only 3 can be had" in text_of(app, "#notice")
        assert sell_of(app).wanted == {}


async def test_a_sale_elsewhere_is_seen_at_once(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "enter")
        await register(scene.office, "ana")
        await Fan(scene.office, scene.shows["circo"], "ana").buy(5, 2)
        await until(lambda: "Meia: 35 of 40 left" in text_of(app, "#quotas"))


async def test_without_a_drawer_no_cash_is_taken(scene: Scene) -> None:
    async with window(scene, drawer=False) as (app, pilot):
        await press(pilot, "enter", "1", "enter")
        assert "F7" in text_of(app, "#notice")
        assert sale_of(app).state is State.CHOOSING


async def test_fees_stand_apart_and_only_where_they_are_charged(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "enter", "1")
        told = text_of(app, "#basket")
        assert "service fee" in told
        assert "R$0.00" in told
        assert "R$120.00" in told


class TestTheLine:
    """Where people wait, a walk-in takes a number or is served from the window's own tickets."""

    @pytest.fixture
    def drafts(self) -> tuple[ShowDraft, ...]:
        kept = show(tier("Pista", 3, fare("Inteira", 100, 0), window=1), slug="kept")
        return replace(kept, title="Kept"), titled(FESTA)

    async def test_a_walk_in_takes_a_number_and_it_is_printed(self, scene: Scene) -> None:
        fans = ("ana", "beto", "caio", "duda")
        await register(scene.office, *fans)
        for name in fans:
            await Fan(scene.office, scene.shows["festa"], name).join()
        async with window(scene) as (app, pilot):
            await press(pilot, "down", "enter")
            assert "walk-ins take a number" in text_of(app, "#notice")
            await press(pilot, "1")
            assert app.screen.is_modal
            await press(pilot, "enter")
            assert sell_of(app).step is Step.WAITING
            assert app.screen.query_one("#number", Digits).value == "5"
        assert "1 person is ahead" in scene.printer.printed[0]
        assert (await sold(scene, 5, "festa")).purchase.state is State.IN_LINE

    async def test_the_number_can_be_declined(self, scene: Scene) -> None:
        fans = ("ana", "beto", "caio", "duda")
        await register(scene.office, *fans)
        for name in fans:
            await Fan(scene.office, scene.shows["festa"], name).join()
        async with window(scene) as (app, pilot):
            await press(pilot, "down", "enter", "1")
            await press(pilot, "escape")
            assert sell_of(app).step is Step.CHOOSING
            assert sale_of(app).standing is None

    async def test_the_windows_own_tickets_are_sold_past_the_line(self, scene: Scene) -> None:
        fans = ("ana", "beto", "caio")
        await register(scene.office, *fans)
        for name in fans:
            await Fan(scene.office, scene.shows["kept"], name).join()
        async with window(scene) as (app, pilot):
            await press(pilot, "enter")
            assert "window's own 1 tickets" in text_of(app, "#notice")
            for key in ("1", "enter", "enter"):
                await press(pilot, key)
            assert sell_of(app).step is Step.DONE
        books.check(scene.database)


class TestPaper:
    """The printer never blocks or doubles a sale."""

    async def test_a_printer_in_trouble_is_told_and_tried_again(self, scene: Scene) -> None:
        scene.printer.trouble = "out of paper"
        async with window(scene) as (app, pilot):
            for key in SIX_KEYS:
                await press(pilot, key)
            assert sell_of(app).step is Step.DONE
            assert "out of paper" in text_of(app, "#paper_told")
            scene.printer.trouble = ""
            await press(pilot, "p")
            assert "✓ printed" in text_of(app, "#paper_told")
        assert len(scene.printer.printed) == 3
        assert "SECOND COPY" not in scene.printer.printed[2]
        assert scene.printer.kicks == 0
        books.check(scene.database)

    async def test_what_is_printed_twice_says_so(self, scene: Scene) -> None:
        async with window(scene) as (_, pilot):
            for key in (*SIX_KEYS, "p"):
                await press(pilot, key)
        assert "SECOND COPY" in scene.printer.printed[-1]

    async def test_it_can_be_written_into_a_file(self, scene: Scene) -> None:
        scene.printer.trouble = "out of paper"
        async with window(scene) as (app, pilot):
            for key in (*SIX_KEYS, "w"):
                await press(pilot, key)
            assert "written to" in text_of(app, "#notice")
        (file,) = list(scene.givens.folder.iterdir())
        assert "B1.1.1.1.1." in file.read_text(encoding="utf-8")

    async def test_tickets_go_into_a_pdf_and_to_an_address_if_it_is_wanted(
        self, scene: Scene
    ) -> None:
        papers = HousePapers("Circo Voador", SIGNER, lambda _gateway: True)

        class InEnglish:
            def tickets(self, show: ShowView, purchase: PurchaseView) -> bytes:
                return papers.tickets(show, purchase, "en")

        channels = frozenset({"email"})
        async with window(scene, papers=InEnglish(), channels=channels) as (app, pilot):
            for key in (*SIX_KEYS, "w"):
                await press(pilot, key)
            assert "written to" in text_of(app, "#notice")
            await press(pilot, "e")
            await press(pilot, *"ana@x.org", "enter")
            assert "on their way" in text_of(app, "#notice")
        (file,) = list(scene.givens.folder.iterdir())
        assert file.read_bytes().startswith(b"%PDF")
        (again,) = await scene.office.take_effects("w", [Kind.RECEIPT], 10)
        reader = await scene.office.look.customer(again.customer_id or "")
        assert reader is not None
        assert reader.contacts == (("email", "ana@x.org"),)

    async def test_without_a_printer_there_is_a_file(self, scene: Scene) -> None:
        async with window(scene, printer=None) as (app, pilot):
            for key in SIX_KEYS:
                await press(pilot, key)
            assert "written to" in text_of(app, "#paper_told")
        assert [file.suffix for file in scene.givens.folder.iterdir()] == [".txt"]


async def test_a_payment_waits_behind_the_lock_in_any_terminal(scene: Scene) -> None:
    async with window(scene) as (app, pilot):
        await press(pilot, "enter", "2")
        sale = sale_of(app)
        await press(pilot, "enter", *"3")
        asking = app.screen
        for size in ((20, 5), (300, 100), (1, 1), SIZE):
            await pilot.resize_terminal(*size)
            await press(pilot, "f9")
            assert isinstance(app.screen, SignIn)
            await press(pilot, "f2", "escape", *"eva-password", "enter")
            assert app.screen is asking
        assert sale.state is State.PAYING
        await press(pilot, *"00", "enter")
        assert "SOLD: 2 tickets" in text_of(app, "#done_told")
        await pilot.resize_terminal(20, 5)
        await until(lambda: "20x5: needs 80x24" in text_of(app, "#bar"))
    books.check(scene.database)


class TestCutOff:
    """Whatever step the window dies at, the sale is found again, neither lost nor doubled."""

    @pytest.mark.parametrize("keys", [SIX_KEYS[:2], SIX_KEYS[:3]], ids=["choosing", "paying"])
    async def test_an_open_sale_is_taken_up_where_it_stood(
        self, scene: Scene, keys: tuple[str, ...]
    ) -> None:
        async with window(scene) as (_, pilot):
            for key in keys:
                await press(pilot, key)
        async with window(scene) as (app, pilot):
            assert "Taken up" in text_of(app, "#notice")
            assert sell_of(app).wanted == {1: 2}
            await press(pilot, "enter")
            await press(pilot, "enter")
            assert sell_of(app).step is Step.DONE
        view = await sold(scene)
        assert len(view.tickets) == 2
        assert sum(p.captured_minor for p in view.payments) == 24_000
        assert await scene.office.look.purchase_by_number(scene.shows["circo"], 2) is None
        books.check(scene.database)

    async def test_a_sale_paid_but_not_printed_is_found_to_print(self, scene: Scene) -> None:
        scene.printer.trouble = "switched off"
        async with window(scene) as (_, pilot):
            for key in SIX_KEYS:
                await press(pilot, key)
        scene.printer.trouble = ""
        async with window(scene) as (app, pilot):
            await settled(pilot)
            assert sell_of(app).step is Step.DONE
        assert len(scene.printer.printed) == 3
        async with window(scene) as (app, _):
            assert sell_of(app).step is Step.FINDING

    async def test_a_lost_office_is_waited_for_in_sight(self, scene: Scene) -> None:
        look = scene.office.look
        failing = 2

        class Shaky:
            def __getattr__(self, name: str) -> object:
                return getattr(look, name)

            async def show(self, show_id: int) -> object:
                nonlocal failing
                if failing:
                    failing -= 1
                    raise StorageLost("the disk is asleep")
                return await look.show(show_id)

        scene.office.look = cast("Views", Shaky())
        told: list[str] = []
        async with window(scene) as (app, pilot):
            tell, app.context.tell = app.context.tell, told.append
            await press(pilot, "enter")
            await until(lambda: sell_of(app).step is Step.CHOOSING)
            app.context.tell = tell
        assert any("the disk is asleep" in text for text in told)
        scene.office.look = look


def test_the_drafts_are_what_the_tests_say() -> None:
    assert CIRCO.quotas[0].capacity == 40
    assert ask.WINDOW == "window"
