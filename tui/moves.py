"""What a screen asks of the window: to go on at another screen, with something in hand."""

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from core.catalogue import ShowDraft
    from tui.sale import WindowSale
    from tui.screens.changing import Wanted


class ServeHere(Message):
    """A fan's own purchase is to be served at the sale."""

    def __init__(self, sale: "WindowSale") -> None:
        super().__init__()
        self.sale = sale


class FillForm(Message):
    """A show is to be written, beginning with these values by their paths."""

    def __init__(self, values: dict[str, str | bool]) -> None:
        super().__init__()
        self.values = values


class PublishDraft(Message):
    """The show is right and is to be put on the catalogue, or to change what is there."""

    def __init__(self, draft: "ShowDraft", changes: "tuple[Wanted, ...]") -> None:
        super().__init__()
        self.draft, self.changes = draft, changes
