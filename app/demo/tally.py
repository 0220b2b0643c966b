"""What is counted while a crowd buys: by whom tickets were had, and in which order."""

from collections import Counter
from dataclasses import dataclass, field
from heapq import heapify, heappop


@dataclass(slots=True)
class Order:
    """The order of service as an onlooker notes it, apart from what the office says of itself."""

    numbers: set[int] = field(default_factory=set[int])
    """Everyone's number, as each was told it."""
    served: dict[int, int] = field(default_factory=dict[int, int])
    """Number to when it was first called or let in, as a running count."""
    left: dict[int, int] = field(default_factory=dict[int, int])
    _moment: int = 0

    def serve(self, number: int) -> None:
        """Note that this number was called or let in; a second call is no second service."""
        self.numbers.add(number)
        self._moment += 1
        self.served.setdefault(number, self._moment)

    def leave(self, number: int) -> None:
        """Note that this number waits no longer."""
        self._moment += 1
        self.left.setdefault(number, self._moment)

    def inversions(self) -> int:
        """Count those served while a lower number waited that had not been served or left."""
        waiting = list(self.numbers)
        heapify(waiting)
        never = self._moment + 1
        count = 0
        for number, moment in sorted(self.served.items(), key=lambda item: item[1]):
            while waiting:
                first = waiting[0]
                if min(self.served.get(first, never), self.left.get(first, never)) >= moment:
                    break
                heappop(waiting)
            count += bool(waiting) and waiting[0] < number
        return count


@dataclass(slots=True)
class Tally:
    """Figures of one crowd."""

    order: Order = field(default_factory=Order)
    fans: Counter[str] = field(default_factory=Counter[str])
    """People by kind of link who wanted tickets and stayed for them."""
    served: Counter[str] = field(default_factory=Counter[str])
    """Those of them who got tickets."""
    vanished: int = 0
    """People who dropped out without a word, at whatever step."""
    requests: int = 0
    """Requests that reached the office."""
    repeated: int = 0
    """Requests sent again for want of an answer."""
    lost: int = 0
    """Requests and answers that never arrived."""
    calls: int = 0
    windows_ended: int = 0
    """Calls that nobody answered in time."""
    places_lost: int = 0
    """Windows that ended on somebody who was there and trying."""
    refunds: int = 0
    tickets_refunded: int = 0
    declined: int = 0
    late_money: int = 0
    told_end: int = 0
    tickets: int = 0
    """Tickets handed out, those handed out a second time included."""

    def success(self, kind: str) -> float:
        """Return the percentage of a kind of link that got tickets."""
        return 100 * self.served[kind] / self.fans[kind] if self.fans[kind] else 0.0
