"""A process that follows a database: `python -m benchmarks.follower ADDRESS`.

It writes the time (seconds of the epoch) whenever it is told of a change, first when it follows.
"""

import sys
from contextlib import aclosing
from time import time

from benchmarks.loops import run
from data.database import database_at


async def main(address: str) -> None:
    """Follow until somebody ends it."""
    async with database_at(address).store() as store, aclosing(store.changes()) as changes:
        async for _ in changes:
            print(time(), flush=True)


if __name__ == "__main__":
    run(main(sys.argv[1]))
