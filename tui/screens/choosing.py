"""The choosing part of the sale: how many of which fare, held as it is typed."""

import json
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Digits, Static

from core.outcomes import Standing
from core.purchase import State
from tui.context import Lost
from tui.sale import WindowSale
from tui.screens.dialogues import AskDocument, Confirm
from tui.screens.steps import Step
from tui.widgets.lists import Walk
from tui.widgets.panes import needs_number, who_is_served
from tui.words import fare_name, is_over, refusal

if TYPE_CHECKING:
    from tui.screens.sell import Sell

_MOST = 99


class Choosing:
    """Takes quantities as they are typed and holds them, one request after the other."""

    def __init__(self, screen: "Sell") -> None:
        self._screen = screen
        self._typed: tuple[int, str] = (0, "")
        self._early = ""
        """Digits typed before the show was there."""

    def forget(self) -> None:
        """Let the next digit begin a new number."""
        self._typed, self._early = (0, ""), ""

    def tell(self) -> None:
        """Say what comes next, or what is missing before a sale."""
        screen, say, sale = self._screen, self._screen.context.say, self._screen.sale
        if sale is None:
            closed = say.text("Your drawer is closed: F7 opens it.")
            screen.notice("" if screen.context.shift else closed)
        elif sale.held:
            screen.notice(say.text("Held. Enter: cash   C: card   O: Pix or link"))
        else:
            how = say.text("A digit says how many tickets.")
            screen.notice(f"{who_is_served(sale.show, say)} {how}")

    async def take_early(self) -> None:
        """Take what was typed before the show was there, and hold it before anything else."""
        early, self._early = self._early, ""
        for digit in early:
            self.digit(digit)
        if early:
            await self._hold()

    def digit(self, digit: str) -> None:
        """Take a digit for the marked fare; a second one makes a number, if it can be had."""
        marked, sale = self._screen.query_one("#fares", Walk).marked, self._screen.sale
        if marked is None or sale is None:
            self._early += digit
            return
        fare_no = int(marked)
        limit: int = json.loads(sale.show.plain)["terms"]["limit_per_customer"]
        before = self._typed[1] if self._typed[0] == fare_no else ""
        quantity = int(before + digit)
        if quantity > limit:
            quantity = int(digit)
        self._typed = (fare_no, str(quantity))
        self._want(fare_no, quantity)

    def add(self, change: int) -> None:
        """Take one more or one less of the marked fare."""
        marked = self._screen.query_one("#fares", Walk).marked
        if marked is not None:
            fare_no = int(marked)
            quantity = self._screen.wanted.get(fare_no, 0) + change
            self._want(fare_no, min(max(quantity, 0), _MOST))

    def _want(self, fare_no: int, quantity: int) -> None:
        wanted = {**self._screen.wanted, fare_no: quantity}
        self._screen.wanted = {no: count for no, count in wanted.items() if count}
        self._screen.draw()
        self._screen.later(self._hold)

    async def _hold(self) -> None:
        """Ask for what is wanted now; what is refused goes back to what is held."""
        screen, sale, say = self._screen, self._screen.sale, self._screen.context.say
        if sale is None or screen.wanted == sale.held:
            return
        if sale.state is State.PAYING:  # Taken up again after a cut: the choice is open once more.
            await sale.step_back()
        if not (await self._takes_number(sale) and await self._has_document(sale)):
            screen.wanted = dict(sale.held)
            screen.draw()
            return
        asked = dict(screen.wanted)
        answer = await sale.choose(asked)
        if not isinstance(answer, Standing):
            screen.wanted = dict(sale.held)
            screen.notice(refusal(answer, sale.show, say), bad=True)
            if is_over(sale.state or State.CHOOSING):
                screen.sale = None
        elif answer.state in {State.IN_LINE, State.IN_LOBBY}:
            await self._wait_in_line(sale)
            return
        else:
            if screen.wanted == asked:  # Else more was typed meanwhile, and is asked for next.
                screen.wanted = dict(sale.held)
            self.tell()
        screen.draw()

    async def _takes_number(self, sale: WindowSale) -> bool:
        """Ask before somebody is put in line who can't be served now."""
        screen, say = self._screen, self._screen.context.say
        if sale.standing is not None or not needs_number(sale.show):
            return True
        why = who_is_served(sale.show, say)
        question = why + "\n" + say.text("Give this person a number?")
        return bool(await screen.question(Confirm(screen.context, question)))

    async def _has_document(self, sale: WindowSale) -> bool:
        """Ask for the CPF once a fare needs one."""
        screen = self._screen
        for fare in sale.show.offered:
            if fare.document and screen.wanted.get(fare.fare_no) and not sale.document:
                name = fare_name(sale.show, fare)
                sale.document = await screen.question(AskDocument(screen.context, name))
                return bool(sale.document)
        return True

    async def _wait_in_line(self, sale: WindowSale) -> None:
        """Show and print the number of somebody who waits."""
        screen, say = self._screen, self._screen.context.say
        view = await sale.look()
        if view is None or isinstance(view, Lost):
            return
        number = view.purchase.number
        screen.query_one("#number", Digits).update(str(number or "-"))
        ahead = say.plural("{n} person is ahead", "{n} people are ahead", view.ahead or 0)
        told = say.text("In the lobby: the draw gives the numbers.")
        if number is not None:
            told = say.text("Number in line; {ahead}. Called at the window (F4).", ahead=ahead)
        screen.query_one("#waiting_told", Static).update(Content(told))
        screen.wanted = {}
        screen.go(Step.WAITING)
        screen.paper.number(sale.show, view)
        screen.put_on_paper(kick=False)
