"""Line: who is called and choosing, with their clocks, who waits; serve them, give numbers."""

from collections.abc import Iterator
from typing import ClassVar

from textual import on, work
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from core.outcomes import Standing
from core.purchase import State
from core.views import PurchaseCard, ShowCard, ShowView
from language import Speech, msgid
from tui import commands as can
from tui.context import Context, Lost
from tui.finding import find_purchases
from tui.moves import ServeHere
from tui.printing import slips
from tui.printing.desk import put_on_paper
from tui.sale import WindowSale
from tui.screens.dialogues import AskText
from tui.screens.place import Place
from tui.screens.running import pause_or_resume
from tui.widgets.lists import Walk
from tui.widgets.panes import who_is_served
from tui.words import STATES, refusal, whose

_MOST = 100
_SHOWS_MOST = 200
_HOUR_MS = 3_600_000
_SERVED = frozenset({State.CALLED, State.CHOOSING, State.PAYING})


def person_row(card: PurchaseCard, now_ms: int, say: Speech) -> Content:
    """Write a person of the line: number, name, state, clock."""
    name = whose(card, say)
    number = "–" if card.number is None else str(card.number)
    clock = ""
    if card.deadline_ms is not None and card.state in _SERVED:
        left_s = max(card.deadline_ms - now_ms, 0) // 1_000
        clock = f"⏱ {left_s // 60}:{left_s % 60:02d}"
    state = say.text(STATES[card.state])
    mark = "▶" if card.state in _SERVED else " "
    line = f"{mark} {number:>6}  {name[:26]:<26}  {state:<12} {clock}"
    return Content.assemble((line, "bold" if card.state == State.CALLED else ""))


class LineScreen(Place):
    """The line of one show."""

    NAMED = msgid("Line")
    ABOUT = msgid(
        "Who is called (▶) stands on top with the time left, below them who waits, in order. "
        "Enter serves the marked person here, with the place they have. N gives a walk-in the "
        "next number, F finds somebody by name, code or contact, → goes to the next show."
    )
    CAN = (can.Serve, can.TakeNumber, can.FindPerson, can.NextShow, can.PauseResume)
    AUTO_FOCUS: ClassVar = ""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.shows: list[ShowCard] = []
        self.show: ShowView | None = None
        self.people: dict[str, PurchaseCard] = {}
        self.found: tuple[PurchaseCard, ...] = ()
        """Those that were looked for, in place of the line; Escape brings it back."""

    def body(self) -> Iterator[Widget]:
        """Yield the show's heading, and its people."""
        with Vertical():
            yield Static(classes="title", id="show", markup=False)
            yield Walk(id="people", markup=False)
        yield Static(classes="notice", id="notice", markup=False)

    async def set_up(self) -> None:
        """Show the first line there is."""
        self.set_interval(1, self.draw)
        self.query_one("#people", Walk).focus()
        self.arrive()

    async def changed(self, shows: frozenset[int]) -> None:
        """Look at the line again."""
        context = self.context
        look = context.givens.office.look
        if self.show is None or not shows:
            since_ms = context.now_ms() - 6 * _HOUR_MS
            found = await context.ask(lambda: look.search(from_ms=since_ms, limit=_SHOWS_MOST))
            if isinstance(found, Lost):
                return
            self.shows = [card for card in found if card.status not in {"closed", "cancelled"}]
        if self.show is None and self.shows:
            await self._go_to(self.shows[0].show_id)
        elif self.show is not None and (not shows or self.show.card.show_id in shows):
            await self._go_to(self.show.card.show_id)
        else:
            self.draw()

    async def _go_to(self, show_id: int) -> None:
        context = self.context
        look = context.givens.office.look
        show = await context.ask(lambda: look.show(show_id))
        opened = await context.ask(lambda: look.open_people(show_id, _MOST))
        waiting = await context.ask(lambda: look.line_people(show_id, _MOST))
        if isinstance(show, Lost) or isinstance(opened, Lost) or isinstance(waiting, Lost):
            return
        self.show = show
        people = self.found or (*opened, *waiting)
        self.people = {f"{card.show_id}/{card.purchase_id}": card for card in people}
        self.draw()

    def draw(self) -> None:
        """Draw what is known, with the clocks as they are now."""
        say, show = self.context.say, self.show
        if not self.query("#people"):  # It is being taken down.
            return
        if show is None:
            self.notice(say.text("No show is on sale."))
            return
        counts = say.text(
            "{title} · lobby {lobby} · in line {waiting} · served {opened}",
            title=show.card.title,
            lobby=show.lobby,
            waiting=show.waiting,
            opened=show.opened + show.paying,
        )
        served = who_is_served(show, say)
        self.query_one("#show", Static).update(Content(f"{counts}\n{served}"))
        now_ms = self.context.now_ms()
        rows = [(name, person_row(card, now_ms, say)) for name, card in self.people.items()]
        self.query_one("#people", Walk).fill(rows)

    @on(can.NextShow)
    @work(exclusive=True)
    async def _next(self) -> None:
        ids = [card.show_id for card in self.shows]
        if self.show is None or not ids:
            return
        here = self.show.card.show_id
        at = (ids.index(here) + 1) % len(ids) if here in ids else 0
        self.found = ()
        await self._go_to(ids[at])

    @on(can.FindPerson)
    @work(exclusive=True)
    async def _find(self) -> None:
        context, say = self.context, self.context.say
        question = say.text("Find by name, code or contact (empty: everyone):")
        text = await self.question(AskText(context, question))
        if text is None or self.show is None:
            return
        look, zone, now_ms = context.givens.office.look, context.givens.time_zone, context.now_ms()
        found = await context.ask(lambda: find_purchases(look, text, now_ms=now_ms, zone=zone))
        if isinstance(found, Lost):
            return
        self.found = tuple(card for card in found if card.state != State.COMPLETED)
        if text and not self.found:
            self.notice(say.text("Nobody found who waits or is served."), bad=True)
        await self._go_to(self.show.card.show_id)

    @on(can.Serve)
    @work(exclusive=True)
    async def _serve(self) -> None:
        context, say = self.context, self.context.say
        card = self.people.get(self.query_one("#people", Walk).marked or "")
        if card is None:
            return
        if card.state not in _SERVED:
            self.notice(say.text("This person waits: served when called."), bad=True)
            return
        look = context.givens.office.look
        show = await context.ask(lambda: look.show(card.show_id))
        view = await context.ask(lambda: look.purchase(card.show_id, card.purchase_id))
        if isinstance(show, Lost) or isinstance(view, Lost) or show is None or view is None:
            return
        sale = WindowSale.of(context, show, view)
        if sale.state is State.CALLED:
            answer = await sale.claim()
            if not isinstance(answer, Standing):
                self.notice(refusal(answer, show, say), bad=True)
                return
        self.post_message(ServeHere(sale))

    @on(can.TakeNumber)
    @work(exclusive=True)
    async def _number(self) -> None:
        context, say, show = self.context, self.context.say, self.show
        if show is None:
            return
        sale = WindowSale.new(context, show)
        answer = await sale.join()
        if not isinstance(answer, Standing):
            self.notice(refusal(answer, show, say), bad=True)
            return
        if answer.state is State.CHOOSING:
            self.post_message(ServeHere(sale))
            return
        view = await sale.look()
        if view is None or isinstance(view, Lost):
            return
        slip = slips.number(context.givens.house, show, view, say)
        number = answer.number or "–"
        printed = await put_on_paper(context, f"{show.card.slug}-{number}", (slip,))
        mark = "✓" if printed.done else "✗"
        self.notice(say.text("Number {number}.", number=number) + f" {mark} {printed.told}")
        await self._go_to(show.card.show_id)

    @on(can.PauseResume)
    @work(exclusive=True)
    async def _pause(self) -> None:
        if self.show is not None:
            await pause_or_resume(self, self.show)
            await self._go_to(self.show.card.show_id)
