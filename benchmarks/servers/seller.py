"""A process that sells on a PostgreSQL server when it is told to: `python -m ...servers.seller`.

It reads a line of JSON (url, shows, people), says 'ready', reads a line, sells, says 'done'.
"""

import json
import sys
from typing import Any

from benchmarks.buyers import buy, crowd
from benchmarks.ground import ground
from benchmarks.loops import run
from data.postgres_database import PostgresDatabase

CALLERS = 1_000


async def main(told: dict[str, Any]) -> None:
    """Sell to everyone."""
    people: list[str] = told["people"]
    shows: list[int] = told["shows"]
    async with ground(PostgresDatabase(told["url"])) as here:
        print("ready", flush=True)
        sys.stdin.readline()

        async def one(number: int, customer_id: str) -> None:
            await buy(here, shows[number % len(shows)], customer_id)

        await crowd(people, min(CALLERS, len(people)), one)
    print("done", flush=True)


if __name__ == "__main__":
    run(main(json.loads(sys.stdin.readline())))
