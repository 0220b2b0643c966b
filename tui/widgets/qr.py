"""A QR code drawn in the terminal: two modules a character, dark on light in every theme."""

from textual.content import Content
from textual.style import Style

_QUIET = 2
"""Modules of light around the code; the standard asks four, phones are content with two."""
_HALVES = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


def drawn(text: str) -> Content:
    """Return the code as lines of half blocks."""
    import segno  # noqa: PLC0415 - only who pays by a code needs it

    made = segno.make(text, error="l", micro=False, boost_error=False)
    rows = [list(row) for row in made.matrix_iter(border=_QUIET)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    lines = [
        "".join(_HALVES[int(top), int(bottom)] for top, bottom in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]
    return Content("\n".join(lines)).stylize(Style.parse("#000000 on #ffffff"))
