"""A process whose fans all want tickets of show 1, until none can be had.

    python -m tests.storms.racer DATABASE NAME FANS

It prints the ids of the purchases that got tickets, as they get them.
"""

import asyncio
import sys

from core import requests as ask
from core.box_office import BoxOffice
from core.purchase import State
from data.database import Database, database_at
from tests.auxil.fans import Fan, register
from tests.auxil.offices import CountedIds, open_office


async def want(office: BoxOffice, name: str) -> None:
    """Join, wait for the turn, buy one ticket."""
    await register(office, name)
    fan = Fan(office, 1, name)
    joined = await fan.join()
    while joined.state is State.IN_LINE:
        await asyncio.sleep(0.01)
        seen = await office.look.purchase(1, name)
        assert seen is not None
        if seen.sold_out:
            return
        if seen.purchase.state is State.CALLED:
            await office.claim(ask.Claim(show_id=1, purchase_id=name))
            break
    await fan.buy()
    print(name, flush=True)


async def main(database: Database, name: str, fans: int) -> None:
    """Let all fans of this process want a ticket at once."""
    ids = CountedIds()
    ids.count = 1_000_000 * ord(name[0])
    async with open_office(database, ids=ids) as office:
        await asyncio.gather(*(want(office, f"{name}{n}") for n in range(fans)))


if __name__ == "__main__":
    asyncio.run(main(database_at(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
