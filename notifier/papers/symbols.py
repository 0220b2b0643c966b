"""QR symbols of ticket codes, as PNG."""

import io
from typing import Final

import segno

_MASK: Final = 4
"""Any one of the eight: choosing the best costs five times the rest and scanners do not mind."""
_PIXELS: Final = 6
"""A module: enough for a phone's screen, and for viewers that blur what they scale."""
_QUIET: Final = 4
"""Modules of white around the symbol: the standard's own."""


def qr_png(code: str) -> bytes:
    """Return the symbol of a code."""
    symbol = segno.make(code, error="m", mask=_MASK, boost_error=False, micro=False)
    file = io.BytesIO()
    symbol.save(file, kind="png", scale=_PIXELS, border=_QUIET)
    return file.getvalue()
