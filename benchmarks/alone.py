"""One caller with nothing concurrent: the time of a whole purchase, against the floor's.

Each round 300 purchases are made one after the other, each request awaited before the next; then
the floor (`benchmarks.replay`) writes the same rows, a transaction a step. Rounds take turns, and
the medians of all single purchases count.
"""

from itertools import islice
from pathlib import Path
from statistics import median

from benchmarks.buyers import STEPS, buy, crowd
from benchmarks.ground import Room, draft, drop, ground, open_terms, tier
from benchmarks.loops import run
from benchmarks.replay import Script, Writer, same_rows
from benchmarks.results import Figure, Result, quantile, spread
from benchmarks.running import Options, say

SIZE = 300
_ROUNDS_EACH = 3
"""Rounds here are short: there are so many more of them."""


def measure(place: Room, options: Options) -> Result:
    """Measure in rounds."""
    size = options.size or SIZE
    base, people = run(prepare(place, size))
    ours, floors = list[float](), list[float]()
    ratios = list[float]()
    for _ in range(options.rounds * _ROUNDS_EACH):
        path = place.copy(base, "office")
        each = run(sell(path, people))
        floor = _floor(place, base, path)
        drop(path)
        ours.extend(each)
        floors.extend(floor)
        ratios.append(median(each) / median(floor))
    say(f"{len(ours):,} purchases: {median(ours) * 1e3:.3f} ms, floor {median(floors) * 1e3:.3f}")
    return Result(
        name="alone",
        work=f"{len(ours):,} whole purchases, one caller, nothing concurrent",
        figures=(
            Figure(
                field="ratio",
                what="times the floor's time",
                value=median(ours) / median(floors),
                most=3,
                floor=f"{median(floors) * 1e3:.2f} ms, a transaction a step",
            ),
            Figure(field="p50_ms", what="a purchase, half", value=median(ours) * 1e3, unit=" ms"),
            Figure(
                field="p99_ms",
                what="a purchase, 99 in 100",
                value=quantile(ours, 0.99) * 1e3,
                unit=" ms",
            ),
        ),
        notes=(f"{len(ratios)} rounds; ratio {spread(ratios)}",),
    )


async def prepare(place: Room, size: int) -> tuple[Path, list[str]]:
    """Make a file with a show and people."""
    path = place.file("base")
    async with ground(path) as here:
        await here.open(draft("alone", [tier("Pista", 10 * size)], open_terms()))
        people = await here.register(size)
    return path, people


async def sell(path: Path, people: list[str]) -> list[float]:
    """Sell to one after the other; return the seconds each took."""
    async with ground(path) as here:

        async def one(_: int, customer_id: str) -> None:
            await buy(here, 1, customer_id)

        _, each = await crowd(people, 1, one)
        return each


def _floor(place: Room, base: Path, path: Path) -> list[float]:
    """Return the seconds that each purchase took."""
    copy = place.copy(base, "floor")
    writer, took = Writer(copy), list[float]()
    steps = Script(base, path).steps()
    while some := list(islice(steps, STEPS)):
        before = writer.seconds
        writer.one_by_one(some)
        took.append(writer.seconds - before)
    writer.close()
    assert same_rows(copy, path), "what was written again is not what the office wrote"
    drop(copy)
    return took
