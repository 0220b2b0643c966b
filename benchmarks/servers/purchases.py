"""Whole purchases on PostgreSQL: one process, four on one show, four on four shows.

Each sells to the same number of people, registered beforehand, by 1,000 callers a process; the
processes begin together. The floor writes the rows of as many purchases of one show by psycopg:
one transaction a step, at 8 connections, on the same server.
"""

from statistics import median

from benchmarks.buyers import STEPS
from benchmarks.ground import Room
from benchmarks.loops import run
from benchmarks.purchases import SHOWS, prepare
from benchmarks.purchases import sell as sell_on_file
from benchmarks.replay import Script
from benchmarks.results import Figure, Result, spread
from benchmarks.running import Options, say
from benchmarks.servers.ground import carried, copied, floor, sell, server

SIZE = 20_000
ONE = (1,)
ALL = tuple(range(1, SHOWS + 1))
WAYS = {
    "one": [ONE],
    "one_four_shows": [ALL],
    "four": [ONE] * SHOWS,
    "four_four_shows": [(show,) for show in ALL],
}


def measure(place: Room, options: Options) -> Result:
    """Measure in rounds."""
    size = options.size or SIZE
    base, people = run(prepare(place, size))
    written = place.copy(base, "written")
    run(sell_on_file(written, people, shows=1))
    rates: dict[str, list[float]] = {name: [] for name in (*WAYS, "floor")}
    with server() as made, carried(made, base) as full:
        for number in range(options.rounds):
            for name, shares in WAYS.items():
                with copied(made, full) as database:
                    rates[name].append(sell(database, shares, people))
            with copied(made, full) as database:
                rates["floor"].append(floor(database, Script(base, written).steps()) / STEPS)
            found = ", ".join(f"{name} {rate[-1]:,.0f}/s" for name, rate in rates.items())
            say(f"round {number + 1} of {options.rounds}: {found}")
    return _result(size, rates)


def _result(size: int, rates: dict[str, list[float]]) -> Result:
    def times(name: str, other: str) -> float:
        return median(a / b for a, b in zip(rates[name], rates[other], strict=True))

    against = f"{median(rates['floor']):,.0f}/s, a transaction a step, 8 connections"
    return Result(
        name="purchases",
        work=f"{size:,} whole purchases on PostgreSQL",
        figures=(
            Figure(
                field="purchases_per_s",
                what="one process, one show",
                value=median(rates["one"]),
                unit="/s",
            ),
            Figure(field="floor_per_s", what="floor", value=median(rates["floor"]), unit="/s"),
            Figure(
                field="ratio",
                what="times the floor",
                value=times("one", "floor"),
                least=5,
                floor=against,
            ),
            Figure(
                field="four_on_one_show",
                what="four processes on one show, times one",
                value=times("four", "one"),
                least=1,
            ),
            Figure(
                field="four_on_four_shows",
                what="four processes on four shows, times one on four",
                value=times("four_four_shows", "one_four_shows"),
                least=1.5,
            ),
        ),
        notes=tuple(f"{name}/s {spread(rate)}" for name, rate in rates.items()),
    )
