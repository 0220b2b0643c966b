"""Ids that sort by the time they were made and that nobody can guess.

26 characters of Crockford's base 32 (no I, L, O, U; capitals): 48 bits of UTC milliseconds, then
80 random bits. Within a process each id is greater than the one before it, even if the clock
stands still or jumps back: then the last random part goes up by a random step of 1 to 2**64, so
that knowing one id says nothing useful about the next.
"""

import os
import threading
from base64 import b32encode

from core.ports import Clock

_RANDOM_BITS = 80
_STEP_BITS = 64
_LENGTH = 26
_BYTES = 20
_POOLED = 4_096
"""Random bytes asked of the system at once. Each asking lets another thread have the interpreter,
and waits to get it back: asked one by one, that was a quarter of a join's time."""
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
        self._pool = b""
        self._taken = 0
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget)

    def new(self) -> str:
        """Return a new id, greater than those before it."""
        now_ms = self._clock.now_ms()
        with self._lock:
            if now_ms > self._last_ms:
                self._last = now_ms << _RANDOM_BITS | self._bits(_RANDOM_BITS)
            else:
                # Past the last of the 80 bits this carries into the next millisecond: still unique.
                self._last += 1 + self._bits(_STEP_BITS)
            self._last_ms = self._last >> _RANDOM_BITS
            value = self._last
        text = b32encode((value << _SPARE_BITS).to_bytes(_BYTES, "big"))
        return text[:_LENGTH].translate(_CROCKFORD).decode("ascii")

    def _bits(self, count: int) -> int:
        """Take this many random bits (whole bytes of them) from the pool."""
        size = count // 8
        if self._taken + size > len(self._pool):
            self._pool, self._taken = os.urandom(_POOLED), 0
        self._taken += size
        return int.from_bytes(self._pool[self._taken - size : self._taken], "big")

    def _forget(self) -> None:
        """Keep a forked child from giving the ids that its parent will give."""
        self._pool, self._lock = b"", threading.Lock()
