"""Names come from outside: none may tell the clerk's terminal or printer what to do."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from core.catalogue import unprintable


class NoControls(LineFilter):
    """Shows as '·' what a terminal would obey: control characters, and marks that turn lines."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return a line as it is safe to be written."""
        del background
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [
            segment if segment.control else Segment(without_controls(segment.text), segment.style)
            for segment in segments
        ]


def without_controls(text: str) -> str:
    """Return a text with '·' for each control character and mark that turns the writing."""
    return "".join("·" if unprintable(letter) else letter for letter in text)
