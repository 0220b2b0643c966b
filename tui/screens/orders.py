"""Orders: find one, see all that happened to it, print, send again, refund."""

from collections.abc import Iterator
from typing import ClassVar

from textual import events, on, work
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from core.messages import MESSAGE_KINDS, Attempt, Effect, Kind
from core.outcomes import Refunded
from core.payments import TicketState
from core.requests import Refund
from core.shifts import CASH
from core.views import PurchaseCard, PurchaseView, ShowView
from language import Speech, msgid
from tui import commands as can
from tui.commands import Command
from tui.context import Context, Lost
from tui.finding import find_purchases
from tui.printing import slips
from tui.printing.desk import put_on_paper, save, save_pdf
from tui.screens.dialogues import AskText, Confirm, Pick
from tui.screens.place import Place
from tui.sending import ask_way, can_be_sent, send
from tui.widgets.lists import Walk
from tui.widgets.story import kind_name, story
from tui.words import STATES, refusal, whose

_ALL = "all"


def _receipt_first(kind: str) -> tuple[bool, str]:
    return kind != Kind.RECEIPT, kind


def card_row(card: PurchaseCard, say: Speech) -> Content:
    """Write a purchase in a list: its code, whose it is, how it stands."""
    name = whose(card, say)
    state = say.text(STATES[card.state])
    if card.refunded_minor:
        state += " · " + say.text("refunded")
    return Content.assemble(
        (card.order_code, "bold"), f" {name[:20]}\n  {card.title[:28]}\n  {state}"
    )


class Orders(Place):
    """The orders."""

    NAMED = msgid("Orders")
    ABOUT = msgid(
        "Type an order's code, a name, an e-mail, a phone, a CPF or a date (28/11), then Enter. "
        "The arrows mark an order, whose story stands beside it: what was paid, printed, sent and "
        "what failed. Escape goes back to the search."
    )
    CAN = (
        *(can.Reprint, can.SavePaper, can.SendOrder, can.RefundOrder),
        *(can.ReadOn, can.ReadBack),
    )
    AUTO_FOCUS: ClassVar = ""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.cards: dict[str, PurchaseCard] = {}
        self.show: ShowView | None = None
        self.view: PurchaseView | None = None
        self.effects: tuple[Effect, ...] = ()

    def body(self) -> Iterator[Widget]:
        """Yield the search, what it found, and the story of the order that is marked."""
        placeholder = self.context.say.text("code, name, e-mail, phone, CPF or date")
        yield Input(placeholder=placeholder, id="find", max_length=200)
        with Horizontal():
            with Vertical(classes="found"):
                yield Walk(id="orders", markup=False)
            with VerticalScroll(classes="main", can_focus=False):
                yield Static(id="story", markup=False)
        yield Static(classes="notice", id="notice", markup=False)

    async def set_up(self) -> None:
        """Wait for what is to be found."""
        self.set_focus(self.query_one("#find", Input))

    def allows(self, command: type[Command]) -> bool:
        """Everything here is about an order."""
        del command
        return self.view is not None and self.view.order is not None

    def on_key(self, event: events.Key) -> None:
        """Go back to the search."""
        if event.key == "escape":
            self.set_focus(self.query_one("#find", Input))
            event.stop()
            event.prevent_default()

    @on(Input.Submitted, "#find")
    @work(exclusive=True)
    async def _find(self) -> None:
        context, say = self.context, self.context.say
        text = self.query_one("#find", Input).value
        if not text.strip():
            return
        look, zone = context.givens.office.look, context.givens.time_zone
        now_ms = context.now_ms()
        found = await context.ask(lambda: find_purchases(look, text, now_ms=now_ms, zone=zone))
        if isinstance(found, Lost):
            return
        self.cards = {f"{card.show_id}/{card.purchase_id}": card for card in found}
        rows = [(name, card_row(card, say)) for name, card in self.cards.items()]
        orders = self.query_one("#orders", Walk)
        orders.fill(rows)
        self.notice(say.plural("{n} found", "{n} found", len(rows)))
        if rows:
            self.set_focus(orders)
        await self.look()

    @on(Walk.OptionHighlighted, "#orders")
    @work(exclusive=True, group="look")
    async def _marked(self) -> None:
        await self.look()

    async def changed(self, shows: frozenset[int]) -> None:
        """Tell the story anew, if it is about one of these shows."""
        if self.show is not None and (not shows or self.show.card.show_id in shows):
            await self.look()

    async def look(self) -> None:
        """Show the order that is marked as it stands now."""
        marked, context = self.query_one("#orders", Walk).marked, self.context
        card = self.cards.get(marked or "")
        story_shown = self.query_one("#story", Static)
        if card is None:
            self.show = self.view = None
            story_shown.update("")
            self.refresh_bindings()
            return
        look, key = context.givens.office.look, (card.show_id, card.purchase_id)
        show = await context.ask(lambda: look.show(key[0]))
        view = await context.ask(lambda: look.purchase(*key))
        effects = await context.ask(lambda: look.effects_of(*key))
        entries = await context.ask(lambda: look.history(*key))
        lost = any(isinstance(one, Lost) for one in (show, view, effects, entries))
        if lost or isinstance(show, Lost) or isinstance(view, Lost) or show is None or view is None:
            return
        if isinstance(effects, Lost) or isinstance(entries, Lost):
            return
        self.show, self.view, self.effects = show, view, effects
        messages = [(e, await self._attempts(e)) for e in effects if e.kind in MESSAGE_KINDS]
        told = story(show, view, messages, entries, context.say)
        trial = context.trial(*view.payments)
        story_shown.update(Content(f"{trial}\n") + told if trial else told)
        self.refresh_bindings()

    async def _attempts(self, effect: Effect) -> tuple[Attempt, ...]:
        """Return what became of a message on its channels."""
        look, key = self.context.givens.office.look, (effect.show_id, effect.ledger_seq)
        found = await self.context.ask(lambda: look.attempts(*key, effect.item))
        return () if isinstance(found, Lost) else found

    # What is done to an order.

    @on(can.SendOrder)
    @work(exclusive=True, group="send")
    async def _send(self) -> None:
        context, say, view = self.context, self.context.say, self.view
        if view is None:
            return
        if not context.givens.channels:
            self.notice(say.text("No channel is set up here: docs/messages.md."), bad=True)
            return
        ready = {effect.kind: effect for effect in can_be_sent(self.effects)}
        if not ready:
            self.notice(say.text("Nothing was sent yet: it waits for `bilheteria work`."), bad=True)
            return
        picked: str | None = Kind.RECEIPT if list(ready) == [Kind.RECEIPT] else None
        if picked is None:
            rows = [(kind, kind_name(kind, say)) for kind in sorted(ready, key=_receipt_first)]
            picked = await self.question(Pick(context, say.text("Send what again?"), rows))
        way = None if picked is None else await ask_way(self, view.purchase.customer_id)
        if picked is None or way is None:
            return
        wrong = await send(context, ready[picked], way)
        self.notice(wrong or "✓ " + say.text("It is on its way."), bad=bool(wrong))
        await self.look()

    @on(can.Reprint)
    @work(group="paper")
    async def _print(self) -> None:
        name, paper = self._paper()
        printed = await put_on_paper(self.context, name, paper)
        self.notice(f"{'✓' if printed.done else '✗'} {printed.told}")

    @on(can.SavePaper)
    @work(group="paper")
    async def _save(self) -> None:
        papers, (name, paper) = self.context.givens.papers, self._paper()
        if papers is not None and self.show is not None and self.view is not None:
            show, view = self.show, self.view
            saved = await save_pdf(self.context, name, lambda: papers.tickets(show, view))
        else:
            saved = await save(self.context, name, paper)
        self.notice(saved.told, bad=not saved.done)

    def _paper(self) -> tuple[str, tuple[slips.Slip, ...]]:
        givens, say = self.context.givens, self.context.say
        assert self.show is not None, "only an order is printed"
        assert self.view is not None, "only an order is printed"
        tickets = slips.tickets(givens.house, self.show, self.view, givens.signer, say)
        receipt = slips.receipt(givens.house, self.show, self.view, say, again=True)
        trial = self.context.trial(*self.view.payments)
        return self.view.order_code or "", slips.marked(trial, (*tickets, receipt))

    @on(can.RefundOrder)
    @work(exclusive=True, group="refund")
    async def _refund(self) -> None:
        context, say, view, show = self.context, self.context.say, self.view, self.show
        if view is None or show is None or view.order is None:
            return
        currency = view.order.currency
        payment = next(p for p in view.payments if p.payment_id == view.purchase.payment_id)
        if not payment.outside and context.shift is None:
            self.notice(say.text("Open your drawer first: F7, then O."), bad=True)
            return
        tickets = [t for t in view.tickets if t.state is TicketState.VALID and t.used_ms is None]
        if not tickets:
            self.notice(say.text("Nothing to refund: used or refunded already."), bad=True)
            return
        rows = [(_ALL, say.text("The whole order"))]
        for ticket in tickets if len(tickets) > 1 else []:
            price = say.money(ticket.price_minor + ticket.fee_minor, currency)
            named = say.text("Ticket {number}: {price}", number=ticket.ticket_no, price=price)
            rows.append((str(ticket.ticket_no), named))
        picked = await self.question(Pick(context, say.text("Refund what?"), rows))
        if picked is None:
            return
        chosen = [t for t in tickets if picked in {_ALL, str(t.ticket_no)}]
        amount = say.money(sum(t.price_minor + t.fee_minor for t in chosen), currency)
        reason = await self.question(AskText(context, say.text("Why?"), self.needed))
        if reason is None:
            return
        question = say.text("Refund {amount}? It can't be undone.", amount=amount)
        if not await self.question(Confirm(context, question)):
            return
        request = Refund(
            show_id=show.card.show_id,
            purchase_id=view.purchase.purchase_id,
            refund_id=context.new_id(),
            reason=reason,
            ticket_nos=None if picked == _ALL else (int(picked),),
            shift_id="" if payment.outside else context.shift_id,
            actor=context.actor,
        )
        answer = await context.ask(lambda: context.givens.office.refund(request))
        if not isinstance(answer, Refunded):
            self.notice(refusal(answer, show, say), bad=True)
            return
        self.notice(self._how_back(payment.outside, payment.method, payment.reference, amount))
        await self.look()

    def _how_back(self, outside: int, method: str, reference: str, amount: str) -> str:
        say = self.context.say
        if outside:
            return say.text("✓ Refunded {amount}: the provider gives it back.", amount=amount)
        if method == CASH:
            return say.text("✓ HAND BACK {amount} IN CASH", amount=amount)
        return say.text(
            "✓ GIVE BACK {amount} ON THE CARD TERMINAL, NSU {nsu}", amount=amount, nsu=reference
        )
