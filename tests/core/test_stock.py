"""Properties of the stock: never oversold, every promise kept, whatever comes in which order."""

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.purchase import Basket
from core.stock import GENERAL, AllotmentUse, QuotaUse, Stock
from tests.auxil.sales import stock

CHANNELS = st.sampled_from(("telegram", "window"))


@dataclass(slots=True)
class Buyer:
    """Someone with a promise, or with a basket."""

    channel: str
    pool: str
    lines: Basket = ()

    @property
    def wanted(self) -> dict[int, int]:
        return {fare_no: quantity for fare_no, quantity, _ in self.lines}


class StockMachine(RuleBasedStateMachine):
    """People come, choose, pay, leave; the window's allotment is released at some time."""

    def __init__(self) -> None:
        super().__init__()
        self.stock = Stock()
        self.buyers: list[Buyer] = []
        self.sold: list[int] = []

    @initialize(
        capacities=st.lists(st.integers(1, 4), min_size=1, max_size=3),
        kept=st.lists(st.integers(0, 3), min_size=3, max_size=3),
        quota=st.none() | st.integers(0, 3),
    )
    def publish(self, capacities: list[int], kept: list[int], quota: int | None) -> None:
        self.stock = stock(*capacities)
        for no, (capacity, most) in enumerate(zip(capacities, kept, strict=False), 1):
            if quantity := min(capacity, most):
                allotment = AllotmentUse(1, no, "window", quantity, 0, 0, 0)
                self.stock.allotments[no, "window"] = allotment
        self.quota = quota
        if quota is not None:
            self.stock.quotas[1] = QuotaUse(1, 1, "meia", quota, 0)
            self.stock.fares[1].quota_no = 1

    @rule(channel=CHANNELS)
    def come(self, channel: str) -> None:
        if self.stock.promisable_from(channel) > 0:
            pool = channel
        elif self.stock.promisable() > 0:
            pool = GENERAL
        else:
            return
        self.stock.promise(pool, 1)
        self.buyers.append(Buyer(channel, pool))

    @precondition(lambda self: self.buyers)
    @rule(data=st.data(), wanted=st.dictionaries(st.integers(1, 3), st.integers(1, 4)))
    def choose(self, data: st.DataObject, wanted: dict[int, int]) -> None:
        buyer = data.draw(st.sampled_from(self.buyers))
        wanted = {fare: n for fare, n in wanted.items() if fare in self.stock.fares}
        before = self._figures()
        held = buyer.lines
        if not self._grant(buyer, wanted):
            assert buyer.lines == held
            assert self._figures() == before
            return
        assert buyer.wanted == wanted
        after = self._figures()
        assert self._grant(buyer, wanted), "what is held can be chosen again"
        assert self._figures() == after

    def _grant(self, buyer: Buyer, wanted: dict[int, int]) -> bool:
        """Set the whole basket, as `selling.choose` does."""
        self.stock.release(buyer.lines, buyer.channel)
        if not buyer.lines:
            self.stock.promise(buyer.pool, -1)
        granted = self.stock.shortage(wanted, buyer.channel) is None
        if granted:
            if any(own for _, _, own in buyer.lines):
                buyer.pool = buyer.channel
            buyer.lines = self.stock.hold(wanted, buyer.channel)
        else:
            self.stock.regain(buyer.lines, buyer.channel)
        if not buyer.lines:
            self.stock.promise(buyer.pool, 1)
        return granted

    @precondition(lambda self: self.buyers)
    @rule(data=st.data(), pays=st.booleans())
    def finish(self, data: st.DataObject, pays: bool) -> None:
        buyer = data.draw(st.sampled_from(self.buyers))
        self.buyers.remove(buyer)
        if not buyer.lines:
            self.stock.promise(buyer.pool, -1)
        elif pays:
            self.stock.sell(buyer.lines)
            for fare_no, quantity, _ in buyer.lines:
                self.sold += [fare_no] * quantity
        else:
            self.stock.release(buyer.lines, buyer.channel)

    @precondition(lambda self: self.sold)
    @rule(data=st.data())
    def refund(self, data: st.DataObject) -> None:
        fare_no = data.draw(st.sampled_from(self.sold))
        self.sold.remove(fare_no)
        self.stock.unsell(fare_no, 1)

    @precondition(lambda self: self.stock.allotments)
    @rule(data=st.data())
    def let_allotment_go(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.stock.allotments)))
        self.stock.allotments[key].released = 1

    @invariant()
    def never_oversold(self) -> None:
        for no, tier in self.stock.tiers.items():
            held = sum(b.wanted.get(no, 0) for b in self.buyers)
            assert (tier.held, tier.sold) == (held, self.sold.count(no))
            assert held + self.sold.count(no) <= tier.capacity
        self.stock.check()

    @invariant()
    def every_promise_is_kept(self) -> None:
        """Without a quota in the way, everyone promised can be served, one after the other."""
        if getattr(self, "quota", None) is not None:
            return
        promised = [buyer for buyer in self.buyers if not buyer.lines]
        for buyer in promised:
            served = any(self._grant(buyer, {fare_no: 1}) for fare_no in self.stock.fares)
            assert served, f"nothing left for {buyer}"
        for buyer in reversed(promised):
            self._put_back(buyer)

    def _put_back(self, buyer: Buyer) -> None:
        self.stock.release(buyer.lines, buyer.channel)
        buyer.lines = ()
        self.stock.promise(buyer.pool, 1)

    def _figures(self) -> object:
        tiers = [(t.held, t.sold) for t in self.stock.tiers.values()]
        quotas = [q.used for q in self.stock.quotas.values()]
        taken = [a.taken for a in self.stock.allotments.values()]
        return tiers, quotas, taken, {p: n for p, n in self.stock.promises.items() if n}


StockMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=25)
TestStock = StockMachine.TestCase
