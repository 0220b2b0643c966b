"""Ids that sort by the time they were made and that nobody can guess.

26 characters of Crockford's base 32 (no I, L, O, U; capitals): 48 bits of UTC milliseconds, then
80 random bits. Within a process each id is greater than the one before it, even if the clock
stands still or jumps back: then the last random part goes up by a random step of 1 to 2**64, so
that knowing one id says nothing useful about the next.
"""

import secrets
import threading
from base64 import b32encode

from core.ports import Clock

_RANDOM_BITS = 80
_STEP_BITS = 64
_LENGTH = 26
_BYTES = 20
_SPARE_BITS = _BYTES * 8 - _LENGTH * 5
_CROCKFORD = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)


class TimeOrderedIds:
    """A `core.ports.Ids`; any thread may ask it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last_ms = -1
        self._last = 0

    def new(self) -> str:
        """Return a new id, greater than those before it."""
        now_ms = self._clock.now_ms()
        with self._lock:
            if now_ms > self._last_ms:
                self._last = now_ms << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
            else:
                # Past the last of the 80 bits this carries into the next millisecond: still unique.
                self._last += 1 + secrets.randbits(_STEP_BITS)
            self._last_ms = self._last >> _RANDOM_BITS
            value = self._last
        text = b32encode((value << _SPARE_BITS).to_bytes(_BYTES, "big"))
        return text[:_LENGTH].translate(_CROCKFORD).decode("ascii")
