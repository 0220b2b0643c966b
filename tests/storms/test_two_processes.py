"""Two processes sell on one database to the last ticket: not one too many, and one fair line."""

import asyncio

from core import requests as ask
from core.caretaker import Caretaker
from data.database import Database
from tests.auxil import books
from tests.auxil.children import start
from tests.auxil.drafts import T0_MS, show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.offices import SIGNER, CountedIds, HandClock, open_office, publish
from tests.auxil.places import address

TICKETS = 60
FANS = 50
"""In each process: 40 more than there are tickets for."""


async def test_to_the_last_ticket(database: Database) -> None:
    async with open_office(database) as office:
        await publish(office, show(tier("pista", TICKETS), calls_max=8, calls_per_s=1_000))
        await office.run(ask.OpenSale(show_id=1))
    bought: list[str] = []
    processes = [start("racer", address(database), name, FANS) for name in ("a", "b")]
    for process in processes:
        with process:
            assert process.stdout is not None
            bought += process.stdout.read().split()
        assert process.returncode == 0
    assert len(bought) == len(set(bought)) == TICKETS
    books.check(database)
    tier_row = books.rows(database, "select * from tiers")[0]
    assert (tier_row["sold"], tier_row["held"]) == (TICKETS, 0)
    assert {name[0] for name in bought} == {"a", "b"}
    sql = """select p.number from ledger as l
        join purchases as p on p.show_id = l.show_id and p.purchase_id = l.purchase_id
        where l.show_id = 1 and l.kind = 'called' order by l.seq"""
    called = [row["number"] for row in books.rows(database, sql)]
    assert called == sorted(called), "people were called out of their order"
    served = books.rows(database, "select number from purchases where state = 'completed'")
    assert sorted(row["number"] for row in served) == list(range(1, TICKETS + 1))


async def test_two_caretakers_at_once_do_everything_once(database: Database) -> None:
    clock, other_ids = HandClock(), CountedIds()
    other_ids.count = 1_000_000
    opens_ms = clock.ms + 60_000
    async with (
        open_office(database, clock) as one,
        open_office(database, clock, other_ids) as other,
    ):
        draft = show(tier("pista", 5), lobby_opens_ms=T0_MS, sale_opens_ms=opens_ms)
        await publish(one, draft)
        names = [f"fan{n}" for n in range(40)]
        await register(one, *names)
        await asyncio.gather(*(Fan(one, 1, name).join() for name in names))
        caretakers = [Caretaker(office, SIGNER) for office in (one, other)]
        for wait_ms in (60_000, 1_080_000, 1_080_000, 1_000, 5_000):
            clock.ms += wait_ms
            await asyncio.gather(*(caretaker.round() for caretaker in caretakers))
    books.check(database)
    kinds = books.rows(database, "select kind, count(*) as n from ledger group by kind")
    count = {row["kind"]: row["n"] for row in kinds}
    assert (count["lobby_closed"], count["draw_fixed"], count["opened"]) == (1, 1, 1)
    missed = books.rows(
        database,
        "select max(n) as most from (select count(*) as n from ledger"
        " where kind = 'missed' group by purchase_id) as missed",
    )
    assert missed[0]["most"] == 1
