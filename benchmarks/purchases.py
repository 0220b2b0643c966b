"""Whole purchases by many at once, against the floor and the ceiling of the same rows.

1,000 concurrent callers make 20,000 purchases (join, choose, check out, paid; tickets and the
receipt's effect written) over 4 shows. Customers are registered beforehand. The floor and the
ceiling (`benchmarks.replay`) write the rows of that very run from the same starting file, in the
same round; the three take turns, and the medians of the rounds count.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median

from benchmarks.buyers import STEPS, buy, crowd
from benchmarks.ground import Room, draft, drop, ground, open_terms, tier
from benchmarks.loops import run
from benchmarks.replay import Script, Step, Writer, same_rows
from benchmarks.results import Figure, Result, quantile, spread
from benchmarks.running import Options, say

SIZE = 20_000
CALLERS = 1_000
SHOWS = 4
BULK = 1_000
"""Purchases in one transaction of the ceiling."""
_STRETCH = 1_000
"""Steps after which the floor's writer takes up the next; memory, not a transaction."""


def measure(place: Room, options: Options) -> Result:
    """Measure in rounds."""
    size = options.size or SIZE
    base, people = run(prepare(place, size))
    ours, floors, ceilings, took = list[float](), list[float](), list[float](), list[float]()
    for number in range(options.rounds):
        path = place.copy(base, "office")
        seconds, each = run(sell(path, people))
        ours.append(size / seconds)
        took.extend(each)
        floors.append(size / _floor(place, base, path))
        ceilings.append(size / _ceiling(place, base, path))
        say(
            f"round {number + 1} of {options.rounds}: {ours[-1]:,.0f} purchases/s, "
            f"floor {floors[-1]:,.0f}, ceiling {ceilings[-1]:,.0f}"
        )
        drop(path)
    return _result(size, options.rounds, ours, floors, ceilings, took)


def _result(
    size: int,
    rounds: int,
    ours: list[float],
    floors: list[float],
    ceilings: list[float],
    took: list[float],
) -> Result:
    rate, floor, ceiling = median(ours), median(floors), median(ceilings)
    ratios = [a / b for a, b in zip(ours, floors, strict=True)]
    shares = [a / b for a, b in zip(ours, ceilings, strict=True)]
    against = f"{floor:,.0f}/s, a transaction a step"
    above = f"ceiling {ceiling:,.0f}/s, {BULK:,} purchases a transaction"
    return Result(
        name="purchases",
        work=f"{size:,} whole purchases by {min(CALLERS, size):,} callers over {SHOWS} shows",
        figures=(
            Figure(field="purchases_per_s", what="purchases", value=rate, unit="/s"),
            Figure(field="floor_per_s", what="floor", value=floor, unit="/s"),
            Figure(
                field="ratio", what="times the floor", value=median(ratios), least=6, floor=against
            ),
            Figure(
                field="of_ceiling",
                what="of the ceiling",
                value=median(shares),
                least=0.5,
                floor=above,
            ),
            Figure(field="p50_ms", what="a purchase, half", value=median(took) * 1e3, unit=" ms"),
            Figure(
                field="p99_ms",
                what="a purchase, 99 in 100",
                value=quantile(took, 0.99) * 1e3,
                unit=" ms",
            ),
        ),
        notes=(
            f"{rounds} rounds; purchases/s {spread(ours)}; floor/s {spread(floors)}",
            f"ceiling/s {spread(ceilings)}; ratio {spread(ratios)}; of ceiling {spread(shares)}",
        ),
    )


async def prepare(place: Room, size: int) -> tuple[Path, list[str]]:
    """Make a file with the shows and people."""
    path = place.file("base")
    async with ground(path) as here:
        shows = [draft(f"s{n}", [tier("Pista", 4 * size)], open_terms()) for n in range(SHOWS)]
        await here.open(*shows)
        people = await here.register(size)
    return path, people


async def sell(path: Path, people: list[str], shows: int = SHOWS) -> tuple[float, list[float]]:
    """Sell to everyone; return the seconds it took, all and each."""
    async with ground(path) as here:

        async def one(number: int, customer_id: str) -> None:
            await buy(here, 1 + number % shows, customer_id)

        return await crowd(people, min(CALLERS, len(people)), one)


def _floor(place: Room, base: Path, path: Path) -> float:
    copy = place.copy(base, "floor")
    writer = Writer(copy)
    steps = Script(base, path).steps()
    for some in _portions(steps, _STRETCH):
        writer.one_by_one(some)
    return _checked(writer, copy, path)


def _ceiling(place: Room, base: Path, path: Path) -> float:
    copy = place.copy(base, "ceiling")
    writer = Writer(copy)
    for some in _portions(Script(base, path).steps(), STEPS * BULK):
        writer.together(some, BULK)
    return _checked(writer, copy, path)


def _portions(steps: Iterator[Step], size: int) -> Iterator[list[Step]]:
    while some := list(islice(steps, size)):
        yield some


def _checked(writer: Writer, copy: Path, path: Path) -> float:
    writer.close()
    assert same_rows(copy, path), "what was written again is not what the office wrote"
    drop(copy)
    return writer.seconds
