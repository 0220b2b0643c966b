"""A phone held to the window's terminal: its screen as pixels, and what a scanner reads there."""

import unicodedata
from collections.abc import Iterator
from typing import Any

import zxingcpp
from PIL import Image, ImageDraw
from rich.color_triplet import ColorTriplet
from textual.app import App

WIDE, HIGH = 8, 16
"""Pixels of a cell."""
_HALVES = {
    "▀": (0, 0, WIDE, HIGH // 2),
    "▄": (0, HIGH // 2, WIDE, HIGH),
    "▌": (0, 0, WIDE // 2, HIGH),
    "▐": (WIDE // 2, 0, WIDE, HIGH),
    "█": (0, 0, WIDE, HIGH),
}
_SEXTANT = "BLOCK SEXTANT-"
_THIRDS = (0, HIGH // 3, HIGH - HIGH // 3, HIGH)

Box = tuple[int, int, int, int]


def scanned(app: App[Any]) -> list[str]:
    """Return what the codes on a screen say."""
    return [found.text for found in zxingcpp.read_barcodes(picture(app))]


def picture(app: App[Any]) -> Image.Image:
    """Return the screen as a terminal shows it: its colours, its blocks; letters are left out."""
    size = app.screen.size
    shown = Image.new("RGB", (size.width * WIDE, size.height * HIGH))
    draw = ImageDraw.Draw(shown)
    for row, strip in enumerate(app.screen._compositor.render_strips()):
        cells = [(c, segment.style) for segment in strip for c in segment.text]
        for column, (character, style) in enumerate(cells):
            assert style is not None
            paper, ink = (
                colour.get_truecolor() if colour else ColorTriplet(0, 0, 0)
                for colour in (style.bgcolor, style.color)
            )
            left, top = column * WIDE, row * HIGH
            draw.rectangle((left, top, left + WIDE - 1, top + HIGH - 1), fill=paper)
            for box in _blocks(character):
                at = (left + box[0], top + box[1], left + box[2] - 1, top + box[3] - 1)
                draw.rectangle(at, fill=ink)
    return shown


def _blocks(character: str) -> Iterator[Box]:
    """Yield what of a cell a character fills, by its name in Unicode."""
    if character in _HALVES:
        yield _HALVES[character]
    name = unicodedata.name(character, "")
    for number in name.removeprefix(_SEXTANT) if name.startswith(_SEXTANT) else "":
        row, column = divmod(int(number) - 1, 2)
        left, right = column * WIDE // 2, (column + 1) * WIDE // 2
        yield left, _THIRDS[row], right, _THIRDS[row + 1]
