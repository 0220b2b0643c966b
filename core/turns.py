"""Turns to send by a channel, which all processes share: how a block of them is asked for."""

from dataclasses import dataclass
from typing import Final, Protocol

_FAR_MS: Final = 10_000
"""A turn further off than this is the work of a clock that was set back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Turns that are asked for together, by the generic cell rate algorithm.

    A channel keeps when its next turn would be due, had all so far kept their distance. A block is
    given if that is no further ahead than `ahead_ms`, and moves it on by `span_ms`.
    """

    channel: str
    now_ms: int
    span_ms: int
    """What these turns take at the channel's pace."""
    gap_ms: int
    """What one of them takes: who comes late by no more than this makes up for it."""
    ahead_ms: int
    """How far ahead of the pace they may be: what can wait is asked for with 0."""

    @property
    def late_ms(self) -> int:
        """What is due from before then is lost."""
        return self.now_ms - self.gap_ms

    @property
    def open_ms(self) -> int:
        """What is due later is not given yet."""
        return self.now_ms + self.ahead_ms

    @property
    def far_ms(self) -> int:
        """What is due later than this never was."""
        return self.now_ms + _FAR_MS


class Turns(Protocol):
    """Gives turns out, no faster in all than the channel's pace."""

    async def reserve(self, block: Block) -> int | None:
        """Give these turns, all for now, and say when the next is due; None: not yet."""
        ...
