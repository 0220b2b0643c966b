"""The keys below: what can be done now. What one line of the terminal lacks room for takes more."""

from collections.abc import Iterator
from typing import Any, cast

from textual.app import App
from textual.content import Content
from textual.screen import Screen
from textual.style import Style
from textual.widgets import Static

_BETWEEN = 2
"""Columns between one key and the next, where there is room."""
_PADDING = 2
_APART = "   "
_HINTED = {"Enter": "enter", "Esc": "escape", "↑": "up", "F1": "f1", "Ctrl+Q": "ctrl+q"}


def key_name(keys: str) -> str:
    """Write keys as they stand on a keyboard."""
    names = {
        "escape": "Esc",
        "enter": "Enter",
        "plus": "+",
        "minus": "-",
        "right": "→",
        "pagedown": "PgDn",
        "pageup": "PgUp",
    }
    first = keys.partition(",")[0]
    if first in names:
        return names[first]
    return "+".join(part.capitalize() for part in first.split("+"))


def clicked(said: Content, key: str) -> Content:
    """Have a click on what is said of a key press it."""
    return said.stylize(Style.from_meta({"@click": f"app.simulate_key('{key}')"}))


class Hint(Static):
    """The keys of a question, as 'Enter: yes   Esc: no'; a click on one presses it."""

    def __init__(self, text: str) -> None:
        said = list[Content]()
        for part in text.split(_APART):
            key = _HINTED.get(part.partition(":")[0])
            said.append(Content(part) if key is None else clicked(Content(part), key))
        super().__init__(Content(_APART).join(said), classes="hint", markup=False)


def _wide(said: list[Content], apart: int) -> int:
    """Return how many columns keys take on one line."""
    return sum(one.cell_length + apart for one in said) - apart


class Keys(Static):
    """One text for all keys: Textual's footer is a widget a key, and cuts off what does not fit."""

    def __init__(self) -> None:
        super().__init__(id="keys", markup=False)

    def on_mount(self) -> None:
        """Follow what can be done."""
        screen = cast("Any", self.screen)  # The signal's own type is half told.
        screen.bindings_updated_signal.subscribe(self, self._changed)

    def on_resize(self) -> None:
        """Begin lines where they now end."""
        self.draw()

    def _changed(self, screen: Screen[object]) -> None:
        front = cast("App[object]", self.app).screen
        if self.is_attached and screen is front:  # Under a question they stay as they were.
            self.draw()

    def draw(self) -> None:
        """Show every key that does something now."""
        room, said = self.screen.size.width - _PADDING, list(self._said())
        apart = _BETWEEN if _wide(said, _BETWEEN) <= room else 1
        lines = [list[Content]()]
        for one in said:
            if lines[-1] and _wide([*lines[-1], one], apart) > room:
                lines.append([])
            lines[-1].append(one)
        between = Content(" " * apart)
        shown = Content("\n").join([between.join(line) for line in lines])
        if shown != self.content:
            self.update(shown)

    def _said(self) -> Iterator[Content]:
        seen = set[str]()
        for _node, binding, enabled, _tooltip in self.screen.active_bindings.values():
            if not binding.show or not enabled or binding.action in seen:
                continue
            seen.add(binding.action)
            named = Content.assemble(
                (key_name(binding.key), "bold $accent"), f" {binding.description}"
            )
            yield clicked(named, binding.key)
