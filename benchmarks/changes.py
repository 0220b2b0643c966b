"""How soon another process hears of a change: from the request to what its follower is told.

People join a line, one by one, and a second process that follows the database, as windows and bots
do, notes when it is told of something. The request's own time is in the figure.
"""

import asyncio
import sys
from bisect import bisect_left
from random import Random
from time import time

from benchmarks.ground import Room, draft, ground, open_terms, tier
from benchmarks.loops import run
from benchmarks.results import Figure, Result, quantile
from benchmarks.running import Options
from core.outcomes import Joined
from core.requests import Join
from data.database import Database, SqliteDatabase

SIZE = 1_000
_LONGEST_PAUSE_S = 0.15
_LAST_S = 2.0
"""After the last request; what was not heard of by then is not heard of at all."""


def measure(place: Room, options: Options) -> Result:
    """Measure once."""
    path = place.file("changes")
    return followed(SqliteDatabase(path), f"sqlite:{path}", options.size or SIZE)


def followed(database: Database, address: str, size: int) -> Result:
    """Measure on a database that the follower finds at `address`."""
    asked, heard = run(_join(database, address, size))
    unheard = sum(one > heard[-1] for one in asked)
    assert not unheard, f"{unheard} changes were not heard of"
    took_ms = [1_000 * (heard[bisect_left(heard, one)] - one) for one in asked]
    return Result(
        name="changes",
        work=f"{size:,} people join while another process follows",
        figures=(
            Figure(
                field="p99_ms",
                what="from request to heard elsewhere, 99 in 100",
                value=quantile(took_ms, 0.99),
                unit=" ms",
                most=200,
            ),
            Figure(field="p50_ms", what="half", value=quantile(took_ms, 0.5), unit=" ms"),
            Figure(field="longest_ms", what="longest", value=max(took_ms), unit=" ms"),
        ),
    )


async def _join(database: Database, address: str, size: int) -> tuple[list[float], list[float]]:
    """Have people join; return when each asked and when the follower heard of something."""
    chance, asked = Random(1), list[float]()
    async with ground(database) as here:
        (show_id,) = await here.open(draft("changes", [tier("Pista", size)], open_terms()))
        people = await here.register(size)
        command = [sys.executable, "-m", "benchmarks.follower", address]
        follower = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert follower.stdout is not None
        await follower.stdout.readline()  # It follows.
        for customer_id in people:
            await asyncio.sleep(chance.random() * _LONGEST_PAUSE_S)
            asked.append(time())
            join = Join(show_id=show_id, purchase_id=here.ids.new(), customer_id=customer_id)
            joined = await here.office.join(join)
            assert isinstance(joined, Joined), joined
        await asyncio.sleep(_LAST_S)
        follower.terminate()
        heard = [float(line) async for line in follower.stdout]
        await follower.wait()
    return asked, heard
