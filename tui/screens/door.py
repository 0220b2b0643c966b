"""Door: scan or type a ticket, and a clear yes or no, also while the office can't be reached."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import ClassVar

from textual import on, work
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from core.outcomes import Admitted, AlreadyUsed, NotValid
from core.ports import BrokenInvariant, Overloaded, StorageLost
from core.receipts import TicketName, read_ticket_code
from core.requests import CheckIn
from language import msgid
from tui.context import Context, Lost
from tui.door import DoorMemory, LetIn, NotListed
from tui.screens.place import Place
from tui.words import place_name

_PATIENCE_S = 3
"""People stand at the door: the list decides if the office takes longer."""
_SETTLE_S = 5
_DAY_MS = 86_400_000


class Door(Place):
    """The door."""

    NAMED = msgid("Door")
    ABOUT = msgid(
        "Scan a ticket, or type its code and Enter. The answer stands large: let in, or not, and "
        "why. ◆ means: ask for the document that proves the fare. While the office can't be "
        "reached the list kept before decides, and the office is told when it is back."
    )
    CAN = ()
    AUTO_FOCUS: ClassVar = ""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.memory = DoorMemory(context.givens.folder)
        self.doubles: list[str] = []
        self.admitted = 0
        self.refused = 0

    def body(self) -> Iterator[Widget]:
        """Yield the field that the scanner types into, and the answer."""
        asked = self.context.say.text("scan or type a ticket")
        yield Input(placeholder=asked, id="ticket", max_length=500)
        with Vertical():
            yield Static(classes="idle", id="answer", markup=False)
        yield Static(classes="notice", id="notice", markup=False)

    async def set_up(self) -> None:
        """Wait for the scanner; keep the lists of today's shows."""
        self.query_one("#ticket", Input).focus()
        self.query_one("#answer", Static).update(Content(self.context.say.text("Ready.")))
        self.set_interval(_SETTLE_S, self._settle)
        self.arrive()

    async def changed(self, shows: frozenset[int]) -> None:
        """Keep the lists of the shows of today that changed."""
        context = self.context
        look, now_ms = context.givens.office.look, context.now_ms()
        try:
            cards = await look.search(from_ms=now_ms - _DAY_MS, to_ms=now_ms + _DAY_MS)
            for card in cards:
                if shows and card.show_id not in shows:
                    continue
                show, tickets = await look.show(card.show_id), await look.door_list(card.show_id)
                if show is not None:
                    await asyncio.to_thread(self.memory.keep, show, tickets, now_ms)
            self.say_waiting("")
        except (StorageLost, OSError) as lost:
            self.say_waiting(str(lost))
        self._tell_counts()

    @on(Input.Submitted, "#ticket")
    @work(group="door")
    async def _scanned(self, event: Input.Submitted) -> None:
        code, event.input.value = event.value.strip(), ""
        if not code:
            return
        name = read_ticket_code(code, self.context.givens.verifier)
        if name is None:
            self._answer(self.context.say.text("NOT A TICKET OF THIS HOUSE"))
            return
        context = self.context
        request = CheckIn(
            show_id=name.show_id,
            order_no=name.order_no,
            ticket_no=name.ticket_no,
            where=context.givens.place,
            actor=context.actor,
        )
        try:
            async with asyncio.timeout(_PATIENCE_S):
                answer: object = await context.givens.office.check_in(request)
            self.say_waiting("")
        except (StorageLost, Overloaded, TimeoutError):
            answer = self._alone(name)
        except BrokenInvariant as broken:
            answer = Lost(str(broken))
        self._tell(answer)

    def _alone(self, name: TicketName) -> object:
        """Decide by the list, and note it in the journal."""
        answer = self.memory.decide(name)
        if isinstance(answer, Admitted):
            context = self.context
            one = LetIn(
                show_id=name.show_id,
                order_no=name.order_no,
                ticket_no=name.ticket_no,
                at_ms=context.now_ms(),
                where=context.givens.place,
                actor=context.actor,
            )
            try:
                self.memory.note(one)
            except OSError as lost:
                return Lost(str(lost))
        self.say_waiting(self.context.say.text("cut off: the list of the door decides"))
        return answer

    def _tell(self, answer: object) -> None:
        say, zone = self.context.say, self.context.givens.time_zone
        match answer:
            case Admitted():
                self.admitted += 1
                proof = "\n◆ " + say.text("ASK FOR THE DOCUMENT") if answer.proof else ""
                self._answer(f"{answer.tier}\n{answer.fare}{proof}", yes=True)
            case AlreadyUsed():
                at = say.stamp(answer.used_ms, zone)
                where = place_name(answer.where, say)
                self._answer(say.text("USED ALREADY\n{at}, {where}", at=at, where=where))
            case NotValid():
                self._answer(say.text("REFUNDED"))
            case NotListed():
                kept = "–" if answer.kept_ms is None else say.clock_time(answer.kept_ms, zone)
                self._answer(say.text("NOT ON THE LIST of {kept}: ask the box office", kept=kept))
            case Lost():
                self._answer(say.text("can't note it: {why}", why=answer.why))
            case _:
                self._answer(say.text("NEVER SOLD"))

    def _answer(self, text: str, *, yes: bool = False) -> None:
        self.refused += not yes
        say, shown = self.context.say, self.query_one("#answer", Static)
        mark = "✓ " + say.text("YES") if yes else "✗ " + say.text("NO")
        shown.set_classes("yes" if yes else "no")
        shown.update(Content(f"\n{mark}\n\n{text}"))
        self._tell_counts()

    def _tell_counts(self) -> None:
        say, memory = self.context.say, self.memory
        told = say.plural("{n} let in here", "{n} let in here", self.admitted)
        if self.refused:
            told += "   " + say.plural("{n} refused", "{n} refused", self.refused)
        if memory.journal:
            told += "   " + say.text("{n} to be told to the office", n=len(memory.journal))
        if self.doubles:
            told += "\n✗ " + say.text("USED TWICE: {which}", which=", ".join(self.doubles))
        self.query_one("#notice", Static).update(Content(told))

    @work(exclusive=True, group="settle")
    async def _settle(self) -> None:
        """Tell the office whom the door let in on its own; report who was let in twice."""
        context = self.context
        for one in list(self.memory.journal):
            request = CheckIn(
                show_id=one.show_id,
                order_no=one.order_no,
                ticket_no=one.ticket_no,
                where=one.where,
                actor=one.actor,
            )
            try:
                answer = await context.givens.office.check_in(request)
            except (StorageLost, Overloaded, BrokenInvariant):
                return
            # A yes that was cut off may have been written: that is this one, not another.
            elsewhere = isinstance(answer, AlreadyUsed) and answer.where != one.where
            if elsewhere or isinstance(answer, NotValid):
                self.doubles.append(f"{one.show_id}-{one.order_no}/{one.ticket_no}")
            self.say_waiting("")
            with suppress(OSError):  # A line that stays is told again, and does nothing twice.
                self.memory.told(one)
        self._tell_counts()
