"""What every screen has: the bar on top, its commands with their keys, the footer."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import ClassVar, TypeVar, cast

from textual import events, on
from textual.app import App, ComposeResult, ScreenStackError
from textual.binding import BindingsMap
from textual.containers import VerticalScroll
from textual.content import Content
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from language import Speech
from tui import commands as can
from tui.commands import Command
from tui.context import Context
from tui.widgets.keys import Keys, clicked

_T = TypeVar("_T")
_LEAST = (80, 24)
"""Columns and lines that every screen has room in."""


def bind(
    node: DOMNode,
    commands: tuple[type[Command], ...],
    say: Speech,
    remapped: Mapping[str, str],
) -> None:
    """Give a screen the keys of its commands, named in the clerk's language."""
    own = BindingsMap([command.binding(say, remapped) for command in commands])
    # Textual merges what classes say; what depends on a clerk's language is said here. The
    # bindings have no public name.
    held = vars(node)
    held["_bindings"] = BindingsMap.merge([held["_bindings"], own])


async def at_once(screen: Screen[_T], event: events.Key) -> None:
    """Do what a key is bound to when it comes by, not when it has bubbled up to the app.

    There it would stand behind the keys that were typed after it.
    """
    bound = screen.active_bindings.get(event.key)
    if bound is None or not bound.enabled or bound.binding.priority:
        return
    if not bound.binding.action.startswith("scroll"):  # Every screen's own, and no command.
        event.stop()
        event.prevent_default()
        await cast("App[None]", screen.app).run_action(bound.binding.action, bound.node)


class Bar(Static):
    """The line on top: where one is, who sits here, the drawer, the time, what is waited for."""

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(id="bar", markup=False)
        self.context = context
        self._title = title
        self.waiting = ""

    def on_mount(self) -> None:
        """Keep the time."""
        self.set_interval(5, self.draw)
        self.draw()

    def on_resize(self) -> None:
        """Say whether the terminal is too small."""
        self.draw()

    def draw(self) -> None:
        """Say how things stand."""
        context = self.context
        say, givens = context.say, context.givens
        parts = [givens.house, self._title]
        if context.clerk is not None:
            parts.append(context.clerk.name)
        if context.shift is not None:
            shift = context.shift.shift
            parts.append(say.text("drawer {number}", number=shift.number))
        parts.append(say.clock_time(context.now_ms(), givens.time_zone))
        size = self.screen.size
        if size.width < _LEAST[0] or size.height < _LEAST[1]:
            small = f"{size.width}x{size.height}"
            parts.insert(0, "⚠ " + say.text("{small}: needs 80x24", small=small))
        if self.waiting:
            parts = [f"⚠ {self.waiting}"]
        self.set_class(bool(self.waiting), "-waiting")
        self.update(" │ ".join(parts))


class Ways(Static):
    """The line below: the screens there are, with their keys; the one in front is marked."""

    def __init__(self, context: Context, here: str) -> None:
        shown = [
            clicked(
                Content.assemble(
                    (f"{key} ", "dim"), (name, "bold reverse" if name == here else "")
                ),
                key.lower(),
            )
            for key, name in context.ways
        ]
        super().__init__(Content(" ").join(shown), id="ways", markup=False)


class Whole(Screen[_T]):
    """A screen that begins once all of it stands."""

    async def on_mount(self) -> None:
        """Begin, unless the window is closed while this is made: then parts of it are missing."""
        if not (self._closing or self._pruning):
            await self.set_up()

    async def set_up(self) -> None:
        """Show what there is, and say which part listens."""


class Place(Whole[None]):
    """A screen of the window. Data goes down to its widgets, acts come up as messages."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - Textual's own form
    NAMED: ClassVar[str]
    """What it is called: a msgid."""
    ABOUT: ClassVar[str]
    """What help says of it: a msgid."""
    CAN: ClassVar[tuple[type[Command], ...]] = ()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        bind(self, self.commands(), context.say, context.givens.keys)

    async def _on_key(self, event: events.Key) -> None:
        """Let the next key of a burst find what this one did."""
        await at_once(self, event)

    def on_screen_resume(self) -> None:
        """Show the keys as they are after a question."""
        for keys in self.query(Keys):
            keys.draw()

    def commands(self) -> tuple[type[Command], ...]:
        """Return what this clerk may do here."""
        role = self.context.clerk.role if self.context.clerk else ""
        return tuple(command for command in self.CAN if role in command.ROLES)

    def compose(self) -> ComposeResult:
        """Stand the body between bar and footer."""
        named = self.context.say.text(self.NAMED)
        yield Bar(self.context, named)
        yield Ways(self.context, named)
        yield from self.body()
        yield Keys()

    def body(self) -> Iterator[Widget]:
        """Yield what stands between bar and footer."""
        raise NotImplementedError

    def allows(self, command: type[Command]) -> bool:
        """Whether a command makes sense now; what does not is not in the footer."""
        del command
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let through what makes sense now."""
        if action != "command":
            return True
        found = self._called(str(parameters[0]))
        return found is not None and self.allows(found)

    def action_command(self, word: str) -> None:
        """Send a command to this screen."""
        found = self._called(word)
        if found is not None:
            self.post_message(found())

    def _called(self, word: str) -> type[Command] | None:
        return next((c for c in self.commands() if word == c.WORD), None)

    @on(can.ReadOn)
    @on(can.ReadBack)
    def _read(self, message: can.ReadOn | can.ReadBack) -> None:
        """Scroll what the screen has no room for."""
        for pane in self.query(".main").results(VerticalScroll):
            if isinstance(message, can.ReadOn):
                pane.scroll_page_down(animate=False)
            else:
                pane.scroll_page_up(animate=False)

    async def question(self, dialogue: "Dialogue[_T]") -> _T | None:
        """Ask something over this screen; None if it is taken back. Only within a worker."""
        app = cast("App[None]", self.app)
        return cast("_T | None", await app.push_screen_wait(dialogue))

    def notice(self, text: str, *, bad: bool = False) -> None:
        """Say what came of something, until something else is to be said."""
        said = Content(f"✗ {text}" if bad else text)
        for shown in self.query("#notice").results(Static):  # None while it is taken down.
            if shown.content != said:  # To say the same again would lay the screen out anew.
                shown.update(said)

    def needed(self, text: str) -> str:
        """Say what is wrong with an answer that may not be empty."""
        return "" if text else self.context.say.text("write something")

    def say_waiting(self, text: str) -> None:
        """Show what is waited for; '' when nothing is."""
        for bar in self.query(Bar):
            bar.waiting = text
            bar.draw()

    def redraw_bar(self) -> None:
        """Show a change of clerk or drawer."""
        for bar in self.query(Bar):
            bar.draw()

    async def changed(self, shows: frozenset[int]) -> None:
        """Look again: these shows changed in the office (none named: anything may have)."""
        del shows

    def arrive(self) -> None:
        """Look at everything anew: the clerk came to this screen."""
        self.aside(self.changed, frozenset[int]())

    def aside(self, look: Callable[..., Awaitable[None]], *given: object) -> None:
        """Look at something without holding up the keys: the office may be away for long."""

        async def looking() -> None:
            await self.while_here(look, *given)

        self.run_worker(looking, group=look.__name__, exclusive=True)

    async def while_here(self, look: Callable[..., Awaitable[None]], *given: object) -> None:
        """Look at something; the screen may be taken down while the office is asked."""
        try:
            await look(*given)
        except (NoMatches, ScreenStackError):
            app = cast("App[None]", self.app)
            leaving = app._exit  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
            if self.is_attached and app.is_running and not leaving:
                raise  # It lacks a part of its own.


class Dialogue(ModalScreen[_T], Whole[_T]):
    """A question over a screen; Escape takes it back."""

    BINDINGS = [("escape", "dismiss(None)", "")]  # noqa: RUF012 - Textual's own form
    ABOUT: ClassVar[str]
    """What help says of it: a msgid."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context

    async def _on_key(self, event: events.Key) -> None:
        """Let the next key of a burst find what this one did."""
        await at_once(self, event)
