"""How soon another process hears of a change on PostgreSQL: as `benchmarks.changes`."""

from benchmarks.changes import SIZE, followed
from benchmarks.ground import Room
from benchmarks.results import Result
from benchmarks.running import Options
from benchmarks.servers.ground import server


def measure(place: Room, options: Options) -> Result:
    """Measure once."""
    del place  # The server has a place of its own.
    with server() as made, made.database() as database:
        return followed(database, database.url, options.size or SIZE)
