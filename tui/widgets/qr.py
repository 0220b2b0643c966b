"""A QR code drawn in the terminal, as large as the room it has: dark on light in every theme.

Half blocks show two modules a character, and every terminal has them. Where that is too tall,
sextants show six: their modules are a little taller than wide, which a scanner takes for a code
seen from the side (docs/decisions/0045-codes-of-six-modules-a-character.md).
"""

from dataclasses import dataclass
from typing import Final

from textual.content import Content
from textual.style import Style


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """How many modules one character shows. `signs` go by their bits, row by row."""

    wide: int
    high: int
    signs: str


_HALVES: Final = _Cell(wide=1, high=2, signs=" ▀▄█")
_FIRST_SEXTANT: Final = 0x1FB00
_OLDER: Final = {0: " ", 0b010101: "▌", 0b101010: "▐", 0b111111: "█"}
"""Those of the 64 that Unicode had before, and has left out among the sextants."""
_SEXTANTS: Final = _Cell(
    wide=2,
    high=3,
    signs="".join(
        _OLDER.get(bits) or chr(_FIRST_SEXTANT + bits - sum(older < bits for older in _OLDER))
        for bits in range(64)
    ),
)
_TRIED: Final = ((_HALVES, 4), (_HALVES, 2), (_SEXTANTS, 4), (_SEXTANTS, 2), (_SEXTANTS, 1))
"""With how many modules of light around: the standard asks four, phones are content with less."""


def drawn(text: str, columns: int, rows: int) -> Content | None:
    """Return the code as lines of characters; None: it does not fit into so much room."""
    import segno  # noqa: PLC0415 - only who pays by a code needs it

    made = segno.make(text, error="l", micro=False, boost_error=False)
    for cell, quiet in _TRIED:
        size = made.symbol_size(border=quiet)[0]
        if -(-size // cell.wide) <= columns and -(-size // cell.high) <= rows:
            modules = [list(row) for row in made.matrix_iter(border=quiet)]
            lines = "\n".join(_lines(modules, cell))
            return Content(lines).stylize(Style.parse("#000000 on #ffffff"))
    return None


def _lines(modules: list[list[int]], cell: _Cell) -> list[str]:
    size = len(modules)

    def bits(top: int, left: int) -> int:
        """What one character shows; beyond the edge is light."""
        return sum(
            modules[y][x] << (y - top) * cell.wide + x - left
            for y in range(top, min(top + cell.high, size))
            for x in range(left, min(left + cell.wide, size))
        )

    return [
        "".join(cell.signs[bits(top, left)] for left in range(0, size, cell.wide))
        for top in range(0, size, cell.high)
    ]
