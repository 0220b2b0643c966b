"""Lists that are walked with the arrows and leave every letter and digit to their screen."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class Walk(OptionList, inherit_bindings=False):
    """An option list without keys of its own but those that walk it: Enter is the screen's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "cursor_up", show=False),
        Binding("down", "cursor_down", show=False),
        Binding("home", "first", show=False),
        Binding("end", "last", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
    ]

    @property
    def marked(self) -> str | None:
        """The id of the option that is marked."""
        if self.highlighted is None or not self.option_count:
            return None
        return self.get_option_at_index(self.highlighted).id

    def fill(self, rows: Sequence[tuple[str, Content]]) -> None:
        """Show (id, what) rows; what was marked stays marked, what did not change is not drawn."""
        ids = [self.get_option_at_index(at).id for at in range(self.option_count)]
        if ids == [row_id for row_id, _ in rows]:
            for at, (_, prompt) in enumerate(rows):
                if self.get_option_at_index(at).prompt != prompt:
                    self.replace_option_prompt_at_index(at, prompt)
            if self.highlighted is None and rows:
                self.highlighted = 0
            return
        marked = self.marked
        self.clear_options()
        self.add_options([Option(prompt, id=row_id) for row_id, prompt in rows])
        found = [at for at, (row_id, _) in enumerate(rows) if row_id == marked]
        if rows:
            self.highlighted = found[0] if found else 0
