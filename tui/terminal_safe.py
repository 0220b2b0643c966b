"""Names come from outside: none may tell the clerk's terminal or printer what to do."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter


class NoControls(LineFilter):
    """Shows control characters, which a terminal would obey, as '·'."""

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
    """Return a text with '·' for each control character."""
    return "".join("·" if ord(c) < 32 or 127 <= ord(c) < 160 else c for c in text)  # noqa: PLR2004
