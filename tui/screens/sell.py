"""Sell: the home of the window. Find a show, choose tickets, take the money, print.

Keys never wait for the office: what was typed is shown at once and asked in order, one step after
the other, so that a quick hand loses nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import ClassVar

from textual import events, on, work
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Digits, Input, Static

from core.outcomes import Standing
from core.purchase import State
from core.views import ShowView
from language import msgid
from tui import commands as can
from tui.commands import Command
from tui.context import Context, Lost
from tui.sale import WindowSale, open_sale
from tui.screens.choosing import Choosing
from tui.screens.paper import SalePaper
from tui.screens.paying import Paying
from tui.screens.place import Place
from tui.screens.steps import SHOWN_AT, Step
from tui.sending import ask_email, send
from tui.widgets.lists import Walk
from tui.widgets.panes import (
    basket_text,
    clock_text,
    fare_row,
    quotas_text,
    show_row,
)
from tui.words import refusal

_HOUR_MS = 3_600_000


class Sell(Place):
    """The sale."""

    NAMED = msgid("Sell")
    ABOUT = msgid(
        "Type to find a show, Enter chooses it. A digit says how many tickets of the marked fare, "
        "the arrows mark another. Enter takes cash: Enter once more if it is exactly that, or "
        "type what was given. Escape undoes the last step, Ctrl+N begins again."
    )
    CAN = (
        *(can.PickShow, can.Proceed, can.PayCash, can.PayCard, can.PayOther, can.More, can.Fewer),
        *(can.PrintAgain, can.SaveSlips, can.SendTickets, can.Undo, can.AnotherShow, can.Again),
    )
    AUTO_FOCUS: ClassVar = ""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.step = Step.FINDING
        self.sale: WindowSale | None = None
        self.wanted: dict[int, int] = {}
        self._turn = asyncio.Lock()
        self.paper = SalePaper(context)
        self.choosing = Choosing(self)
        self.paying = Paying(self)

    # What stands on the screen.

    def body(self) -> Iterator[Widget]:
        """Yield the list of shows or fares, and the basket beside it."""
        with Horizontal():
            with ContentSwitcher(initial=Step.FINDING, classes="main"):
                with Vertical(id=Step.FINDING):
                    yield Input(
                        placeholder=self.context.say.text("find a show"), id="find", max_length=200
                    )
                    yield Walk(id="shows", markup=False)
                with Vertical(id=Step.CHOOSING):
                    yield Static(classes="title", id="show", markup=False)
                    yield Walk(id="fares", markup=False)
                    yield Static(classes="quotas", id="quotas", markup=False)
                with VerticalScroll(id=Step.PAYING):
                    yield Static(classes="code", id="code", markup=False)
                with Vertical(id=Step.WAITING, classes="large"):
                    yield Static(id="waiting_told", markup=False)
                    yield Digits(id="number")
                with Vertical(id=Step.DONE, classes="large"):
                    yield Static(id="done_told", markup=False)
                    yield Digits(id="change")
                    yield Static(id="paper_told", markup=False)
            with Vertical(classes="side"):
                yield Static(id="basket", markup=False)
                yield Static(id="clock", markup=False)
                yield Static(id="paying_told", markup=False)
        yield Static(classes="notice", id="notice", markup=False)

    async def set_up(self) -> None:
        """Show what is on sale."""
        self.set_interval(1, self._tick)
        self.set_focus(self.query_one("#find", Input))
        self.arrive()

    def arrive(self) -> None:
        """Look at everything anew; a drawer may have been opened meanwhile."""
        super().arrive()
        if self.step in {Step.FINDING, Step.CHOOSING}:
            self.choosing.tell()

    def allows(self, command: type[Command]) -> bool:
        """Whether a command makes sense at this step."""
        return self.step in SHOWN_AT.get(command, frozenset(Step))

    def go(self, step: Step) -> None:
        """Go to a step of the sale."""
        self.step = step
        self.set_class(step is Step.PAYING, "-paying")
        self.query_one(ContentSwitcher).current = step
        focus = {Step.FINDING: "#find", Step.CHOOSING: "#fares"}.get(step)
        self.set_focus(None if focus is None else self.query_one(focus))
        self.draw()
        self.refresh_bindings()

    def draw(self) -> None:
        """Draw what the sale holds, from what is known here."""
        sale, say = self.sale, self.context.say
        basket = self.query_one("#basket", Static)
        if sale is None:
            basket.update(Content(say.text("Choose a show.")))
            self.query_one("#clock", Static).update("")
            return
        show = sale.show
        basket.update(basket_text(show, self.wanted, sale.order, sale.channel, say))
        self._tick()
        if self.step is not Step.CHOOSING:
            return
        when = say.stamp(show.card.starts_ms, show.card.time_zone)
        self.query_one("#show", Static).update(Content(f"{show.card.title} · {when}"))
        rows = [
            (str(f.fare_no), fare_row(show, f, self.wanted.get(f.fare_no, 0), say, sale.channel))
            for f in show.offered
        ]
        self.query_one("#fares", Walk).fill(rows)
        self.query_one("#quotas", Static).update(Content(quotas_text(show, say)))

    def _tick(self) -> None:
        standing = self.sale.standing if self.sale else None
        live = self.step in {Step.CHOOSING, Step.PAYING}
        text = clock_text(standing, self.context.now_ms(), self.context.say) if live else ""
        for clock in self.query("#clock").results(Static):  # None while it is taken down.
            clock.update(Content(text))

    # Finding a show.

    @on(Input.Changed, "#find")
    def _find_typed(self) -> None:
        self.aside(self.find)

    async def find(self) -> None:
        """List the shows that fit what was typed, those to come."""
        words = self.query_one("#find", Input).value
        since_ms = self.context.now_ms() - 6 * _HOUR_MS
        look = self.context.givens.office.look
        found = await self.context.ask(lambda: look.search(words=words, from_ms=since_ms))
        if isinstance(found, Lost) or words != self.query_one("#find", Input).value:
            return
        cards = [card for card in found if card.status not in {"cancelled", "closed"}]
        rows = [(str(card.show_id), show_row(card, self.context.say)) for card in cards]
        self.query_one("#shows", Walk).fill(rows)
        if self.step is Step.FINDING and not rows:
            say = self.context.say
            self.notice(
                say.text("No show fits this.") if words else say.text("No show is on sale.")
            )

    def on_key(self, event: events.Key) -> None:
        """Walk the list while typing; take digits as quantities; begin anew by a letter."""
        if self.step is Step.FINDING and event.key in {"up", "down"}:
            shows = self.query_one("#shows", Walk)
            if event.key == "up":
                shows.action_cursor_up()
            else:
                shows.action_cursor_down()
            event.stop()
            event.prevent_default()
        elif self.step is Step.CHOOSING and event.character and event.character.isdecimal():
            event.stop()
            event.prevent_default()
            self.choosing.digit(event.character)

    @on(can.PickShow)
    def _pick(self) -> None:
        marked = self.query_one("#shows", Walk).marked
        if marked is not None:
            self._turn_to(int(marked))

    @on(Walk.OptionSelected, "#shows")
    def _show_clicked(self) -> None:
        self._pick()

    @on(Walk.OptionSelected, "#fares")
    def _fare_clicked(self) -> None:
        self.choosing.add(1)

    def _turn_to(self, show_id: int) -> None:
        """Turn to a show at once: digits that are typed until it is looked up are kept."""
        self.sale, self.wanted = None, {}
        self.choosing.forget()
        self.query_one("#fares", Walk).clear_options()
        self.go(Step.CHOOSING)
        self.later(lambda: self.begin(show_id))

    async def begin(self, show_id: int) -> None:
        """Begin a sale at a show; nothing is asked of the office until a ticket is wanted."""
        show = await self._look_at(show_id)
        if show is None:
            self.home()
            return
        self.sale, self.wanted = WindowSale.new(self.context, show), {}
        self.go(Step.CHOOSING)
        self.choosing.tell()
        await self.choosing.take_early()

    async def _look_at(self, show_id: int) -> ShowView | None:
        look = self.context.givens.office.look
        show = await self.context.ask(lambda: look.show(show_id))
        return None if isinstance(show, Lost) else show

    # Choosing tickets.

    @on(can.More)
    @on(can.Fewer)
    def _change(self, message: can.More | can.Fewer) -> None:
        self.choosing.add(1 if isinstance(message, can.More) else -1)

    # Paying.

    @on(can.PayCash)
    def _cash(self) -> None:
        self.later(self.paying.cash)

    @on(can.PayCard)
    def _card(self) -> None:
        self.later(self.paying.card)

    @on(can.PayOther)
    def _other(self) -> None:
        self.later(self.paying.other)

    def on_resize(self) -> None:
        """Draw a code anew in the room that there is now."""
        if self.step is Step.PAYING:
            self.later(self.paying.look)

    @work(group="paper")
    async def put_on_paper(self, *, kick: bool) -> None:
        """Print what the sale came to; the sale does not wait for it."""
        told = self.query_one("#paper_told", Static)
        told.update(Content(self.context.say.text("printing…")))
        sale = self.sale
        printed = await self.paper.print(kick=kick)
        mark = "✓" if printed.done else "✗"
        more = "" if printed.done else "  " + self.context.say.text("P: try again   W: to a file")
        told.update(Content(f"{mark} {printed.told}{more}"))
        if self.step is not Step.DONE:
            self.notice(f"{mark} {printed.told}{more}")
        if printed.done and sale is not None and sale.state is State.COMPLETED:
            await sale.handed_over()

    @on(can.PrintAgain)
    def _print_again(self) -> None:
        self.put_on_paper(kick=False)

    @on(can.SaveSlips)
    @work(group="paper")
    async def _save(self) -> None:
        saved = await self.paper.save()
        self.notice(saved.told, bad=not saved.done)

    @on(can.SendTickets)
    @work(exclusive=True, group="send")
    async def _send(self) -> None:
        say, sale = self.context.say, self.sale
        if sale is None:
            return
        if "email" not in self.context.givens.channels:
            self.notice(say.text("No e-mail is set up here: docs/messages.md."), bad=True)
            return
        way = await ask_email(self)
        receipt = None if way is None else await sale.receipt()
        if way is None or receipt is None:
            return
        wrong = await send(self.context, receipt, way)
        self.notice(wrong or "✓ " + say.text("The tickets are on their way."), bad=bool(wrong))

    # Going on, back, and beginning again.

    @on(can.Proceed)
    def _proceed(self) -> None:
        if self.sale is not None:
            self._turn_to(self.sale.show_id)

    @on(can.Undo)
    def _undo(self) -> None:
        self.later(self._undo_step)

    async def _undo_step(self) -> None:
        sale = self.sale
        if sale is None:
            self.home()
        elif self.step is Step.PAYING or sale.state is State.PAYING:
            await self.paying.back()
        elif sale.steps:
            answer = await sale.undo_choice()
            self.wanted = dict(sale.held)
            if not isinstance(answer, Standing):
                self.notice(refusal(answer, sale.show, self.context.say), bad=True)
            self.choosing.forget()
            self.draw()
        else:
            await self._let_go()

    @on(can.AnotherShow)
    def _another(self) -> None:
        self.home()

    @on(can.Again)
    def _again(self) -> None:
        self.later(self._let_go)

    async def _let_go(self) -> None:
        """Give up what is held and go home; a sale that was paid stays as it is."""
        sale = self.sale
        if sale is not None and sale.state in {State.CHOOSING, State.PAYING, State.CALLED}:
            answer = await sale.leave()
            if isinstance(answer, Lost):
                self.notice(refusal(answer, sale.show, self.context.say), bad=True)
                return
        self.home()

    def home(self) -> None:
        """Go back to finding a show, with nothing open."""
        self.sale, self.wanted = None, {}
        self.choosing.forget()
        self.query_one("#find", Input).value = ""
        self.choosing.tell()
        self.go(Step.FINDING)

    # What comes from outside.

    async def serve(self, sale: WindowSale) -> None:
        """Take up a purchase: one that was cut off, or a fan's own who stands here."""
        self.sale, self.wanted = sale, dict(sale.held)
        self.choosing.forget()
        say = self.context.say
        if sale.state is State.PAYING:
            await self.paying.resume()
        elif sale.state is State.COMPLETED:
            await self.paying.finished(0, cash=False)
        else:
            self.go(Step.CHOOSING)
        self.notice(say.text("Taken up where it stood. Ctrl+N lets go of it."))

    async def resume(self) -> None:
        """Take up the sale that this clerk left open."""
        found = await open_sale(self.context)
        if found is not None:
            await self.serve(found)

    async def changed(self, shows: frozenset[int]) -> None:
        """Show what is left as it is now."""
        if self.step is Step.FINDING:
            await self.find()
            return
        sale = self.sale
        if sale is None or (shows and sale.show_id not in shows):
            return
        if self.step is Step.PAYING:
            self.later(self.paying.look)  # In turn: it may be called off at this moment.
        elif self.step is Step.CHOOSING:
            show = await self._look_at(sale.show_id)
            if show is not None and sale is self.sale:
                sale.show = show
                self.draw()

    def later(self, act: Callable[[], Awaitable[None]]) -> None:
        """Do something after what is being done, without holding up the keys."""

        async def in_turn() -> None:
            async with self._turn:
                await act()

        self.run_worker(in_turn(), group="sale")
