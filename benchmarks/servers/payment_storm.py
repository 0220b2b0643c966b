"""The storm of payments on PostgreSQL: `benchmarks.payment_storm`, on a server of its own."""

from benchmarks import payment_storm
from benchmarks.ground import Room
from benchmarks.results import Result
from benchmarks.running import Options
from benchmarks.servers.ground import server


def measure(place: Room, options: Options) -> Result:
    """Run the storm and tell what it left."""
    with server() as made, made.database() as database:
        return payment_storm.measure(place, options, database.url)
