"""Clerks: who may sell, manage and stand at the door."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from core.outcomes import Done
from core.requests import SetClerk
from core.views import Clerk
from language import msgid
from tui import manager_commands as can
from tui.commands import Command
from tui.context import Context, Lost
from tui.screens.dialogues import AskText, Confirm, Pick
from tui.screens.place import Place
from tui.widgets.lists import Walk
from tui.words import ROLES, refusal

_GIVEN = ("clerk", "manager", "door")
_DISABLED = "disabled"


class Clerks(Place):
    """The people who work here."""

    NAMED = msgid("Clerks")
    ABOUT = msgid(
        "Who works here. A clerk sells and refunds, a manager does everything, door staff let "
        "people in. D lets somebody do nothing any more: the name stays in the ledger, and R "
        "gives a role again. Nobody changes their own role."
    )
    CAN = (can.AddClerk, can.ChangeRole, can.NewPassword, can.DisableClerk, can.Back)
    AUTO_FOCUS: ClassVar = ""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.clerks: dict[str, Clerk] = {}

    def body(self) -> Iterator[Widget]:
        """Yield the clerks."""
        with Vertical():
            yield Walk(id="clerks", markup=False)
        yield Static(classes="notice", id="notice", markup=False)

    async def set_up(self) -> None:
        """Show who there is."""
        self.query_one("#clerks", Walk).focus()
        self.arrive()

    def allows(self, command: type[Command]) -> bool:
        """Nobody takes their own role away, so that a manager is always left."""
        marked, me = self._marked(), self.context.clerk
        own = marked is not None and me is not None and marked.name == me.name
        if command in {can.ChangeRole, can.DisableClerk} and own:
            return False
        if command is can.DisableClerk:
            return marked is not None and marked.role != _DISABLED
        return marked is not None or command in {can.AddClerk, can.Back}

    def _marked(self) -> Clerk | None:
        shown = self.query("#clerks").results(Walk)
        return next((self.clerks.get(one.marked or "") for one in shown), None)

    async def changed(self, shows: frozenset[int]) -> None:
        """Look at the clerks again."""
        del shows
        context, say = self.context, self.context.say
        clerks = await context.ask(context.givens.office.look.clerks)
        if isinstance(clerks, Lost):
            return
        self.clerks = {clerk.name: clerk for clerk in clerks}
        rows = [
            (name, Content(f"{name[:40]:<40}  {say.text(ROLES[clerk.role])}"))
            for name, clerk in self.clerks.items()
        ]
        self.query_one("#clerks", Walk).fill(rows)
        self.refresh_bindings()

    @on(Walk.OptionHighlighted, "#clerks")
    def _walked(self) -> None:
        self.refresh_bindings()

    @on(can.AddClerk)
    @work(exclusive=True)
    async def _add(self) -> None:
        say = self.context.say

        def check(text: str) -> str:
            if text in self.clerks:
                return say.text("The name {name} is in use already.", name=text)
            return self.needed(text)

        name = await self.question(AskText(self.context, say.text("Name to sign in with:"), check))
        role = None if name is None else await self._role()
        given = None if role is None else await self._password(name or "")
        if name is not None and given is not None:
            await self._set(SetClerk(name=name, add=True, role=role, password_hash=given))

    @on(can.ChangeRole)
    @work(exclusive=True)
    async def _change(self) -> None:
        clerk = self._marked()
        role = None if clerk is None else await self._role()
        if clerk is not None and role is not None:
            await self._set(SetClerk(name=clerk.name, role=role))

    @on(can.NewPassword)
    @work(exclusive=True)
    async def _renew(self) -> None:
        clerk = self._marked()
        given = None if clerk is None else await self._password(clerk.name)
        if clerk is not None and given is not None:
            await self._set(SetClerk(name=clerk.name, password_hash=given))

    @on(can.DisableClerk)
    @work(exclusive=True)
    async def _disable(self) -> None:
        clerk, say = self._marked(), self.context.say
        if clerk is None:
            return
        asked = say.text("{name} may do nothing any more?", name=clerk.name)
        if await self.question(Confirm(self.context, asked)):
            await self._set(SetClerk(name=clerk.name, role=_DISABLED))

    async def _role(self) -> str | None:
        say = self.context.say
        rows = [(role, say.text(ROLES[role])) for role in _GIVEN]
        return await self.question(Pick(self.context, say.text("What may they do?"), rows))

    async def _password(self, name: str) -> str | None:
        """Ask for a password twice; return what is kept of it."""
        context, say, passwords = self.context, self.context.say, self.context.givens.passwords

        def check(text: str) -> str:
            return "" if passwords.bad(text) is None else say.text("8 to 200 characters")

        asked = say.text("Password of {name}:", name=name)
        given = await self.question(AskText(context, asked, check, secret=True))
        if given is None:
            return None

        def same(text: str) -> str:
            return "" if text == given else say.text("that is another one")

        asked = say.text("The same once more:")
        if await self.question(AskText(context, asked, same, secret=True)) is None:
            return None
        return await asyncio.to_thread(passwords.hashed, given)

    async def _set(self, request: SetClerk) -> None:
        context, say = self.context, self.context.say
        office = context.givens.office
        named = replace(request, actor=context.actor)
        answer = await context.ask(lambda: office.set_clerk(named))
        if isinstance(answer, Done):
            self.notice("✓ " + say.text("{name}: done.", name=request.name))
        else:
            self.notice(refusal(answer, None, say), bad=True)
        await self.changed(frozenset())
