"""The way between a person and the office: how long it takes, and how often nothing arrives."""

from dataclasses import dataclass

from app.demo.chance import Chance

_FAST_RETRY_MS = 2_000
_SLOW_RETRY_MS = 9_000
_PUSH_AGAIN_MS = 4_000
"""A message is carried by the channel itself, which tries again until the phone has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkKind:
    """A kind of connection; all spans in milliseconds."""

    name: str
    label: str
    delay_ms: int
    """One way."""
    retry_ms: int
    """How long a face waits for an answer before it sends the same request again."""
    lost: float = 0.0
    """The share of requests, and of answers, that never arrive."""
    outage_ms: int = 0
    outage_every_ms: int = 0
    """Once in each such stretch of time nothing gets through for `outage_ms`."""


FAST = LinkKind(name="fast", label="50 ms", delay_ms=50, retry_ms=_FAST_RETRY_MS)
SLOW = LinkKind(
    name="slow",
    label="3 s, 1 in 5 lost",
    delay_ms=3_000,
    retry_ms=_SLOW_RETRY_MS,
    lost=0.2,
    outage_ms=30_000,
    outage_every_ms=300_000,
)


class Link:
    """One person's connection."""

    __slots__ = ("_chance", "_offset_ms", "kind")

    def __init__(self, kind: LinkKind, chance: Chance) -> None:
        self.kind = kind
        self._chance = chance
        self._offset_ms = chance.between(0, max(0, kind.outage_every_ms - 1))

    def trip(self, now_ms: int) -> int | None:
        """Return when what is sent now arrives, or None: it is lost."""
        kind = self.kind
        if kind.lost and (self._chance.part() < kind.lost or self._out(now_ms)):
            return None
        # A tenth more or less: no two trips take the same time.
        return now_ms + int(kind.delay_ms * (0.9 + 0.2 * self._chance.part()))

    def push(self, now_ms: int) -> int:
        """Return when a message sent by the channel now is on the phone."""
        arrives_ms = self.trip(now_ms)
        while arrives_ms is None:
            now_ms += _PUSH_AGAIN_MS
            arrives_ms = self.trip(now_ms)
        return arrives_ms

    def _out(self, now_ms: int) -> bool:
        every_ms = self.kind.outage_every_ms
        return bool(every_ms) and (now_ms + self._offset_ms) % every_ms < self.kind.outage_ms
