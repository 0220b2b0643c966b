"""Repeatable chance: the same seed and name throw the same dice, whatever else is thrown."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

_T = TypeVar("_T")
_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


class Chance:
    """A stream of random numbers (splitmix64) with a name of its own.

    Each fan has one: that one more request is repeated here changes nobody's luck there.
    """

    __slots__ = ("_state",)

    def __init__(self, seed: int, name: str) -> None:
        digest = blake2b(f"{seed} {name}".encode(), digest_size=8).digest()
        self._state = int.from_bytes(digest, "big")

    def part(self) -> float:
        """Return a number from 0 up to 1."""
        self._state = (self._state + _GOLDEN) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((mixed ^ (mixed >> 31)) >> 11) / (1 << 53)

    def happens(self, share: float) -> bool:
        """Throw for something that happens to this share."""
        return self.part() < share

    def between(self, least: int, most: int) -> int:
        """Return a whole number, each equally likely, both ends included."""
        return least + int(self.part() * (most - least + 1))

    def pick(self, of: Sequence[_T]) -> _T:
        """Return one of several."""
        return of[self.between(0, len(of) - 1)]
