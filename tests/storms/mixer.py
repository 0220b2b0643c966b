"""A process whose people want tickets of many shows at the same time.

    python -m tests.storms.mixer DATABASE NAME SHOWS FANS

Every batch is about several shows. It prints how many tickets were bought.
"""

import asyncio
import sys
from random import Random

from core.box_office import BoxOffice
from core.outcomes import CheckedOut, Paid, Standing
from core.purchase import State
from data.database import Database, database_at
from tests.auxil.fans import Fan, register
from tests.auxil.offices import CountedIds, open_office


async def want(office: BoxOffice, name: str, shows: list[int], chance: Random) -> int:
    """Buy at several shows at once; return how many tickets came of it."""
    await register(office, name)
    fans = [Fan(office, show_id, name) for show_id in shows]
    wanted = [chance.randint(1, 3) for _ in fans]
    return sum(await asyncio.gather(*(buy(fan, n) for fan, n in zip(fans, wanted, strict=True))))


async def buy(fan: Fan, quantity: int) -> int:
    joined = await fan.join()
    assert isinstance(joined, Standing), joined
    if joined.state is not State.CHOOSING:
        return 0
    await fan.choose(quantity)
    order = await fan.check_out()
    if not isinstance(order, CheckedOut):
        return 0
    assert isinstance(await fan.pay(order.total_minor), Paid)
    return quantity


async def main(database: Database, name: str, shows: int, fans: int) -> None:
    """Let all people of this process want tickets at once."""
    chance, ids = Random(name), CountedIds()
    ids.count = 1_000_000 * (1 + int(name))
    everywhere = list(range(1, shows + 1))
    async with open_office(database, ids=ids) as office:
        wants = (
            want(office, f"p{name}-{n}", chance.sample(everywhere, 4), chance) for n in range(fans)
        )
        print(sum(await asyncio.gather(*wants)), flush=True)


if __name__ == "__main__":
    asyncio.run(main(database_at(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
