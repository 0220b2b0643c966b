"""Joining one line, against single-row insert transactions.

200,000 people, registered beforehand, join the line of one show whose only ticket is promised, by
1,000 concurrent callers. The floor writes the same rows a person at a time: one transaction with
the purchase, its ledger entry, the count of its stretch of the line and the show's book, the first
two of them inserts. It is timed on stretches of 1,000 spread evenly over the line, at least
20,000 people in all; those between are written in bulk, untimed, so that the tables are as large.
"""

from itertools import islice
from pathlib import Path
from statistics import median

from benchmarks.buyers import crowd
from benchmarks.ground import Room, draft, drop, ground, open_terms, tier
from benchmarks.loops import run
from benchmarks.replay import Script, Writer, same_rows
from benchmarks.results import Figure, Result, quantile, spread
from benchmarks.running import Options, say
from core.outcomes import Joined
from core.purchase import State
from core.requests import Join
from data.database import Database

SIZE = 200_000
CALLERS = 1_000
_STRETCH = 1_000
_TIMED = 20_000


def measure(place: Room, options: Options) -> Result:
    """Measure in rounds."""
    size = options.size or SIZE
    base, people = run(prepare(place, size))
    ours, floors, took = list[float](), list[float](), list[float]()
    for number in range(options.rounds):
        path = place.copy(base, "office")
        seconds, each = run(join(path, people))
        ours.append(size / seconds)
        took.extend(each)
        floors.append(_floor(place, base, path))
        drop(path)
        say(
            f"round {number + 1} of {options.rounds}: {ours[-1]:,.0f} joins/s, "
            f"floor {floors[-1]:,.0f}"
        )
    ratios = [a / b for a, b in zip(ours, floors, strict=True)]
    against = f"{median(floors):,.0f}/s, a transaction a person"
    return Result(
        name="joins",
        work=f"{size:,} people joining one line by {min(CALLERS, size):,} callers",
        figures=(
            Figure(field="joins_per_s", what="joins", value=median(ours), unit="/s"),
            Figure(field="floor_per_s", what="floor", value=median(floors), unit="/s"),
            Figure(
                field="ratio",
                what="times the floor",
                value=median(ratios),
                least=8,
                floor=against,
            ),
            Figure(field="p99_ms", what="99 in 100", value=quantile(took, 0.99) * 1e3, unit=" ms"),
        ),
        notes=(
            f"{options.rounds} rounds; joins/s {spread(ours)}; floor/s {spread(floors)}",
            f"ratio {spread(ratios)}",
        ),
    )


async def prepare(place: Room, size: int) -> tuple[Path, list[str]]:
    """Make a file with a show that has no ticket left to promise, and people."""
    path = place.file("base")
    async with ground(path) as here:
        (show_id,) = await here.open(draft("line", [tier("Pista", 1)], open_terms()))
        first, *people = await here.register(size + 1)
        request = Join(show_id=show_id, purchase_id=here.ids.new(), customer_id=first)
        answer = await here.office.join(request)
        assert isinstance(answer, Joined), answer
        assert answer.state is State.CHOOSING, answer
    return path, people


async def join(where: Path | Database, people: list[str]) -> tuple[float, list[float]]:
    """Have everyone join; return the seconds it took, all and each."""
    async with ground(where) as here:

        async def one(_: int, customer_id: str) -> None:
            request = Join(show_id=1, purchase_id=here.ids.new(), customer_id=customer_id)
            answer = await here.office.join(request)
            assert isinstance(answer, Joined), answer

        return await crowd(people, min(CALLERS, len(people)), one)


def _floor(place: Room, base: Path, path: Path) -> float:
    """Return joins a second."""
    copy = place.copy(base, "floor")
    timed, bulk = Writer(copy), Writer(copy)
    script = Script(base, path)
    steps = script.steps()
    every = max(1, script.length // _TIMED)
    number = 0
    while some := list(islice(steps, _STRETCH)):
        if number % every == 0:
            timed.one_by_one(some)
        else:
            bulk.together(some, _STRETCH)
        number += 1
    timed.close()
    bulk.close()
    assert same_rows(copy, path), "what was written again is not what the office wrote"
    drop(copy)
    return timed.steps / timed.seconds
