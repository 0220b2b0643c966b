"""Shift: the clerk's drawer, from its float to its count and its report."""

from collections.abc import Iterator
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from core.money import EXPONENTS, parse_amount
from core.outcomes import NotEnoughInDrawer, ShiftNow
from core.requests import CloseShift, MoveCash, OpenShift
from core.shifts import Shift
from core.views import ShiftView
from language import msgid
from tui import commands as can
from tui import manager_commands as run
from tui.commands import Command
from tui.context import Context, Lost
from tui.printing import slips
from tui.printing.desk import put_on_paper
from tui.printing.plain import plain
from tui.screens.dialogues import AskAmount, AskText, Pick
from tui.screens.place import Dialogue, Place
from tui.widgets.keys import Hint
from tui.words import refusal

NOTES: dict[str, tuple[int, ...]] = {
    "BRL": (20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 25, 10, 5),
    "USD": (10000, 5000, 2000, 1000, 500, 100, 25, 10, 5, 1),
    "EUR": (20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1),
}
"""Notes and coins by currency, in minor units."""
_NOTE_WIDE = 12
_LOOKED_THROUGH = 500
"""So many of the newest drawers are looked through for forgotten ones."""


class CountDialogue(Dialogue[tuple[tuple[int, int], ...]]):
    """Counts a drawer: 'how many' of each note and coin in turn; Enter goes to the next."""

    ABOUT = msgid(
        "Count the notes and coins one after the other: type how many there are of the marked one, "
        "then Enter; nothing typed is none. ↑ goes back to mend the one before. After the last the "
        "drawer is closed and its report printed. Esc gives up: the drawer stays open."
    )

    def __init__(self, context: Context, currency: str) -> None:
        super().__init__(context)
        self._currency = currency
        unit = 10 ** EXPONENTS[currency]
        self._notes = NOTES.get(currency, (100 * unit, 10 * unit, unit, 1))
        self._at = 0
        self._counts: dict[int, int] = {}

    def compose(self) -> ComposeResult:
        say = self.context.say
        with Vertical(classes="box"):
            yield Static(say.text("COUNT THE DRAWER"), classes="question", markup=False)
            yield Static(id="counted", markup=False)
            yield Input(id="how_many", restrict="[0-9]*", max_length=6)
            hint = say.text("Enter: next (empty: none)   ↑: back   Esc: give up")
            yield Hint(hint)

    async def set_up(self) -> None:
        """Ask for the first."""
        self._draw()
        self.query_one(Input).focus()

    def _draw(self) -> None:
        say, lines = self.context.say, list[str]()
        for at, note in enumerate(self._notes):
            mark = "▶" if at == self._at else " "
            count = self._counts.get(note)
            amount = say.money(note * (count or 0), self._currency)
            many = "" if count is None else f"× {count:>5} = {amount}"
            lines.append(f"{mark} {say.money(note, self._currency):>{_NOTE_WIDE}} {many}")
        total = sum(note * count for note, count in self._counts.items())
        counted = say.text("counted")
        lines.append(f"{counted}: {say.money(total, self._currency)}")
        self.query_one("#counted", Static).update(Content("\n".join(lines)))

    def key_up(self) -> None:
        """Go back to the one before."""
        self._at = max(self._at - 1, 0)
        self._draw()

    @on(Input.Submitted)
    def _counted(self, event: Input.Submitted) -> None:
        event.stop()
        self._counts[self._notes[self._at]] = int(event.value or 0)
        event.input.value = ""
        self._at += 1
        if self._at == len(self._notes):
            self.dismiss(tuple((note, n) for note, n in self._counts.items() if n))
            return
        self._draw()


class ShiftScreen(Place):
    """The drawer."""

    NAMED = msgid("Shift")
    ABOUT = msgid(
        "Your drawer. O opens it with the float that lies in it; what you sell in cash goes into "
        "it. I and T put cash in and take it out, with a reason. C counts it by note, closes it "
        "and prints the report Z. Another clerk's drawer is never yours; a manager closes a "
        "forgotten one with F."
    )
    CAN = (
        *(can.OpenDrawer, can.CashIn, can.CashOut, can.CloseDrawer, can.PrintReport),
        *(run.CloseForgotten, can.ReadOn, can.ReadBack),
    )
    AUTO_FOCUS: ClassVar = ""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.just_closed: ShiftView | None = None
        """The one just closed, to be printed again."""

    def body(self) -> Iterator[Widget]:
        """Yield the report of the drawer as it stands."""
        with VerticalScroll(classes="main large", can_focus=False):
            yield Static(id="drawer", markup=False)
        yield Static(classes="notice", id="notice", markup=False)

    async def set_up(self) -> None:
        """Show the drawer."""
        self.arrive()

    def allows(self, command: type[Command]) -> bool:
        """An open drawer can't be opened, a closed one not be moved."""
        opened = self.context.shift is not None
        if command is can.OpenDrawer:
            return not opened
        if command is run.CloseForgotten:
            return True
        if command in {can.PrintReport, can.ReadOn, can.ReadBack}:
            return opened or self.just_closed is not None
        return opened

    async def changed(self, shows: frozenset[int]) -> None:
        """Look at the drawer again."""
        del shows
        context, say = self.context, self.context.say
        if context.clerk is None:
            return
        name, look = context.clerk.name, context.givens.office.look
        found = await context.ask(lambda: look.open_shift(name))
        if isinstance(found, Lost):
            return
        context.shift = found
        shown = found or self.just_closed
        if shown is None:
            told = say.text("Your drawer is closed. O opens it with its float.")
        else:
            told = plain(slips.closing(context.givens.house, shown, context.givens.time_zone, say))
        self.query_one("#drawer", Static).update(Content(told))
        self.redraw_bar()
        self.refresh_bindings()

    @on(can.OpenDrawer)
    @work(exclusive=True)
    async def _open_drawer(self) -> None:
        context, say = self.context, self.context.say
        currency = context.givens.currency
        question = say.text("Float in the drawer ({currency}):", currency=currency)
        given = await self.question(AskAmount(context, question, currency))
        amount = None if given is None else parse_amount(given, currency)
        if amount is None:
            return
        request = OpenShift(
            shift_id=context.new_id(), currency=currency, float_minor=amount, actor=context.actor
        )
        office = context.givens.office
        answer = await context.ask(lambda: office.open_shift(request))
        await self._told(answer, say.text("Open. F2: sell"))

    @on(can.CashIn)
    def _in(self) -> None:
        self._move(out=0)

    @on(can.CashOut)
    def _out(self) -> None:
        self._move(out=1)

    @work(exclusive=True)
    async def _move(self, *, out: int) -> None:
        context, say = self.context, self.context.say
        if context.shift is None:
            return
        shift = context.shift.shift
        asked = say.text("Cash to take out:") if out else say.text("Cash to put in:")
        given = await self.question(AskAmount(context, asked, shift.currency))
        amount = None if given is None else parse_amount(given, shift.currency)
        if amount is None:
            return
        reason = await self.question(AskText(context, say.text("Why?"), self.needed))
        if reason is None:
            return
        request = MoveCash(
            shift_id=shift.shift_id,
            move_id=context.new_id(),
            amount_minor=amount,
            reason=reason,
            out=out,
            actor=context.actor,
        )
        office = context.givens.office
        answer = await context.ask(lambda: office.move_cash(request))
        if isinstance(answer, NotEnoughInDrawer):
            there = say.money(answer.there_minor, shift.currency)
            self.notice(say.text("The drawer holds only {amount}.", amount=there), bad=True)
            return
        await self._told(answer, say.text("Noted."))

    @on(can.CloseDrawer)
    @work(exclusive=True)
    async def _close_own(self) -> None:
        if self.context.shift is not None:
            await self._count_and_close(self.context.shift.shift)

    @on(run.CloseForgotten)
    @work(exclusive=True)
    async def _close_forgotten(self) -> None:
        """Close the drawer of a clerk who has gone, in a manager's name."""
        context, say = self.context, self.context.say
        look = context.givens.office.look
        shifts = await context.ask(lambda: look.shifts(_LOOKED_THROUGH))
        if isinstance(shifts, Lost):
            return
        me = context.actor.partition(":")[2]
        left = {s.shift_id: s for s in shifts if s.closed_ms is None and s.clerk != me}
        if not left:
            self.notice(say.text("No other drawer is open."))
            return
        rows = [(shift_id, self._row(shift)) for shift_id, shift in left.items()]
        asked = say.text("Whose drawer do you count and close?")
        picked = await self.question(Pick(context, asked, rows))
        if picked is not None:
            await self._count_and_close(left[picked])

    def _row(self, shift: Shift) -> str:
        say = self.context.say
        since = say.stamp(shift.opened_ms, self.context.givens.time_zone)
        return say.text(
            "{clerk}, drawer {number}, open since {since}",
            clerk=shift.clerk,
            number=shift.number,
            since=since,
        )

    async def _count_and_close(self, shift: Shift) -> None:
        context, say = self.context, self.context.say
        counted = await self.question(CountDialogue(context, shift.currency))
        if counted is None:
            return
        request = CloseShift(shift_id=shift.shift_id, counted=counted, actor=context.actor)
        office = context.givens.office
        answer = await context.ask(lambda: office.close_shift(request))
        if isinstance(answer, ShiftNow):
            closed = await context.ask(lambda: office.look.shift(shift.shift_id))
            self.just_closed = None if isinstance(closed, Lost) else closed
        await self._told(answer, say.text("Closed."))
        if isinstance(answer, ShiftNow) and self.just_closed is not None:
            self._print(self.just_closed)

    async def _told(self, answer: object, done: str) -> None:
        if isinstance(answer, ShiftNow):
            self.notice(done)
        else:
            self.notice(refusal(answer, None, self.context.say), bad=True)
        await self.changed(frozenset())

    @on(can.PrintReport)
    def _print_report(self) -> None:
        drawer = self.context.shift or self.just_closed
        if drawer is not None:
            self._print(drawer)

    @work(group="paper")
    async def _print(self, drawer: ShiftView) -> None:
        givens, say = self.context.givens, self.context.say
        slip = slips.closing(givens.house, drawer, givens.time_zone, say)
        name = f"Z{drawer.shift.number}" if drawer.shift.closed_ms else f"X{drawer.shift.number}"
        printed = await put_on_paper(self.context, name, (slip,))
        mark = "✓" if printed.done else "✗"
        self.notice(f"{mark} {printed.told}")
