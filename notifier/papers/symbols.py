"""QR symbols of ticket codes, as PNG."""

import io
from typing import Final

import segno
from PIL import Image, ImageOps

_MASK: Final = 4
"""Any one of the eight: choosing the best costs five times the rest and scanners do not mind."""
_PIXELS: Final = 6
"""A module: enough for a phone's screen, and for viewers that blur what they scale."""
_QUIET: Final = 4
"""Modules of white around the symbol: the standard's own."""
_INK: Final = bytes([255]) + bytes(255)
"""What a module's 0 and 1 look like: white and black."""


def qr_png(code: str) -> bytes:
    """Return the symbol of a code. Pillow writes it in a fifth of the library's own time."""
    symbol = segno.make(code, error="m", mask=_MASK, boost_error=False, micro=False)
    modules = b"".join(symbol.matrix).translate(_INK)
    side = len(symbol.matrix)
    image = Image.frombytes("L", (side, side), modules).convert("1")
    framed = ImageOps.expand(image, _QUIET, fill=255)
    file = io.BytesIO()
    ImageOps.scale(framed, _PIXELS, Image.Resampling.NEAREST).save(file, "PNG")
    return file.getvalue()
