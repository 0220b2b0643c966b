"""How fair a sale is to slow connections, measured on the real office with the same crowd.

`at_the_office` sells a show of `tickets` to `fans`, half of them on fast links and half on slow
ones. `LOBBY`: all come before the opening and the draw orders them. `OPEN_LINE`: they come over
time. `app.demo.scramble` is the contrast: no office, whoever retries first.
"""

from dataclasses import dataclass
from pathlib import Path

from app.demo.chance import Chance
from app.demo.crowd import Crowd
from app.demo.fans import Fan, Habits
from app.demo.links import FAST, SLOW, Link
from app.demo.stage import set_stage
from app.demo.timeline import Timeline
from core.catalogue import Fare, ShowDraft, Tier, Venue
from core.terms import DAY_MS, HOUR_MS, MINUTE_MS, Terms

LOBBY = "lobby"
OPEN_LINE = "open line"
START_MS = 1_767_225_600_000
"""2026-01-01T00:00Z: when virtual time starts."""
_SLUG = "fair-show"
_OPENS_MS = 10 * MINUTE_MS
_LOBBY_MS = 8 * MINUTE_MS
_ARRIVING_MS = 30 * MINUTE_MS
_WINDOW_MS = 1_000
_HABITS = Habits(refund=0.0, late_pix=0.0, decline=0.0, most_tickets=1, provider=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fairness:
    """What one run showed; successes are percentages of those who wanted and stayed."""

    variant: str
    seed: int
    fans: int
    tickets: int
    slow_success: float
    fast_success: float
    inversions: int
    """People served before somebody with a lower number who still waited."""
    places_lost: int
    """Deadlines that ended on somebody who was there and trying."""
    sold: int
    oversold: int
    requests: int
    repeated: int

    @property
    def slow_minus_fast_points(self) -> float:
        """By how many percentage points the slow did better than the fast."""
        return self.slow_success - self.fast_success


async def at_the_office(
    path: Path, *, variant: str, seed: int, fans: int = 10_000, tickets: int = 2_000
) -> Fairness:
    """Sell a show to a crowd on a new database file at `path`."""
    timeline = Timeline(START_MS, _WINDOW_MS)
    async with set_stage(path, timeline, seed) as stage:
        show = await stage.publish([_draft(variant, tickets)], _SLUG)
        crowd = Crowd(stage.office, stage.caretaker, timeline, show)
        names = [f"fan-{no:05}" for no in range(fans)]
        await stage.register(names)
        arriving = (_LOBBY_MS, MINUTE_MS) if variant == LOBBY else (_ARRIVING_MS, _OPENS_MS)
        for no, name in enumerate(names):
            chance = Chance(seed, name)
            link = Link(SLOW if no % 2 else FAST, chance)
            fan = Fan(crowd, name, link, chance, _HABITS)
            crowd.enter(fan, START_MS + arriving[1] + chance.between(0, arriving[0]))
        await crowd.run(START_MS + 2 * HOUR_MS)
        after = await stage.office.look.show(crowd.show_id)
    assert after is not None, "a show stays"
    tally = crowd.tally
    return Fairness(
        variant=variant,
        seed=seed,
        fans=fans,
        tickets=tickets,
        slow_success=tally.success(SLOW.name),
        fast_success=tally.success(FAST.name),
        inversions=tally.order.inversions(),
        places_lost=tally.places_lost,
        sold=after.valid,
        oversold=sum(max(0, t.held + t.sold - t.capacity) for t in after.tiers),
        requests=tally.requests,
        repeated=tally.repeated,
    )


def _draft(variant: str, tickets: int) -> ShowDraft:
    fare = Fare(
        name="Inteira", price_minor=10_000, fee_minor=1_000, quota=None, proof=False, document=False
    )
    opens_ms = START_MS + _OPENS_MS
    return ShowDraft(
        slug=_SLUG,
        title="A fair show",
        description="",
        language="en",
        series=None,
        venue=Venue(
            name="House",
            address="",
            city="Recife",
            region="PE",
            country="BR",
            time_zone="America/Recife",
        ),
        starts_ms=START_MS + 30 * DAY_MS,
        doors_ms=None,
        currency="BRL",
        tiers=(Tier(name="House", capacity=tickets, fares=(fare,)),),
        quotas=(),
        terms=Terms(
            sale_opens_ms=opens_ms,
            sale_closes_ms=START_MS + 29 * DAY_MS,
            lobby_opens_ms=START_MS + MINUTE_MS // 2 if variant == LOBBY else None,
        ),
    )
