"""Signing in, and the lock: nobody sells without a name in the ledger."""

import asyncio
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from core.views import Clerk
from language import msgid
from tui.commands import AT_WORK
from tui.context import Context, Lost
from tui.screens.place import Whole
from tui.widgets.keys import Hint

_PATIENT = 3
"""Wrong passwords in a row before each costs a wait."""
_WAIT_S = 2
_WAIT_MOST_S = 30


class SignIn(Whole[None]):
    """Asks who sits here. `locked`: whose window it is, whose open sale waits."""

    class SignedIn(Message):
        """Somebody did."""

        def __init__(self, clerk: Clerk) -> None:
            super().__init__()
            self.clerk = clerk

    NAMED = msgid("Sign in")
    ABOUT = msgid(
        "Type the name and the password that a manager gave you; Enter goes from one to the other "
        "and in. Who has forgotten the password gets a new one from a manager: F8, then C and P. "
        "Below on every screen stand its keys, and F1 says what it is for."
    )
    AUTO_FOCUS: ClassVar = ""
    # Before what a field does with it: so it has its effect before the next key of a burst.
    BINDINGS: ClassVar = [Binding("enter", "enter", show=False, priority=True)]

    def __init__(self, context: Context, locked: str = "") -> None:
        super().__init__()
        self.context = context
        self._locked = locked
        self._wrong = 0
        self._penned = False
        """Whether too many wrong passwords cost a wait just now."""

    def compose(self) -> ComposeResult:
        say = self.context.say
        with Vertical(classes="box"):
            yield Static(Content.styled(self.context.givens.house, "bold"))
            told = say.text("Locked. Sign in to go on.") if self._locked else say.text("Sign in")
            yield Static(told, classes="question", markup=False)
            yield Input(self._locked, placeholder=say.text("name"), id="name", max_length=200)
            asked = say.text("password")
            yield Input(placeholder=asked, password=True, id="password", max_length=200)
            yield Static("", classes="wrong", markup=False)
            hint = say.text("Enter: sign in   F1: help   Ctrl+Q: leave")
            yield Hint(hint)

    async def set_up(self) -> None:
        """Wait for a name, or for the password of who locked it."""
        first = "#password" if self._locked else "#name"
        self.set_focus(self.query_one(first, Input))

    def say_waiting(self, text: str) -> None:
        """Show what is waited for."""
        for shown in self.query(".wrong").results(Static):  # None while it is made or taken down.
            shown.update(Content(text))

    def action_enter(self) -> None:
        """Go from the name to the password, and from there in."""
        password = self.query_one("#password", Input)
        if self._penned:
            return  # Another Enter would take the waiting password away and begin the wait anew.
        if self.focused is password:
            self._check()
        else:
            self.set_focus(password)

    @work(exclusive=True)
    async def _check(self) -> None:
        context, say = self.context, self.context.say
        name = self.query_one("#name", Input).value.strip()
        password = self.query_one("#password", Input)
        given, password.value = password.value, ""
        look = context.givens.office.look
        clerks = await context.ask(look.clerks)
        if isinstance(clerks, Lost):
            return
        if not clerks:
            self.say_waiting("✗ " + say.text("No clerks yet: `bilheteria clerk add NAME`."))
            return
        if self._wrong >= _PATIENT:
            await self._wait()
        found = next((clerk for clerk in clerks if clerk.name == name), None)
        # A name that nobody has takes as long as one that somebody has.
        against = found or clerks[0]
        fits = await asyncio.to_thread(context.givens.passwords.fits, against.password_hash, given)
        if found is None or not fits or found.role not in AT_WORK:
            self._wrong += 1
            self.say_waiting("✗ " + say.text("The name or the password is wrong."))
            return
        self._wrong = 0
        self.say_waiting("")
        self.post_message(self.SignedIn(found))

    async def _wait(self) -> None:
        """Let some seconds pass before a password is looked at, and say so."""
        wait_s = min(_WAIT_S * (self._wrong - _PATIENT + 1), _WAIT_MOST_S)
        say = self.context.say
        told = say.text("Wrong {n} times: wait {s} s …", n=self._wrong, s=wait_s)
        self._penned = True
        self.say_waiting("⏱ " + told)
        try:
            await asyncio.sleep(wait_s)
        finally:
            self._penned = False
