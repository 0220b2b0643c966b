"""Help (F1): what the screen is for, and every key of it."""

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.commands import Command
from tui.context import Context
from tui.screens.place import Dialogue

_KEYS_WIDE = 12
_NAMES_WIDE = 12


def key_name(keys: str) -> str:
    """Write keys as they stand on a keyboard."""
    names = {"escape": "Esc", "enter": "Enter", "plus": "+", "minus": "-", "right": "→"}
    first = keys.partition(",")[0]
    if first in names:
        return names[first]
    parts = first.split("+")
    return "+".join(part.capitalize() if len(part) > 1 else part for part in parts)


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
        with VerticalScroll(classes="box help"):
            yield Static(Content.styled(self._title, "bold"))
            yield Static(self._about, classes="about", markup=False)
            yield Static(self._table(self._here), markup=False)
            yield Static(Content.styled(say.text("Everywhere"), "bold"), classes="about")
            yield Static(self._table(self._everywhere), markup=False)
            yield Static(say.text("Esc: back"), classes="hint", markup=False)

    def _table(self, commands: tuple[type[Command], ...]) -> Content:
        say, keys = self.context.say, self.context.givens.keys
        lines = [
            f"{key_name(c.keys(keys)):<{_KEYS_WIDE}}{say.text(c.NAME):<{_NAMES_WIDE}}"
            f" {say.text(c.HELP)}"
            for c in commands
        ]
        return Content("\n".join(lines))
