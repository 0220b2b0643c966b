"""The paying part of the sale: cash, the card terminal, a code on the screen."""

import json
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Digits, Static

from core.offers import Offer
from core.outcomes import CheckedOut, Paid, Standing
from core.payments import Payment, PaymentState
from core.purchase import State
from core.views import PurchaseView
from tui.context import Context, Lost
from tui.ports import NotTaken, Taken
from tui.printing.slips import method_name
from tui.sale import WindowSale, current_payment
from tui.screens.dialogues import AskText, CashDialogue, Pick, figures
from tui.screens.steps import Step
from tui.widgets.qr import drawn
from tui.words import is_over, refusal

if TYPE_CHECKING:
    from tui.screens.sell import Sell

_BARE = "-bare"
"""The class of a screen whose code has all of its height."""
_CODE_MARGIN = 2
"""Columns of its own colour left and right of the code."""


class Paying:
    """Takes the sale of a screen from its basket to its tickets."""

    def __init__(self, screen: "Sell") -> None:
        self._screen = screen

    @property
    def _context(self) -> Context:
        return self._screen.context

    def _ready(self, *, drawer: bool) -> WindowSale | None:
        """Return the sale if it can be paid now, or say what is missing."""
        say, sale = self._context.say, self._screen.sale
        if sale is None or not sale.held:
            self._screen.notice(say.text("Choose tickets first: a digit says how many."), bad=True)
            return None
        if drawer and self._context.shift is None:
            self._screen.notice(say.text("Open your drawer first: F7, then O."), bad=True)
            return None
        return sale

    def _offers(self, sale: WindowSale, *, outside: int) -> list[Offer]:
        offers = self._context.givens.offers.of_show(sale.show, "window")
        return [offer for offer in offers if offer.outside == outside]

    async def _order(self, sale: WindowSale, offer: Offer) -> CheckedOut | None:
        if sale.order is not None and sale.state is State.PAYING:
            if sale.method == offer.method:
                return sale.order
            await sale.step_back()
        answer = await sale.check_out(offer)
        if not isinstance(answer, CheckedOut):
            self._refused(sale, answer)
            return None
        await self._renew(sale)
        return answer

    def _refused(self, sale: WindowSale, answer: object) -> None:
        self._screen.notice(refusal(answer, sale.show, self._context.say), bad=True)

    async def _renew(self, sale: WindowSale) -> PurchaseView | None:
        """Bring what is known of the sale up to date."""
        view = await sale.look()
        if view is None or isinstance(view, Lost):
            return None
        fresh = WindowSale.of(self._context, sale.show, view)
        sale.standing, sale.order = fresh.standing, fresh.order or sale.order
        return view

    async def cash(self) -> None:
        """Take cash: the order is frozen, the money counted, the change shown large."""
        sale = self._ready(drawer=True)
        if sale is None:
            return
        offer = next((o for o in self._offers(sale, outside=0) if o.method == "cash"), None)
        order = None if offer is None else await self._order(sale, offer)
        if order is None:
            return
        given = await self._screen.question(CashDialogue(self._context, order))
        if given is None:
            await self.back()
            return
        till = self._context.givens.till
        await self._take(sale, till.cash(order, given, self._context.actor), cash=True)

    async def card(self) -> None:
        """Note what the card terminal took, by the NSU that it printed."""
        sale = self._ready(drawer=True)
        if sale is None:
            return
        offer = next((o for o in self._offers(sale, outside=0) if o.method == "card"), None)
        order = None if offer is None else await self._order(sale, offer)
        if order is None:
            return
        say, till = self._context.say, self._context.givens.till
        total = say.money(order.total_minor, order.currency)
        question = say.text("Take {total} on the card terminal. NSU on its slip:", total=total)

        def check(text: str) -> str:
            taken = till.card(order, text, self._context.actor)
            return "" if isinstance(taken, Taken) else say.text("write the NSU of the slip")

        reference = await self._screen.question(AskText(self._context, question, check))
        if reference is None:
            await self.back()
            return
        await self._take(sale, till.card(order, reference, self._context.actor), cash=False)

    async def _take(self, sale: WindowSale, taken: Taken | NotTaken, *, cash: bool) -> None:
        if isinstance(taken, NotTaken):
            await self.back()
            return
        answer = await sale.report(taken.report)
        if isinstance(answer, Paid):
            await self.finished(taken.change_minor, cash=cash)
        else:
            self._refused(sale, answer)

    async def other(self) -> None:
        """Let the person pay by a code: Pix, or a link."""
        sale, say = self._ready(drawer=False), self._context.say
        if sale is None:
            return
        offers = self._offers(sale, outside=1)
        if not offers:
            self._screen.notice(say.text("No way to pay by code is set up here."), bad=True)
            return
        chosen: Offer | None = offers[0]
        if len(offers) > 1:
            rows = [
                (str(at), f"{method_name(say, o.method)} ({o.gateway})")
                for at, o in enumerate(offers)
            ]
            question = say.text("How does the person pay?")
            picked = await self._screen.question(Pick(self._context, question, rows))
            chosen = None if picked is None else offers[int(picked)]
        if chosen is not None and await self._order(sale, chosen) is not None:
            await self._show_code()

    async def _show_code(self) -> None:
        """Show the code as soon as the provider gave one."""
        sale, say, screen = self._screen.sale, self._context.say, self._screen
        assert sale is not None, "an order is of a sale"
        view = await self._renew(sale)
        if view is None:
            return
        if screen.step is not Step.PAYING:
            screen.go(Step.PAYING)
            screen.notice("")
        payment = current_payment(view)
        told, code = screen.query_one("#paying_told", Static), screen.query_one("#code", Static)
        text = self._code_of(payment)
        if payment is None or text is None:
            screen.remove_class(_BARE)
            code.update("")
            told.update(Content(say.text("Asking the provider for a code… Escape: back")))
            return
        total = say.money(payment.amount_minor, payment.currency)
        screen.paper.code(sale.show, text, payment)
        side = screen.query_one(".side").outer_size.width
        made = drawn(text, screen.size.width - side - _CODE_MARGIN, screen.size.height)
        screen.set_class(made is not None, _BARE)
        words = [trial] if (trial := self._context.trial(payment)) else []
        if made is None:
            words += [
                say.text(
                    "The code needs more room: make the letters smaller. P prints it. {total}",
                    total=total,
                )
            ]
        else:
            words += [
                say.text("Scan to pay {total}", total=total),
                say.text("P: print   Esc: back"),
                say.text("Does it not scan? Make the letters of the terminal smaller, or print."),
            ]
        told.update(Content("\n\n".join(words)))
        code.update(made or Content(text))

    @staticmethod
    def _code_of(payment: Payment | None) -> str | None:
        """Return what the QR code says: the Pix code itself, otherwise the page to pay on."""
        if payment is None or not payment.action:
            return None
        facts: dict[str, str] = json.loads(payment.action)
        return facts.get("code") or facts.get("url")

    async def look(self) -> None:
        """See whether the money came, if it is still waited for; called when the office changed."""
        sale, say, screen = self._screen.sale, self._context.say, self._screen
        if sale is None or screen.step is not Step.PAYING:
            return
        view = await self._renew(sale)
        if view is None or sale is not screen.sale:
            return
        if sale.state is State.COMPLETED:
            await self.finished(0, cash=False)
        elif is_over(view.purchase.state):
            screen.home()
            screen.notice(say.text("The time for this sale has ended: begin again."), bad=True)
        elif sale.state is State.CHOOSING or _declined(view):
            await self.back()
            screen.notice(say.text("The payment did not go through: choose again."), bad=True)
        else:
            await self._show_code()

    async def back(self) -> None:
        """Go back to choosing; a payment under way is called off first, at its provider."""
        sale, screen = self._screen.sale, self._screen
        if sale is None:
            return
        answer = await sale.step_back()
        if isinstance(answer, Standing) and answer.state is State.CHOOSING:
            screen.wanted = dict(sale.held)
            screen.go(Step.CHOOSING)
        elif isinstance(answer, Standing):
            screen.notice(self._context.say.text("Calling the payment off at its provider…"))
        else:
            screen.notice(refusal(answer, sale.show, self._context.say), bad=True)

    async def resume(self) -> None:
        """Go on with a payment that was cut off."""
        sale = self._screen.sale
        view = await sale.look() if sale else None
        if view is None or isinstance(view, Lost):
            return
        payment = current_payment(view)
        if payment is not None and payment.outside:
            await self._show_code()
        else:
            # Whether the money lies on the counter only the clerk can see.
            self._screen.go(Step.CHOOSING)

    async def finished(self, change_minor: int, *, cash: bool) -> None:
        """Show that it is done, the change large; print."""
        sale, say, screen = self._screen.sale, self._context.say, self._screen
        assert sale is not None, "what is finished is a sale"
        view = await self._renew(sale)
        if view is None or view.order is None:
            return
        screen.wanted = {line.fare_no: line.quantity for line in view.order_lines}
        count = len(view.tickets)
        told = say.plural(
            "✓ SOLD: {n} ticket, order {code}",
            "✓ SOLD: {n} tickets, order {code}",
            count,
            code=view.order_code,
        )
        if trial := self._context.trial(*view.payments):
            told += f"\n{trial}"
        if cash:
            told += "\n" + say.text("CHANGE ({currency})", currency=view.order.currency)
        screen.query_one("#done_told", Static).update(Content(told))
        change = figures(change_minor, view.order.currency) if cash else ""
        screen.query_one("#change", Digits).update(change)
        screen.go(Step.DONE)
        screen.notice(say.text("Enter: next sale, same show   Escape: another show"))
        screen.paper.sale(sale.show, view)
        screen.put_on_paper(kick=cash)


def _declined(view: PurchaseView) -> bool:
    its_id = view.purchase.payment_id
    payment = next((p for p in view.payments if p.payment_id == its_id), None)
    over = {PaymentState.FAILED, PaymentState.CANCELLED}
    return payment is not None and payment.state in over
