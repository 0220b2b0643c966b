"""What can go wrong between a bot and Telegram, on purpose: for tests and for trying things out."""

from dataclasses import dataclass
from enum import StrEnum

ANY = "*"


class Cut(StrEnum):
    """Where a connection is cut."""

    NOT = "not"
    BEFORE = "before"
    """Before the call is done: it has no effect."""
    AFTER = "after"
    """In the middle of the answer: it is done, and the bot does not hear of it."""


@dataclass(slots=True)
class Fault:
    """What befalls the next `times` calls of a method, or of any (`ANY`)."""

    method: str
    times: int
    code: int = 0
    """Refuse with this HTTP code; 0: do not refuse."""
    description: str = ""
    retry_after_s: int = 0
    pause_s: float = 0.0
    cut: Cut = Cut.NOT


class Trouble:
    """The faults that are still to come, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def flood(self, method: str = ANY, *, retry_after_s: int = 1, times: int = 1) -> None:
        """Refuse calls with 429: too many, come back later."""
        description = f"Too Many Requests: retry after {retry_after_s}"
        self._faults.append(Fault(method, times, 429, description, retry_after_s=retry_after_s))

    def fail(self, method: str = ANY, *, code: int = 502, times: int = 1) -> None:
        """Answer calls with an error of the server's."""
        self._faults.append(Fault(method, times, code, "Bad Gateway"))

    def slow(self, method: str = ANY, *, pause_s: float, times: int = 1) -> None:
        """Answer calls late."""
        self._faults.append(Fault(method, times, pause_s=pause_s))

    def cut(self, method: str = ANY, *, where: Cut = Cut.AFTER, times: int = 1) -> None:
        """Cut connections."""
        self._faults.append(Fault(method, times, cut=where))

    def clear(self) -> None:
        """Let everything go well again."""
        self._faults.clear()

    def next(self, method: str) -> Fault | None:
        """Return what befalls a call that comes now."""
        for fault in self._faults:
            if fault.method in {ANY, method} and (fault.method != ANY or method != "getUpdates"):
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
                return fault
        return None
