"""What is told of a sale while it runs: one sentence an event, the telling ones of each kind."""

from collections import deque
from collections.abc import Callable

from app.demo.fans import Fan
from core.messages import Kind

RECENT = 8
_ONE_IN_MS = 45_000
_ONE_IN_LONG_MS = 600_000
_SENTENCES: dict[str, str] = {
    Kind.DRAW_RESULT: "the draw gave the lobby its numbers, at random",
    Kind.YOUR_TURN: "number {number} is called: {name}, {link} link",
    Kind.SECOND_CHANCE: "number {number} did not answer: a second chance, further back",
    Kind.CALL_LAPSED: "{name} did not answer twice: the ticket goes to the next in line",
    Kind.TIME_ENDED: "{name} vanished while buying: the tickets go to the next in line",
    Kind.RECEIPT: "{name} has the tickets ({link} link)",
    Kind.PAYMENT_DECLINED: "{name}'s card was declined: time for another try",
    Kind.REFUND_STARTED: "{name} gave tickets back: they go to the next in line",
    Kind.MONEY_RETURNED: "{name} paid too late: the money goes back at once",
    Kind.END_OF_LINE: "all is sold: everyone in line is told, and may stay for returns",
    Kind.SALE_CLOSED: "the sale has closed: who still waited is told",
}
_RARE = frozenset({Kind.DRAW_RESULT, Kind.END_OF_LINE, Kind.SALE_CLOSED})


class Story:
    """Keeps the last events; `tell` hears each as it is kept."""

    def __init__(self, now_ms: Callable[[], int], tell: Callable[[int, str], None]) -> None:
        self.recent: deque[tuple[int, str]] = deque(maxlen=RECENT)
        self._now_ms = now_ms
        self._tell = tell
        self._told_ms: dict[str, int] = {}

    def hear(self, kind: str, fan: Fan, number: int | None) -> None:
        """Take in a message that went out; tell it if nothing of its kind was told just now."""
        now_ms = self._now_ms()
        pause_ms = _ONE_IN_LONG_MS if kind in _RARE else _ONE_IN_MS
        if kind in _SENTENCES and now_ms - self._told_ms.get(kind, 0) >= pause_ms:
            self._told_ms[kind] = now_ms
            link = fan.link.kind.name
            self.say(_SENTENCES[kind].format(name=fan.name, link=link, number=number))

    def say(self, sentence: str) -> None:
        """Tell something."""
        told = (self._now_ms(), sentence)
        self.recent.append(told)
        self._tell(*told)
