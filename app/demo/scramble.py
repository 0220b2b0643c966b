"""The contrast: no line, whoever retries first.

A site with the same tickets and the same crowd, that works the usual way. It answers so many
requests a second and turns the others away as busy; whoever is turned away, or hears nothing, tries
again. Three requests must get through to buy: enter, choose (which holds the ticket for a while)
and pay. Here the place belongs to the connection.
"""

from app.demo.chance import Chance
from app.demo.fairness import START_MS, Fairness
from app.demo.links import FAST, SLOW, Link
from app.demo.tally import Tally
from app.demo.timeline import Timeline

VARIANT = "whoever retries first"
_ANSWERED_PER_S = 200
_STEPS = 3
_CHOSEN = 2
_HOLD_MS = 180_000
_THINK_MS = (5_000, 60_000)
_AGAIN_MS = 3_000
"""How soon a person tries again when turned away."""
_OPENS_MS = 60_000
_SPAN_MS = 2 * 3_600_000


class _Site:
    """The naive site."""

    def __init__(self, timeline: Timeline, tickets: int) -> None:
        self.timeline = timeline
        self.free = tickets
        self._tickets = tickets
        self.sold = 0
        self.tally = Tally()
        self._second = 0
        self._answered = 0

    @property
    def sold_out(self) -> bool:
        """Whether every ticket is sold."""
        return self.sold == self._tickets

    def answers(self) -> bool:
        """Whether there is room for one more request in this second."""
        second = self.timeline.now_ms() // 1_000
        if second != self._second:
            self._second, self._answered = second, 0
        self._answered += 1
        return self._answered <= _ANSWERED_PER_S


class _Caller:
    """A person who keeps trying."""

    __slots__ = ("_chance", "_held", "_link", "_number", "_site", "_step", "_tried")

    def __init__(self, site: _Site, link: Link, chance: Chance) -> None:
        self._site = site
        self._link = link
        self._chance = chance
        self._number = 0
        self._step = 0
        """Steps taken, as the site knows; `_STEPS`: has a ticket."""
        self._held = 0
        self._tried = 0

    def send(self) -> None:
        """Try to take the next step, and again if nothing is heard."""
        site = self._site
        if self._step == _STEPS or site.sold_out:
            return
        self._tried += 1
        tried = self._tried
        arrives_ms = self._link.trip(site.timeline.now_ms())
        if arrives_ms is not None:
            site.timeline.at(arrives_ms, lambda: self._arrive(tried))
        site.timeline.after(self._link.kind.retry_ms, lambda: self._again(tried))

    def _again(self, tried: int) -> None:
        if tried == self._tried:
            self.send()

    def _arrive(self, tried: int) -> None:
        """Be answered by the site, or turned away as busy."""
        site, tally = self._site, self._site.tally
        tally.requests += 1
        if not self._number:
            self._number = len(tally.order.numbers) + 1
            tally.order.numbers.add(self._number)
        took = site.answers() and self._take()
        back_ms = self._link.trip(site.timeline.now_ms())
        if back_ms is not None:
            pause_ms = self._chance.between(*_THINK_MS) if took else _AGAIN_MS
            site.timeline.at(back_ms, lambda: self._hear(tried, pause_ms))

    def _hear(self, tried: int, pause_ms: int) -> None:
        if tried == self._tried:
            self._tried += 1
            self._site.timeline.after(pause_ms, self.send)

    def _take(self) -> bool:
        """Take the next step at the site."""
        site = self._site
        if self._step == _CHOSEN - 1:
            if not site.free:
                return False
            site.free -= 1
            self._held += 1
            held = self._held
            site.timeline.after(_HOLD_MS, lambda: self._let_go(held))
        self._step += 1
        if self._step == _STEPS:
            site.sold += 1
            site.tally.order.serve(self._number)
            site.tally.served[self._link.kind.name] += 1
        return True

    def _let_go(self, held: int) -> None:
        """Lose the hold: the time for paying ended."""
        if held == self._held and self._step == _CHOSEN:
            self._step = 0
            self._site.free += 1
            self._site.tally.places_lost += 1


async def at_the_site(*, seed: int, fans: int = 10_000, tickets: int = 2_000) -> Fairness:
    """Sell the tickets to the same kind of crowd without an office."""
    timeline = Timeline(START_MS, 0)
    site = _Site(timeline, tickets)
    for no in range(fans):
        chance = Chance(seed, f"fan-{no:05}")
        link = Link(SLOW if no % 2 else FAST, chance)
        site.tally.fans[link.kind.name] += 1
        caller = _Caller(site, link, chance)
        timeline.at(START_MS + _OPENS_MS + chance.between(0, 1_000), caller.send)
    await timeline.advance(START_MS + _SPAN_MS)
    tally = site.tally
    return Fairness(
        variant=VARIANT,
        seed=seed,
        fans=fans,
        tickets=tickets,
        slow_success=tally.success(SLOW.name),
        fast_success=tally.success(FAST.name),
        inversions=tally.order.inversions(),
        places_lost=tally.places_lost,
        sold=site.sold,
        oversold=max(0, site.sold - tickets),
        requests=tally.requests,
        repeated=tally.requests - len(tally.order.numbers),
    )
