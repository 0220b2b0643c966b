"""Stock: what is free, what is promised, and whether a basket can be granted.

The theory (design, section 6):

    free(tier)      = capacity - held - sold - what other channels' open allotments keep
    promised        = purchases called, or choosing with an empty basket; each stands for one ticket
    always            promised <= total free

A promise stands on a pool: everyone's tickets (`GENERAL`), or what is left of a channel's own
allotment. When an allotment runs short of the promises on it (it was released, or used up), the
rest of those promises fall back on everyone's tickets; `owed` counts them in.
"""

from dataclasses import dataclass, field

from core.purchase import Basket

GENERAL = ""
"""The pool of tickets that any channel may sell."""


@dataclass(slots=True)
class TierStock:
    """A part of the house and its stock; fields in the order of the table's columns."""

    show_id: int
    tier_no: int
    name: str
    capacity: int
    held: int
    sold: int
    closed: int = 0
    """1: none of it is sold any more, and nothing of it becomes free."""


@dataclass(slots=True)
class QuotaUse:
    """A show-wide limit shared by the fares that name it. `used` counts held and sold tickets."""

    show_id: int
    quota_no: int
    name: str
    capacity: int
    used: int


@dataclass(slots=True)
class AllotmentUse:
    """Tickets of a tier set aside for one channel until `release_ms`. `taken`: held and sold."""

    show_id: int
    tier_no: int
    channel: str
    quantity: int
    taken: int
    release_ms: int
    released: int

    @property
    def left(self) -> int:
        """How many it still keeps from the other channels."""
        return 0 if self.released else self.quantity - self.taken


@dataclass(slots=True)
class FarePrice:
    """A price within a tier. Only its price, its fee and whether it is closed ever change."""

    show_id: int
    fare_no: int
    tier_no: int
    name: str
    price_minor: int
    fee_minor: int
    quota_no: int | None
    proof: int
    document: int
    closed: int = 0
    """1: it can't be chosen any more."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """Why a basket cannot be granted: the tier or quota that is short, and what can be had of it.

    `tier_no` and `quota_no` are both None where the promises made to others leave too little.
    """

    available: int
    tier_no: int | None = None
    quota_no: int | None = None


@dataclass(slots=True)
class Stock:
    """The stock of one show while a batch is decided."""

    tiers: dict[int, TierStock] = field(default_factory=dict[int, TierStock])
    fares: dict[int, FarePrice] = field(default_factory=dict[int, FarePrice])
    quotas: dict[int, QuotaUse] = field(default_factory=dict[int, QuotaUse])
    allotments: dict[tuple[int, str], AllotmentUse] = field(
        default_factory=dict[tuple[int, str], AllotmentUse],
    )
    promises: dict[str, int] = field(default_factory=dict[str, int])
    """Promises by pool."""
    changed: bool = False

    def free(self, tier_no: int, channel: str) -> int:
        """Tickets of the tier that `channel` could sell now, promises aside."""
        tier = self.tiers[tier_no]
        if tier.closed:
            return 0
        if not self.allotments:
            return tier.capacity - tier.held - tier.sold
        kept = sum(
            allotment.left
            for (no, owner), allotment in self.allotments.items()
            if no == tier_no and owner != channel
        )
        return tier.capacity - tier.held - tier.sold - kept

    def total_free(self) -> int:
        """Tickets of the show in nobody's basket, in no ticket and in no allotment."""
        free = 0
        for tier in self.tiers.values():
            if not tier.closed:
                free += tier.capacity - tier.held - tier.sold
        for allotment in self.allotments.values():
            free -= allotment.left
        return free

    def left_of(self, pool: str) -> int:
        """What is left of a channel's own allotments."""
        return sum(a.left for (_, owner), a in self.allotments.items() if owner == pool)

    def owed(self) -> int:
        """Promises that everyone's tickets must cover."""
        owed = self.promises.get(GENERAL, 0)
        for pool, promised in self.promises.items():
            if pool != GENERAL and promised:
                owed += max(0, promised - self.left_of(pool))
        return owed

    def promisable(self) -> int:
        """How many more people can be promised one of everyone's tickets."""
        return self.total_free() - self.owed()

    def promisable_from(self, channel: str) -> int:
        """How many more people can be promised a ticket of the channel's own allotments."""
        if not self.allotments:
            return 0
        return self.left_of(channel) - self.promises.get(channel, 0)

    def promise(self, pool: str, change: int) -> None:
        """Add or take back promises on a pool."""
        self.promises[pool] = self.promises.get(pool, 0) + change
        self.changed = True

    def sold_out(self) -> bool:
        """Whether every ticket is sold, so that nothing is left and nothing can come back."""
        for tier in self.tiers.values():
            if tier.sold < tier.capacity and not tier.closed:
                return False
        return True

    def shortage(self, wanted: dict[int, int], channel: str) -> Shortage | None:
        """Say why the fares `{fare_no: quantity}` can't be held for `channel`, or None if they can.

        The person's own hold and promise must have been put back first.
        """
        by_tier, by_quota = self._by_tier(wanted), self._by_quota(wanted)
        for tier_no, quantity in by_tier.items():
            free = self.free(tier_no, channel)
            if quantity > free:
                spare = self.promisable() + max(0, self.promisable_from(channel))
                return Shortage(max(0, min(free, spare)), tier_no=tier_no)
        for quota_no, quantity in by_quota.items():
            quota = self.quotas[quota_no]
            if quantity > quota.capacity - quota.used:
                return Shortage(quota.capacity - quota.used, quota_no=quota_no)
        if not self.allotments:
            unpromised = self.total_free() - self.promises.get(GENERAL, 0)
            return Shortage(max(0, unpromised)) if sum(by_tier.values()) > unpromised else None
        return self._shortage_for(by_tier, channel)

    def own_shortage(self, wanted: dict[int, int], channel: str) -> Shortage | None:
        """Say why the channel's own allotments alone can't give the fares, or None if they can."""
        for tier_no, quantity in self._by_tier(wanted).items():
            left = self._own_left(tier_no, channel)
            if quantity > left:
                return Shortage(left, tier_no=tier_no)
        return None

    def _shortage_for(self, by_tier: dict[int, int], channel: str) -> Shortage | None:
        """Say whether what stays free covers the promises, of whichever pool they stand on."""
        own_left = self.left_of(channel)
        from_own = sum(
            min(quantity, self._own_left(tier_no, channel)) for tier_no, quantity in by_tier.items()
        )
        from_general = sum(by_tier.values()) - from_own
        spilled = max(0, self.promises.get(channel, 0) - (own_left - from_own)) if channel else 0
        owed = self.owed()
        if channel:
            owed += spilled - max(0, self.promises.get(channel, 0) - own_left)
        if self.total_free() - from_general < owed:
            return Shortage(max(0, self.total_free() - owed + from_own))
        return None

    def hold(self, wanted: dict[int, int], channel: str) -> Basket:
        """Hold the fares (`shortage` must have said None) and return the basket's lines."""
        lines: list[tuple[int, int, int]] = []
        for fare_no, quantity in sorted(wanted.items()):
            fare = self.fares[fare_no]
            own = min(quantity, self._own_left(fare.tier_no, channel))
            self._take(fare, quantity, own, channel)
            lines.append((fare_no, quantity, own))
        return tuple(lines)

    def release(self, lines: Basket, channel: str) -> None:
        """Free what a basket holds."""
        for fare_no, quantity, own in lines:
            self._take(self.fares[fare_no], -quantity, -own, channel)

    def regain(self, lines: Basket, channel: str) -> None:
        """Hold again what `release` just freed."""
        for fare_no, quantity, own in lines:
            self._take(self.fares[fare_no], quantity, own, channel)

    def sell(self, lines: Basket) -> None:
        """Turn what a basket holds into sold tickets."""
        for fare_no, quantity, _ in lines:
            tier = self.tiers[self.fares[fare_no].tier_no]
            tier.held -= quantity
            tier.sold += quantity
        self.changed = True

    def unsell(self, fare_no: int, quantity: int) -> None:
        """Take sold tickets back; they become everyone's."""
        fare = self.fares[fare_no]
        self.tiers[fare.tier_no].sold -= quantity
        if fare.quota_no is not None:
            self.quotas[fare.quota_no].used -= quantity
        self.changed = True

    def check(self) -> None:
        """Assert what must hold at every instant (design, promise 1 and section 6)."""
        for tier in self.tiers.values():
            assert tier.held >= 0, f"tier {tier.name}: held {tier.held}"
            assert tier.sold >= 0, f"tier {tier.name}: sold {tier.sold}"
            assert tier.held + tier.sold <= tier.capacity, f"tier {tier.name}: oversold"
        for quota in self.quotas.values():
            assert 0 <= quota.used <= quota.capacity, f"quota {quota.name}: used {quota.used}"
        assert self.owed() <= self.total_free(), "more promised than free"

    def _take(self, fare: FarePrice, quantity: int, own: int, channel: str) -> None:
        self.tiers[fare.tier_no].held += quantity
        if fare.quota_no is not None:
            self.quotas[fare.quota_no].used += quantity
        if own:
            self.allotments[fare.tier_no, channel].taken += own
        self.changed = True

    def _own_left(self, tier_no: int, channel: str) -> int:
        allotment = self.allotments.get((tier_no, channel))
        return allotment.left if allotment else 0

    def _by_tier(self, wanted: dict[int, int]) -> dict[int, int]:
        totals: dict[int, int] = {}
        for fare_no, quantity in wanted.items():
            tier_no = self.fares[fare_no].tier_no
            totals[tier_no] = totals.get(tier_no, 0) + quantity
        return totals

    def _by_quota(self, wanted: dict[int, int]) -> dict[int, int]:
        totals: dict[int, int] = {}
        for fare_no, quantity in wanted.items():
            quota_no = self.fares[fare_no].quota_no
            if quota_no is not None:
                totals[quota_no] = totals.get(quota_no, 0) + quantity
        return totals
