"""A purchase's cost with a million finished ones on PostgreSQL: as `benchmarks.growth`.

The finished ones are made in a SQLite file and carried over, as an office would be.
"""

from contextlib import ExitStack

from benchmarks import growth
from benchmarks.ground import Room
from benchmarks.loops import run
from benchmarks.results import Result
from benchmarks.running import Options
from benchmarks.servers.ground import carried, server


def measure(place: Room, options: Options) -> Result:
    """Measure in turns."""
    size = options.size or growth.SIZE
    paths = (place.file("empty"), place.file("full"))
    people = run(growth.prepare(paths, options, size))
    gigabytes = paths[1].stat().st_size / 1e9
    with server() as made, ExitStack() as stack:
        databases = [stack.enter_context(carried(made, path)) for path in paths]
        return run(growth.compare(databases, people, options, size, gigabytes))
