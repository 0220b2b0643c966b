"""A small model of the office: what the rules promise, computed the slow and obvious way.

Nothing is counted in advance: every figure is summed anew from who holds what. It shares no code
with the rules, and knows no batches but the list of requests it is given at once.
"""

import hmac
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256

from core.catalogue import ShowDraft

GAP = 1 << 20
LIVE = {"in_lobby", "in_line", "called", "choosing", "paying"}
UNDER_WAY = {"created", "pending", "authorised"}
NEXT = {
    "created": {"pending", "authorised", "captured", "cancelled", "failed"},
    "pending": {"authorised", "captured", "cancelled", "failed"},
    "authorised": {"captured", "cancelled", "failed"},
    "cancelled": {"captured"},
    "failed": {"captured"},
}


@dataclass(slots=True)
class Payment:
    name: str
    outside: int
    total: int
    state: str = "created"
    events: set[str] = field(default_factory=set[str])


@dataclass(slots=True)
class Purchase:
    name: str
    customer: str
    channel: str
    state: str
    number: int | None = None
    place: int = 0
    pool: str = ""
    lines: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])
    until: int | None = None
    session: int | None = None
    chances: int = 0
    ending: str = ""
    order: str = ""
    """'', 'frozen', 'fixed', 'paid' or 'void'."""
    wanted: dict[int, int] = field(default_factory=dict[int, int])
    total: int = 0
    payments: dict[str, Payment] = field(default_factory=dict[str, Payment])
    paying: Payment | None = None
    tickets: dict[int, int] = field(default_factory=dict[int, int])
    """Valid tickets: number to fare."""
    used: set[int] = field(default_factory=set[int])
    refunds: set[str] = field(default_factory=set[str])
    drawn: bool = False

    @property
    def live(self) -> bool:
        return self.state in LIVE

    @property
    def held(self) -> int:
        return sum(quantity for _, quantity, _ in self.lines)

    @property
    def promised(self) -> bool:
        return self.state == "called" or (self.state == "choosing" and not self.lines)

    @property
    def unpaid(self) -> bool:
        return self.paying is not None and self.paying.state in UNDER_WAY


Amounts = tuple[dict[int, int], dict[str, int], dict[int, tuple[int, int, int, str | None]]]


def amounts(draft: ShowDraft) -> Amounts:
    """Capacities by tier and by quota; tier, price, fee and quota of each fare."""
    fares = [
        (no, fare.price_minor, fare.fee_minor, fare.quota)
        for no, tier in enumerate(draft.tiers, 1)
        for fare in tier.fares
    ]
    return (
        {no: tier.capacity for no, tier in enumerate(draft.tiers, 1)},
        {quota.name: quota.capacity for quota in draft.quotas},
        dict(enumerate(fares, 1)),
    )


class Show:
    """One show: who is where, and what the stock says of it."""

    def __init__(self, show_id: int, draft: ShowDraft) -> None:
        self.show_id, self.terms, self.slug = show_id, draft.terms, draft.slug
        self.status, self.clock, self.last, self.next_number = "published", 0, 0, 1
        self.purchases: dict[str, Purchase] = {}
        self.returning: list[Purchase] = []
        self.tiers, self.quotas, self.fares = amounts(draft)
        self.kept: dict[int, int] = {}
        self.release: dict[int, int] = {}
        self.own_sold: Counter[int] = Counter()
        self.to_draw: list[str] = []
        for no, tier in enumerate(draft.tiers, 1):
            for allotment in tier.allotments:
                self.kept[no], self.release[no] = allotment.quantity, allotment.release_ms

    @property
    def now(self) -> int:
        return max(self.clock, self.last)

    # The stock.

    def live(self) -> list[Purchase]:
        return [p for p in self.purchases.values() if p.live]

    def of_customer(self, customer: str) -> Purchase | None:
        return next((p for p in self.live() if p.customer == customer), None)

    def in_line(self) -> list[Purchase]:
        line = [p for p in self.live() if p.state == "in_line" and p not in self.returning]
        return sorted(line, key=lambda p: (p.place, p.number))

    def bought(self, customer: str) -> int:
        return sum(len(p.tickets) for p in self.purchases.values() if p.customer == customer)

    def sold(self) -> Counter[int]:
        """Tickets by fare."""
        count: Counter[int] = Counter()
        for p in self.purchases.values():
            count.update(p.tickets.values())
            if p.live and p.order == "fixed":
                count.update({fare: n for fare, n, _ in p.lines})
        return count

    def held(self) -> Counter[int]:
        count: Counter[int] = Counter()
        for p in self.live():
            if p.order != "fixed":
                for fare, n, _ in p.lines:
                    count[fare] += n
        return count

    def tier_sum(self, count: Counter[int], tier: int) -> int:
        return sum(n for fare, n in count.items() if self.fares[fare][0] == tier)

    def used(self, quota: str) -> int:
        taken = self.held() + self.sold()
        return sum(n for fare, n in taken.items() if self.fares[fare][3] == quota)

    def rest(self, tier: int) -> int:
        """In nobody's basket and no ticket."""
        return self.tiers[tier] - self.tier_sum(self.held() + self.sold(), tier)

    def own_left(self, tier: int) -> int:
        """What the window's allotment still keeps."""
        own = sum(n for p in self.live() for fare, _, n in p.lines if self.fares[fare][0] == tier)
        return self.kept[tier] - own - self.own_sold[tier] if tier in self.kept else 0

    def left(self) -> int:
        return sum(self.own_left(tier) for tier in self.kept)

    def slack(self) -> int:
        """Everyone's tickets that nobody is promised."""
        pools = Counter(p.pool for p in self.live() if p.promised)
        owed = pools[""] + max(0, pools["window"] - self.left())
        return sum(map(self.rest, self.tiers)) - self.left() - owed

    def sold_out(self) -> bool:
        return all(self.tier_sum(self.sold(), tier) == n for tier, n in self.tiers.items())

    def grant(self, p: Purchase, wanted: dict[int, int]) -> bool:
        """Set a basket if the tiers and quotas have it and every promise is still covered."""
        before, pool, state = p.lines, p.pool, p.state
        if p.live and before and any(own for *_, own in before) and not wanted:
            p.pool = p.channel
        p.lines, p.state = [], "choosing"
        enough = True
        for fare, n in sorted(wanted.items()):
            tier, _, _, quota = self.fares[fare]
            own = self.own_left(tier) if p.channel == "window" else 0
            free = self.rest(tier) - (0 if p.channel == "window" else self.own_left(tier))
            enough = enough and n <= free
            p.lines.append((fare, n, min(n, max(own, 0))))
            enough = enough and (quota is None or self.used(quota) <= self.quotas[quota])
        enough = enough and self.slack() >= 0
        p.state = state
        if not enough:
            p.lines, p.pool = before, pool
        return enough

    # The line.

    def give_number(self, p: Purchase, number: int) -> None:
        p.number, p.place = number, number * GAP

    def let_in(self, channel: str) -> str | None:
        """The pool for someone who need not wait."""
        if self.status != "open":
            return None
        own = sum(p.promised and p.pool == "window" for p in self.live())
        if channel == "window" and self.kept and self.left() - own > 0:
            return "window"
        if not any(p.state == "in_line" for p in self.live()) and self.openings() > 0:
            return ""
        return None

    def openings(self) -> int:
        room = self.slack()
        if self.terms.calls_max:
            opened = sum(p.state in {"called", "choosing"} for p in self.live())
            room = min(room, self.terms.calls_max - opened)
        return room

    def settle(self) -> None:
        """What a batch ends with: second chances get their place, the next are called."""
        for p in self.returning:
            line = self.in_line()
            self.returning = [other for other in self.returning if other is not p]
            behind = min(self.terms.second_chance_places, len(line))
            p.place = line[behind - 1].place + 1 if behind else (p.number or 0) * GAP
        while self.status == "open" and self.in_line() and self.openings() > 0:
            p = self.in_line()[0]
            p.state, p.pool = "called", ""
            cap = 0 if p.channel == "window" else self.terms.delivery_cap_ms
            p.until = self.now + cap + self.terms.claim_ms
            self.last = self.now

    def start_choosing(self, p: Purchase) -> None:
        p.state = "choosing"
        p.session = self.now + self.terms.session_max_ms
        p.until = min(self.now + self.terms.choosing_ms, p.session)

    def at_least(self, p: Purchase, span: int) -> None:
        p.until = max(p.until or 0, self.now + span)
        p.until = min(p.until, p.session or p.until)

    def finish(self, p: Purchase, state: str) -> None:
        if p.state == "in_lobby" and self.status == "drawing":
            p.drawn = True
        p.state, p.lines, p.ending, p.until = state, [], "", None
        self.returning = [other for other in self.returning if other is not p]

    def draw(self, seed: str) -> None:
        """Number the frozen lobby, by the published recipe."""
        names = sorted(self.to_draw)
        digest = sha256("".join(f"{name}\n" for name in names).encode()).hexdigest()
        key = {n: hmac.digest(seed.encode(), f"{digest}\n{n}".encode(), "sha256") for n in names}
        for number, name in enumerate(sorted(names, key=key.__getitem__), 1):
            p = self.purchases[name]
            self.give_number(p, number)
            if p.state == "in_lobby":
                p.state = "in_line"
        self.status, self.last = "open", self.now


Answer = tuple[str, Purchase | None]


def lines_total(show: Show, p: Purchase) -> int:
    """What a basket costs; the window charges no fee."""
    fee = p.channel != "window" or show.terms.window_fee
    return sum(
        n * (show.fares[fare][1] + (show.fares[fare][2] if fee else 0)) for fare, n, _ in p.lines
    )
