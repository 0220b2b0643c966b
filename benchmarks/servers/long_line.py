"""A million people in one line on PostgreSQL: as `benchmarks.long_line`, on a server."""

from benchmarks import long_line
from benchmarks.ground import Room
from benchmarks.results import Result
from benchmarks.running import Options
from benchmarks.servers.ground import server


def measure(place: Room, options: Options) -> Result:
    """Measure once, in a child process; its memory is the office's, not the server's."""
    del place
    with server() as made, made.database() as database:
        return long_line.found_by_child(database.url, options.size or long_line.SIZE)
