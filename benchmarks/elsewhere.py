"""A process that sells: `python -m benchmarks.elsewhere ADDRESS SHOW_ID`.

For each line it is given it sells one purchase, and writes the time (seconds of the epoch) at which
it asked for the tickets.
"""

import asyncio
import sys
from time import time

from app.clock import SystemClock
from app.ids import TimeOrderedIds
from benchmarks.buyers import buy
from benchmarks.ground import Ground
from benchmarks.loops import run
from core.box_office import BoxOffice
from data.database import database_at

_FIRST = 500_000
"""Its people are others than those of who else sells."""


async def main(address: str, show_id: int) -> None:
    """Sell until there is nothing more to read."""
    clock = SystemClock()
    ids = TimeOrderedIds(clock)
    async with database_at(address).store() as store:
        here, sold = Ground(BoxOffice(store, store.views, clock, ids), store, ids), 0
        while await asyncio.to_thread(sys.stdin.readline):
            (one,) = await here.register(1, _FIRST + sold)
            asked = time()
            await buy(here, show_id, one)
            print(asked, flush=True)
            sold += 1
        await here.office.close()


if __name__ == "__main__":
    run(main(sys.argv[1], int(sys.argv[2])))
