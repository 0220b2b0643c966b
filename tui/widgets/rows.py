"""Rows of a form: a label, a value, and a mark where it is wrong."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from language import Speech
from tui.showform import Field, Part


class Tick(Static, can_focus=True):
    """A yes or no: the space bar changes it."""

    BINDINGS: ClassVar = [Binding("space", "turn", show=False)]

    class Turned(Message):
        """It says something else now."""

        def __init__(self, *, on: bool) -> None:
            super().__init__()
            self.on = on

    def __init__(self, on: bool) -> None:  # noqa: FBT001 - the value it holds
        super().__init__(markup=False)
        self.on = on

    def on_mount(self) -> None:
        """Show what it says."""
        self.action_turn(0)

    def action_turn(self, times: int = 1) -> None:
        """Say the other."""
        self.on ^= bool(times)
        self.update("[x]" if self.on else "[ ]")
        if times:
            self.post_message(self.Turned(on=self.on))


class Row(Horizontal):
    """One field of a part. What is typed goes into the part at once."""

    class Filled(Message):
        """Something was filled in."""

    def __init__(self, path: str, part: Part, asked: Field, say: Speech) -> None:
        super().__init__()
        self.path = f"{path}.{asked.key}".lstrip(".")
        self.part, self.asked = part, asked
        self._label = say.text(asked.label)
        value = part.values.get(asked.key, "")
        self.field = Tick(bool(value)) if asked.flag else Input(str(value))
        self._wrong = False
        self._mark = Static(classes="mark", markup=False)

    def compose(self) -> ComposeResult:
        yield Static(self._label, classes="label", markup=False)
        yield self.field
        yield self._mark

    def mark(self, *, wrong: bool) -> None:
        """Say whether it is wrong."""
        if wrong is not self._wrong:
            self._wrong = wrong
            self._mark.update(Content("✗" if wrong else ""))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.part.values.get(self.asked.key, "") != event.value:
            self.part.values[self.asked.key] = event.value
            self.post_message(self.Filled())

    @on(Tick.Turned)
    def _turned(self, event: Tick.Turned) -> None:
        event.stop()
        self.part.values[self.asked.key] = event.on
        self.post_message(self.Filled())
