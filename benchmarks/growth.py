"""A purchase's cost with a million finished ones in the file, against an empty file.

The million lie in 20 shows: purchases, orders, payments, events, tickets, effects carried out,
customers and the whole hash-chained ledger (`benchmarks.finished` makes them). New people now
buy at 4 of those shows from 1,000 callers; on the empty file as many do the same. Both offices
stay open and take turns; the first turn of each warms up and does not count. The ratio is of the
medians.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

from benchmarks.buyers import buy, crowd
from benchmarks.finished import fill
from benchmarks.ground import Ground, Room, draft, ground, open_terms, tier
from benchmarks.loops import run
from benchmarks.results import Figure, Result, spread
from benchmarks.running import Options, say
from data.database import Database

SIZE = 1_000_000
SHOWS = 20
_SELLING = 4
_TURN = 2_000
_TURNS_A_ROUND = 3
CALLERS = 1_000


def measure(place: Room, options: Options) -> Result:
    """Measure in turns."""
    return run(_measure(place, options))


async def _measure(place: Room, options: Options) -> Result:
    size = options.size or SIZE
    paths = (place.file("empty"), place.file("full"))
    people = await prepare(paths, options, size)
    gigabytes = paths[1].stat().st_size / 1e9
    return await compare(paths, people, options, size, gigabytes)


def _turns(options: Options, size: int) -> tuple[int, int]:
    """Return how many buy in a turn, and how many turns there are."""
    return min(_TURN, size), options.rounds * _TURNS_A_ROUND + 1


async def prepare(paths: Sequence[Path], options: Options, size: int) -> list[list[str]]:
    """Make an empty file and a full one; return who will buy at each."""
    turn, turns = _turns(options, size)
    async with AsyncExitStack() as stack:
        offices = [await stack.enter_async_context(ground(path)) for path in paths]
        shows = [await _publish(here, size, turn * turns) for here in offices]
        await fill(offices[1], shows[1], size)
        return [await here.register(turn * turns, first=size) for here in offices]


async def compare(
    places: Sequence[Path | Database],
    people: list[list[str]],
    options: Options,
    size: int,
    gigabytes: float,
) -> Result:
    """Let both offices sell in turns."""
    turn, turns = _turns(options, size)
    costs: tuple[list[float], list[float]] = ([], [])
    async with AsyncExitStack() as stack:
        offices = [await stack.enter_async_context(ground(place)) for place in places]
        for number in range(turns):
            for here, everyone, cost in zip(offices, people, costs, strict=True):
                seconds = await _sell(here, everyone[number * turn : (number + 1) * turn])
                if number:
                    cost.append(seconds / turn * 1e6)
            say(f"turn {number + 1} of {turns}")
    return _result(size, turn, costs, gigabytes)


def _result(
    size: int, turn: int, costs: tuple[list[float], list[float]], gigabytes: float
) -> Result:
    empty, full = costs
    ratio = median(full) / median(empty)
    return Result(
        name="growth",
        work=f"purchases with {size:,} finished ones in a file of {gigabytes:.1f} GB",
        figures=(
            Figure(
                field="ratio",
                what="times the cost in an empty file",
                value=ratio,
                most=1.3,
                floor=f"{median(empty):,.0f} us a purchase",
            ),
            Figure(field="purchase_us", what="a purchase", value=median(full), unit=" us"),
        ),
        notes=(
            f"{len(full)} turns of {turn:,}",
            f"empty {spread(empty, ' us')}; full {spread(full, ' us')}",
        ),
    )


async def _publish(here: Ground, size: int, extra: int) -> list[int]:
    tiers = [tier("Pista", 2 * (size // SHOWS + extra + 1_000))]
    terms = open_terms(limit_per_customer=1_000)
    return await here.open(*(draft(f"growth-{n}", tiers, terms) for n in range(SHOWS)))


async def _sell(here: Ground, people: list[str]) -> float:
    async def one(number: int, customer_id: str) -> None:
        await buy(here, 1 + number % _SELLING, customer_id)

    seconds, _ = await crowd(people, min(CALLERS, len(people)), one)
    return seconds
