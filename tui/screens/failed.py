"""Messages that did not arrive: which, why, and sending them again."""

from collections.abc import Iterator
from typing import ClassVar

from textual import on, work
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from core.messages import EffectState
from core.views import MessageView
from language import Speech, msgid
from tui import manager_commands as can
from tui.commands import Command, ReadBack, ReadOn
from tui.context import Context, Lost
from tui.screens.place import Place
from tui.sending import CONTACTS, ask_way, send
from tui.widgets.lists import Walk
from tui.widgets.story import attempts_text, failure_text, kind_name

_MOST = 200


def failed_row(message: MessageView, zone: str, say: Speech) -> Content:
    """Write a message in the list: what it was, when it was given up."""
    ended = "" if message.ended_ms is None else say.stamp(message.ended_ms, zone)
    return Content.assemble((kind_name(message.effect.kind, say), "bold"), f"\n  {ended}")


class Failed(Place):
    """The messages that were given up."""

    NAMED = msgid("Messages")
    ABOUT = msgid(
        "Messages that were given up, the newest first. Beside the marked one stands whose it is, "
        "how they can be reached, and what each try came to. E sends it again, on a channel you "
        "choose or to another e-mail."
    )
    CAN = (can.Resend, can.Back, ReadOn, ReadBack)
    AUTO_FOCUS: ClassVar = ""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.messages: dict[str, MessageView] = {}

    def body(self) -> Iterator[Widget]:
        """Yield the messages, and the one that is marked."""
        with Horizontal():
            with Vertical(classes="found"):
                yield Walk(id="messages", markup=False)
            with VerticalScroll(classes="main", can_focus=False):
                yield Static(id="told", markup=False)
        yield Static(classes="notice", id="notice", markup=False)

    async def set_up(self) -> None:
        """Show what failed."""
        self.query_one("#messages", Walk).focus()
        self.arrive()

    def allows(self, command: type[Command]) -> bool:
        """There must be a message to send."""
        return command is can.Back or self._marked() is not None

    def _marked(self) -> MessageView | None:
        shown = self.query("#messages").results(Walk)
        return next((self.messages.get(one.marked or "") for one in shown), None)

    async def changed(self, shows: frozenset[int]) -> None:
        """Look at what failed again."""
        del shows
        context, say = self.context, self.context.say
        look, zone = context.givens.office.look, context.givens.time_zone
        found = await context.ask(lambda: look.messages(state=EffectState.DEAD, limit=_MOST))
        if isinstance(found, Lost):
            return
        self.messages = {message.effect.key: message for message in found}
        rows = [(key, failed_row(one, zone, say)) for key, one in self.messages.items()]
        self.query_one("#messages", Walk).fill(rows)
        await self._tell()

    @on(Walk.OptionHighlighted, "#messages")
    def _walked(self) -> None:
        self.aside(self._tell)

    async def _tell(self) -> None:
        """Say whose the marked message is, and why it failed."""
        message, context, say = self._marked(), self.context, self.context.say
        told = self.query_one("#told", Static)
        self.refresh_bindings()
        if message is None:
            told.update(Content(say.text("Every message arrived, or still waits to be sent.")))
            return
        effect, look = message.effect, context.givens.office.look
        key = (effect.show_id, effect.ledger_seq, effect.item)
        show = await context.ask(lambda: look.show(effect.show_id))
        person = await context.ask(lambda: look.customer(effect.customer_id or ""))
        tries = await context.ask(lambda: look.attempts(*key))
        if isinstance(show, Lost) or isinstance(person, Lost) or isinstance(tries, Lost):
            return
        lines = [show.card.title if show else "", ""]
        if person is not None:
            lines.append(person.name or say.text("without a name"))
            lines += [
                f"  {say.text(CONTACTS.get(channel, '{other}'), other=channel)}: {address}"
                for channel, address in person.contacts
                if channel != "walk_in"
            ]
        lines += ["", failure_text(message.error, say)]
        lines += attempts_text(tries, context.givens.time_zone, say)
        told.update(Content("\n".join(lines)))

    @on(can.Resend)
    @work(exclusive=True)
    async def _resend(self) -> None:
        message, say = self._marked(), self.context.say
        if message is None:
            return
        if not self.context.givens.channels:
            self.notice(say.text("No channel is set up here: docs/messages.md."), bad=True)
            return
        way = await ask_way(self, message.effect.customer_id or "")
        if way is None:
            return
        wrong = await send(self.context, message.effect, way)
        self.notice(wrong or "✓ " + say.text("It is on its way."), bad=bool(wrong))
        await self.changed(frozenset())
