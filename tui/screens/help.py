"""Help (F1): what the screen is for, and every key of it."""

from collections.abc import Iterable
from textwrap import wrap

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.commands import Command
from tui.context import Context
from tui.screens.place import Dialogue
from tui.widgets.keys import Hint, key_name

_KEYS_WIDE = 8
_NAMES_WIDE = 13
_HELP_WIDE = 46
"""Columns of the sentences, in a dialogue of 78."""


class HelpDialogue(Dialogue[None]):
    """The help of one screen."""

    BINDINGS = [("f1,enter,q", "dismiss(None)", "")]  # noqa: RUF012 - Textual's own form

    def __init__(
        self,
        context: Context,
        title: str,
        about: str,
        here: Iterable[type[Command]],
        everywhere: Iterable[type[Command]],
    ) -> None:
        super().__init__(context)
        self._title, self._about = title, about
        self._here, self._everywhere = tuple(here), tuple(everywhere)

    def compose(self) -> ComposeResult:
        say = self.context.say
        with Vertical(classes="box help whole"):
            yield Static(Content.styled(self._title, "bold"), classes="question")
            with VerticalScroll(classes="reading"):
                yield Static(self._about, markup=False)
                if self._here:
                    yield Static(self._table(self._here), classes="about", markup=False)
                if self._everywhere:
                    yield Static(Content.styled(say.text("Everywhere"), "bold"), classes="about")
                    yield Static(self._table(self._everywhere), markup=False)
            yield Hint(say.text("↑↓: read   Esc: back"))

    async def set_up(self) -> None:
        """Let the arrows scroll."""
        self.query_one(VerticalScroll).focus()

    def _table(self, commands: tuple[type[Command], ...]) -> Content:
        say, keys = self.context.say, self.context.givens.keys
        lines = list[str]()
        for command in commands:
            key, name = key_name(command.keys(keys)), say.text(command.NAME)
            first, *more = wrap(say.text(command.HELP), _HELP_WIDE)
            lines.append(f"{key:<{_KEYS_WIDE}}{name:<{_NAMES_WIDE}} {first}")
            lines += [" " * (_KEYS_WIDE + _NAMES_WIDE + 1) + line for line in more]
        return Content("\n".join(lines))
