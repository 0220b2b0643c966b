"""How soon a freed ticket reaches the next in line: from the cause to the committed call.

A show with every ticket promised and a long line, on the machine's clock, looked after by the
office's own scheduler (APScheduler). People who are called do one of four things: let the call
lapse, claim and let their time end, leave, or buy and be refunded later. Counted is, for each
ticket that so came free, the time until the transaction with the next person's call is committed:

    expiry          from the deadline
    leaving, refund from the request
"""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from time import time

from app.scheduler import Scheduler
from benchmarks.buyers import pay
from benchmarks.ground import Ground, Room, Seed, draft, ground, open_terms, tier
from benchmarks.loops import run
from benchmarks.results import Figure, Result, quantile, spread
from benchmarks.running import Options, say
from core.caretaker import Caretaker
from core.outcomes import Chosen, Claimed, Joined, Leaving, Refunded
from core.ports import Steps
from core.requests import TELEGRAM, WINDOW, Choose, Claim, Join, Leave, Refund
from core.sale import Changes
from data.sqlite import SqliteStore
from data.writing import COLUMNS

SIZE = 3_000
_TICKETS_PER_PERSON = 0.1
_CLAIM_MS = 1_500
_CHOOSING_MS = 2_000
_LONGEST_WAIT_S = 1.0
_SWEEP_S = 1
"""Shorter than the clocks, as it is in earnest (5 s against minutes): every deadline is seen before
it comes."""
_ENOUGH_WAIT = 20
"""Once fewer wait, a freed ticket may find nobody: counting stops."""
_DEADLINE = COLUMNS["purchases_insert"].index("deadline_ms")
_WAITING = COLUMNS["books_upsert"].index("waiting")
_FREEING = {"missed": "expiry", "lapsed": "expiry", "left": "leaving", "refunded": "refund"}


def measure(place: Room, options: Options) -> Result:
    """Measure once."""
    size = options.size or SIZE
    found = run(_hand_over(place.file("handover"), size))
    every = [ms for each in found.values() for ms in each]
    p99_ms = quantile(every, 0.99)
    kinds = (f"{cause} {spread(each, ' ms')} of {len(each):,}" for cause, each in found.items())
    return Result(
        name="handover",
        work=f"{len(every):,} tickets freed while others wait",
        figures=(
            Figure(
                field="p99_ms",
                what="cause to next call, 99 in 100",
                value=p99_ms,
                unit=" ms",
                most=100,
            ),
            Figure(field="p50_ms", what="half", value=quantile(every, 0.5), unit=" ms"),
            Figure(field="longest_ms", what="longest", value=max(every), unit=" ms"),
        ),
        notes=("; ".join(kinds),),
    )


class _Watching(SqliteStore):
    """A store that tells what each transaction wrote, once it is committed."""

    def __init__(self, path: Path, tell: Callable[[float, Sequence[Changes]], None]) -> None:
        super().__init__(path)
        self._tell = tell

    async def transact(self, steps: Callable[[], Steps]) -> None:
        """Run the batch, then tell."""
        written: list[Changes] = []

        def watched() -> Steps:
            written[:] = yield from steps()
            return written

        await super().transact(watched)
        self._tell(time() * 1_000, written)


class _Watch:
    """Matches each ticket that came free with the call that followed."""

    def __init__(self) -> None:
        self.took_ms: defaultdict[str, list[float]] = defaultdict(list)
        self.asked_ms: dict[str, float] = {}
        """When a person asked for what frees a ticket."""
        self.called: Callable[[str], None] = lambda _: None
        self.done = asyncio.Event()
        self._deadlines: dict[str, int | None] = {}
        self._freed: deque[tuple[str, float]] = deque()

    def committed(self, at_ms: float, written: Sequence[Changes]) -> None:
        """Take in a transaction."""
        for changes in written:
            for _, _, _, kind, purchase_id, _, data, _ in changes.ledger:
                if purchase_id is not None:
                    self._entry(at_ms, str(kind), str(purchase_id), str(data))
            waiting = changes.books[0][_WAITING] if changes.books else None
            if self.took_ms and isinstance(waiting, int) and waiting < _ENOUGH_WAIT:
                self.done.set()

    def _entry(self, at_ms: float, kind: str, purchase_id: str, data: str) -> None:
        if self.done.is_set():
            return
        if kind == "called":
            if self._freed:
                cause, since_ms = self._freed.popleft()
                self.took_ms[cause].append(at_ms - since_ms)
            self.called(purchase_id)
        elif kind in _FREEING:
            deadline_ms = self._deadlines.get(purchase_id)
            since_ms = self.asked_ms.get(purchase_id, deadline_ms)
            assert since_ms is not None, (kind, purchase_id)
            self._freed.append((_FREEING[kind], since_ms))
        self._deadlines[purchase_id] = json.loads(data)["purchase"][_DEADLINE]


async def _hand_over(path: Path, size: int) -> dict[str, list[float]]:
    watch, chance = _Watch(), Random(1)
    people: list[asyncio.Task[None]] = []
    async with ground(path, lambda file: _Watching(file, watch.committed)) as here:
        terms = open_terms(
            claim_ms=_CLAIM_MS,
            choosing_ms=_CHOOSING_MS,
            delivery_cap_ms=_CLAIM_MS,
            calls_per_s=1_000,
        )
        tickets = max(1, int(size * _TICKETS_PER_PERSON))
        (show_id,) = await here.open(draft("handover", [tier("Pista", tickets)], terms))
        person = _Person(here, watch, show_id, chance)
        watch.called = lambda one: people.append(asyncio.create_task(person.answer_call(one)))
        scheduler = Scheduler(Caretaker(here.office, Seed()), here.office.clock, _SWEEP_S)
        scheduler.start()
        customers = await here.register(size)
        let_in = await asyncio.gather(*(person.join(one) for one in customers))
        say(f"{tickets:,} tickets, {size - tickets:,} wait")
        people.extend(asyncio.create_task(person.choose(one)) for one in let_in if one)
        await watch.done.wait()
        await scheduler.stop()
        for one in people:
            one.cancel()
        await asyncio.gather(*people, return_exceptions=True)
    for one in people:
        if not one.cancelled() and (broken := one.exception()):
            raise broken
    return watch.took_ms


class _Person:
    """What people do, by the throw of a dice."""

    def __init__(self, here: Ground, watch: _Watch, show_id: int, chance: Random) -> None:
        self._here = here
        self._watch = watch
        self._show_id = show_id
        self._chance = chance

    async def join(self, customer_id: str) -> str | None:
        """Join; return the purchase if it was let in at once."""
        request = Join(
            show_id=self._show_id,
            purchase_id=self._here.ids.new(),
            customer_id=customer_id,
            channel=self._chance.choice((TELEGRAM, WINDOW)),
        )
        answer = await self._here.office.join(request)
        assert isinstance(answer, Joined), answer
        return answer.purchase_id if answer.state == "choosing" else None

    async def answer_call(self, purchase_id: str) -> None:
        """Claim, or hear nothing."""
        if self._chance.random() < 1 / 4:
            return
        request = Claim(show_id=self._show_id, purchase_id=purchase_id)
        answer = await self._here.office.claim(request)
        assert isinstance(answer, Claimed), answer
        await self.choose(purchase_id)

    async def choose(self, purchase_id: str) -> None:
        """Let the time end, leave, or buy and be refunded, each after a while."""
        kind = self._chance.randrange(3)
        if not kind:
            return
        office, show_id = self._here.office, self._show_id
        choose = Choose(show_id=show_id, purchase_id=purchase_id, wanted=((1, 1),))
        chosen = await office.choose(choose)
        assert isinstance(chosen, Chosen), chosen
        if kind == 1:
            await pay(self._here, show_id, purchase_id)
        await asyncio.sleep(self._chance.random() * _LONGEST_WAIT_S)
        self._watch.asked_ms[purchase_id] = time() * 1_000
        if kind == 1:
            refund = Refund(
                show_id=show_id,
                purchase_id=purchase_id,
                refund_id=self._here.ids.new(),
                reason="changed plans",
            )
            refunded = await office.refund(refund)
            assert isinstance(refunded, Refunded), refunded
        else:
            left = await office.leave(Leave(show_id=show_id, purchase_id=purchase_id))
            assert isinstance(left, Leaving), left
