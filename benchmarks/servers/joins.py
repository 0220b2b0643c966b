"""Joining one line on PostgreSQL, against the same rows a transaction a person.

As `benchmarks.joins`, on a server. The floor is written by psycopg at 8 connections.
"""

from statistics import median

from benchmarks.ground import Room
from benchmarks.joins import SIZE, join, prepare
from benchmarks.loops import run
from benchmarks.replay import Script
from benchmarks.results import Figure, Result, quantile, spread
from benchmarks.running import Options, say
from benchmarks.servers.ground import carried, copied, floor, server


def measure(place: Room, options: Options) -> Result:
    """Measure in rounds."""
    size = options.size or SIZE
    base, people = run(prepare(place, size))
    written = place.copy(base, "written")
    run(join(written, people))
    ours, floors, took = list[float](), list[float](), list[float]()
    with server() as made, carried(made, base) as full:
        for number in range(options.rounds):
            with copied(made, full) as database:
                seconds, each = run(join(database, people))
                ours.append(size / seconds)
                took.extend(each)
            with copied(made, full) as database:
                floors.append(floor(database, Script(base, written).steps()))
            say(
                f"round {number + 1} of {options.rounds}: {ours[-1]:,.0f} joins/s, "
                f"floor {floors[-1]:,.0f}"
            )
    ratios = [a / b for a, b in zip(ours, floors, strict=True)]
    against = f"{median(floors):,.0f}/s, a transaction a person, 8 connections"
    return Result(
        name="joins",
        work=f"{size:,} people joining one line on PostgreSQL",
        figures=(
            Figure(field="joins_per_s", what="joins", value=median(ours), unit="/s"),
            Figure(
                field="ratio", what="times the floor", value=median(ratios), least=5, floor=against
            ),
            Figure(field="p99_ms", what="99 in 100", value=quantile(took, 0.99) * 1e3, unit=" ms"),
        ),
        notes=(f"joins/s {spread(ours)}; floor/s {spread(floors)}; ratio {spread(ratios)}",),
    )
