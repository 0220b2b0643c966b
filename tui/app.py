"""The window itself: who sits at it, which screen is in front, what changes outside."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import App, ScreenStackError, SystemCommand
from textual.command import CommandPalette
from textual.filter import LineFilter
from textual.screen import Screen

from core.ports import StorageLost
from core.views import Clerk
from tui import commands as can
from tui import manager_commands as run
from tui.commands import EVERYWHERE, Command
from tui.context import Context, Lost
from tui.moves import FillForm, PublishDraft, ServeHere
from tui.ports import Givens
from tui.screens.help import HelpDialogue
from tui.screens.place import Dialogue, Place, bind
from tui.screens.signin import SignIn
from tui.terminal_safe import NoControls
from tui.themes import THEMES
from tui.widgets.keys import key_name

if TYPE_CHECKING:
    from tui.places import Places

_IDLE_CHECK_S = 5
_KEY_S = 1
"""How long a key may take to have its effect before the next is looked at all the same."""
_GLANCE_S = 0.005
_ASIDE = frozenset({"signal", "paper"})
"""Work that no key waits for."""


class Window(App[None]):
    """The box office window."""

    CSS_PATH = "styles/window.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"

    def __init__(self, givens: Givens) -> None:
        super().__init__()
        self.context = Context(givens)
        self.context.tell = self._tell_waiting
        self.title = givens.house
        self._safe = NoControls()
        self._places: Places | None = None
        """The screens of who has signed in."""
        self._touched_ms = self.context.now_ms()
        self._signed_in_before: Clerk | None = None
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = givens.theme
        bind(self, EVERYWHERE, self.context.say, givens.keys)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Write nothing that a terminal would obey."""
        return [*super().get_line_filters(), self._safe]

    async def on_mount(self) -> None:
        """Ask who sits here, and begin to follow the office."""
        await self.push_screen(SignIn(self.context))
        self.run_worker(self._follow(), group="signal")
        self.set_interval(_IDLE_CHECK_S, self._lock_if_idle)

    # Signing in and locking.

    @on(SignIn.SignedIn)
    async def _signed_in(self, message: SignIn.SignedIn) -> None:
        before, clerk = self._signed_in_before, message.clerk
        self.context.clerk = self._signed_in_before = clerk
        self._touched_ms = self.context.now_ms()
        await self.find_drawer()
        if before is not None and before.name == clerk.name and before.role == clerk.role:
            self.pop_screen()
            self._here_again()
            return
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        if self._places is not None:
            await self._places.close()
        self.context.ways = self._ways()
        from tui.places import Places  # noqa: PLC0415 - the sign-in is painted before they load

        self._places = Places(self, self.context)
        await self._places.begin()

    async def find_drawer(self) -> None:
        """Look up the clerk's open drawer."""
        context = self.context
        if context.clerk is None:
            return
        name, look = context.clerk.name, context.givens.office.look
        found = await context.ask(lambda: look.open_shift(name))
        if not isinstance(found, Lost):
            context.shift = found

    async def lock(self) -> None:
        """Lock the window; what is open on it waits."""
        if self.context.clerk is None:
            return
        name = self.context.clerk.name
        self.context.clerk = None
        await self.push_screen(SignIn(self.context, locked=name))

    async def _lock_if_idle(self) -> None:
        lock_ms = self.context.givens.lock_ms
        if lock_ms and self.context.now_ms() - self._touched_ms >= lock_ms:
            await self.lock()

    async def on_event(self, event: events.Event) -> None:
        """Note that somebody is here."""
        if isinstance(event, events.Key | events.MouseDown | events.Paste):
            self._touched_ms = self.context.now_ms()
        if isinstance(event, events.Key) and (self._exit or not self.screen_stack):
            return  # Typed while the window closes: there is no screen any more to take it.
        await super().on_event(event)
        if isinstance(event, events.Key):
            await self._taken_in()

    async def _taken_in(self) -> None:
        """Let a key have its effect before the next is looked at.

        Over a slow line keys come in bursts: 'eva', Enter and a password at once, or a command and
        the answer to what it asks. Each must find the focus where the one before it left it.
        """
        with suppress(TimeoutError, ScreenStackError):  # The window may be closed meanwhile.
            async with asyncio.timeout(_KEY_S):
                await self._drained()  # The key itself, then the command that it gave.
                await self._drained()
                while not self._listens():  # noqa: ASYNC110 - workers tell nobody
                    await asyncio.sleep(_GLANCE_S)
                await self._drained()

    async def _drained(self) -> None:
        """Wait until what has the focus, and its screen, have done what they were told."""
        for node in (self.focused, self.screen):
            if node is not None and node.is_running:
                done = asyncio.Event()
                node.call_later(done.set)
                await done.wait()

    def _listens(self) -> bool:
        """Whether the next key would find its place: a question stands, or none is coming."""
        screen = self.screen
        if screen.is_modal:
            return screen.is_mounted and (screen.focused is not None or not screen.focus_chain)
        # Behind the lock a question may stand, and what asks it: no key here waits for that.
        here = [worker for worker in self.workers if worker.node in {self, screen}]
        return all(worker.group in _ASIDE or worker.is_finished for worker in here)

    # What changes outside.

    async def _follow(self) -> None:
        """Tell the screen in front what changed in the office, as often as it can look."""
        async for shows in self.context.givens.signal.changes():
            place = self.screen if self.screen_stack else None
            if place is None or self.context.clerk is None:
                continue
            try:
                if 0 in shows or not shows:  # The house's own book: clerks stand in it.
                    await self._still_here(self.context.clerk)
                if isinstance(place, Place) and await self._stands(place):
                    await place.while_here(place.changed, shows)
            except StorageLost as lost:
                self._tell_waiting(str(lost))

    async def _stands(self, place: Place) -> bool:
        """Wait until a screen that is being made has all its parts, if it stays in front."""
        while not place.is_mounted and self.screen is place:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(_GLANCE_S)
        return place.is_mounted

    async def _still_here(self, clerk: Clerk) -> None:
        """Sign out who was given another role or password, or may do nothing any more."""
        clerks = await self.context.givens.office.look.clerks()
        if clerk not in clerks:
            self._signed_in_before = None
            await self.lock()

    def _tell_waiting(self, text: str) -> None:
        screen = self.screen if self.screen_stack else None
        if isinstance(screen, Place | SignIn):
            screen.say_waiting(text)

    # Going from screen to screen.

    async def go(self, where: type[Command]) -> None:
        """Bring a screen to the front, if this clerk may go there."""
        if self._places is not None:
            await self._places.go(where)

    @on(run.GoClerks)
    @on(run.GoFailed)
    async def _go_on(self, message: Command) -> None:
        await self.go(type(message))

    @on(run.Back)
    async def _back(self) -> None:
        await self.go(can.GoManage)

    @on(ServeHere)
    async def _serve_here(self, message: ServeHere) -> None:
        if self._places is not None:
            await self._places.serve(message)

    @on(FillForm)
    async def _fill(self, message: FillForm) -> None:
        if self._places is not None:
            await self._places.fill(message)

    @on(PublishDraft)
    async def _publish(self, message: PublishDraft) -> None:
        if self._places is not None:
            await self._places.publish(message)

    def _here_again(self) -> None:
        if isinstance(self.screen, Place):
            self.screen.redraw_bar()
            self.screen.arrive()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let through what this clerk may do, from where they are."""
        if action != "command":
            return True
        found = self._called(str(parameters[0]))
        clerk = self.context.clerk
        if found is None or found is can.Leave:
            return found is not None
        asked = isinstance(self.screen, SignIn | Dialogue) and not isinstance(
            self.screen, HelpDialogue
        )
        if (found is can.Help and asked) or (found is can.Lock and clerk is not None):
            return True
        return clerk is not None and clerk.role in found.ROLES and isinstance(self.screen, Place)

    def _called(self, word: str) -> type[Command] | None:
        return next((c for c in EVERYWHERE if word == c.WORD), None)

    async def action_command(self, word: str) -> None:
        """Do something that can be done everywhere."""
        found = self._called(word)
        if found is can.Help:
            await self._help()
        elif found is can.Lock:
            await self.lock()
        elif found is can.Colours:
            names = [theme.name for theme in THEMES]
            self.theme = names[(names.index(self.theme) + 1) % len(names)]
        elif found is can.Leave:
            self.exit()
        elif found is not None:
            await self.go(found)

    async def _help(self) -> None:
        """Say what the screen in front is for; over a question, what is asked and where it came."""
        screen, say = self.screen, self.context.say
        under = next(s for s in reversed(self.screen_stack) if isinstance(s, Place | SignIn))
        about = [say.text(under.ABOUT)]
        if isinstance(screen, Dialogue):
            about.insert(0, say.text(screen.ABOUT))
        here = under.commands() if isinstance(under, Place) else ()
        told = HelpDialogue(
            self.context, say.text(under.NAMED), "\n\n".join(about), here, self._allowed()
        )
        await self.push_screen(told)

    def _ways(self) -> tuple[tuple[str, str], ...]:
        say, keys = self.context.say, self.context.givens.keys
        return tuple(
            (key_name(command.keys(keys)), say.text(command.NAME))
            for command in self._allowed()
            if command in _GOING
        )

    def _allowed(self) -> tuple[type[Command], ...]:
        role = self.context.clerk.role if self.context.clerk else ""
        return tuple(command for command in EVERYWHERE if role in command.ROLES)

    def action_command_palette(self) -> None:
        """Open the palette, in the clerk's language."""
        opened = CommandPalette.is_open(cast("App[object]", self))
        if self.context.clerk is not None and not opened:
            asked = self.context.say.text("find a command")
            self.push_screen(CommandPalette(placeholder=asked, id="--command-palette"))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer in the palette every command of this screen and of the window."""
        say = self.context.say
        if not isinstance(screen, Place):
            return
        for command in screen.commands():
            if screen.allows(command):
                word = command.WORD
                yield SystemCommand(
                    say.text(command.NAME),
                    say.text(command.HELP),
                    lambda word=word: screen.action_command(word),
                )
        for command in self._allowed():
            word = command.WORD
            yield SystemCommand(
                say.text(command.NAME),
                say.text(command.HELP),
                lambda word=word: asyncio.ensure_future(self.action_command(word)),
            )


_GOING = frozenset(c for c in EVERYWHERE if c.__name__.startswith("Go"))
