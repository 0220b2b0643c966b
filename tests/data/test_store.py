"""The store on either engine: what the rest of the house relies on, besides the rules."""

import asyncio
from contextlib import aclosing, closing, suppress
from itertools import count
from pathlib import Path
from threading import Event

import pytest

from core import limits
from core import requests as ask
from core.box_office import BoxOffice
from core.messages import Effect
from core.outcomes import Paid, Standing
from core.terms import DAY_MS
from core.views import ShowView, Views
from data.database import Database
from tests.auxil import books
from tests.auxil.drafts import T0_MS, show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.offices import CountedIds, HandClock, open_office, publish
from tests.auxil.places import new_database

WORKERS = 6
MESSAGES = 30
KINDS = ("receipt",)
MOMENTS = 100
PATIENCE_S = 30


async def sell(office: BoxOffice, tickets: int) -> None:
    await publish(office, show(tier("pista", tickets)))
    await office.run(ask.OpenSale(show_id=1))
    names = [f"fan{n}" for n in range(tickets)]
    await register(office, *names)
    sales = await asyncio.gather(*(Fan(office, 1, name).buy() for name in names))
    assert all(isinstance(sale, Paid) for sale in sales)


async def test_workers_at_once_lease_each_effect_once(database: Database) -> None:
    async with open_office(database) as one, open_office(database) as other:
        await sell(one, MESSAGES)
        leases = await asyncio.gather(
            *(
                office.take_effects(f"worker{n}", KINDS, MESSAGES // WORKERS)
                for n, office in enumerate([one, other] * (WORKERS // 2))
            )
        )
        leased = [effect.key for lease in leases for effect in lease]
        assert len(set(leased)) == len(leased)
        rest = await one.take_effects("last", KINDS, MESSAGES)
        assert {*leased, *(effect.key for effect in rest)} == await all_effects(database)
        assert await other.take_effects("nobody", KINDS, MESSAGES) == ()


async def all_effects(database: Database) -> set[str]:
    sql = "select * from effects where kind = 'receipt'"
    names = Effect.__dataclass_fields__
    rows = books.rows(database, sql)
    return {Effect(**{n: v for n, v in row.items() if n in names}).key for row in rows}


async def test_a_dead_workers_lease_ends(database: Database) -> None:
    clock = HandClock()
    async with open_office(database, clock) as office:
        await sell(office, 2)
        (first,) = await office.take_effects("dies", KINDS, 1)
        clock.ms += limits.LEASE_MS - 1
        (second,) = await office.take_effects("other", KINDS, 9)
        assert second.key != first.key
        clock.ms += 1
        (again,) = await office.take_effects("other", KINDS, 9)
        assert (again.key, again.attempts) == (first.key, first.attempts + 1)


async def test_a_lease_given_back_by_another_is_left_alone(database: Database) -> None:
    clock = HandClock()
    async with open_office(database, clock) as office:
        await sell(office, 1)
        (effect,) = await office.take_effects("one", KINDS, 1)
        await office.put_back(effect, "other", 0, "not mine")
        assert await office.take_effects("other", KINDS, 1) == ()
        await office.put_back(effect, "one", clock.ms, "it failed")
        assert [e.key for e in await office.take_effects("other", KINDS, 1)] == [effect.key]


async def test_a_batch_that_writes_one_row_twice_keeps_the_last(database: Database) -> None:
    async with open_office(database) as office:
        clerks = [
            ask.SetClerk(name="eva", add=add, role=role, password_hash=str(n))
            for n, (add, role) in enumerate([(True, "clerk"), (False, "manager"), (False, "door")])
        ]
        await asyncio.gather(*map(office.set_clerk, clerks))
        assert [(c.role, c.password_hash) for c in await office.look.clerks()] == [("door", "2")]


@pytest.mark.parametrize("word", ["100%", "a_b", "back\\slash", "ação"])
async def test_a_search_takes_no_word_for_a_pattern(database: Database, word: str) -> None:
    async with open_office(database) as office:
        await publish(office, show(tier("pista", 1), slug="hot"))
        assert await office.look.search(words=word) == ()
        assert len(await office.look.search(words="hot")) == 1


async def test_a_thing_and_its_parts_are_of_one_moment(database: Database) -> None:
    async with open_office(database, ids=CountedIds()) as office:
        await publish(office, show(tier("Show show", 1)))
    stop = Event()

    def rename() -> None:
        with closing(books.vandal(database)) as other:
            for name in map(str, count(1)):
                books.run(other, "begin")
                books.run(other, "update shows set title = :name where show_id = 1", name=name)
                books.run(other, "update tiers set name = :name where show_id = 1", name=name)
                books.run(other, "commit")
                if stop.is_set():
                    return

    async with database.store() as store:
        renaming = asyncio.create_task(asyncio.to_thread(rename))
        seen: set[str] = set()
        try:
            while len(seen) < MOMENTS:
                view = await store.views.show(1)
                assert view is not None
                assert [view.card.title] == [tier.name for tier in view.tiers]
                seen.add(view.card.title)
                await asyncio.sleep(0)
        finally:
            stop.set()
            await renaming


async def test_the_store_can_be_asked_from_another_loop(tmp_path: Path) -> None:
    """What can't be read in the loop at once is read in the thread."""
    with new_database("sqlite", tmp_path) as made:
        async with open_office(made, ids=CountedIds()) as office:
            await publish(office, show(tier("pista", 1)))
        async with made.store() as store:
            view = await asyncio.to_thread(lambda: asyncio.run(_show(store.views)))
            assert view is not None
            assert view.card.slug == "show"


async def _show(views: Views) -> ShowView | None:
    return await views.show(1)


async def test_ids_sort_by_code_point(database: Database) -> None:
    """The draw's list is digested in this order, by us and by anyone who checks it."""
    names = ["a", "B", "Z", "b-c", "b_c", "_", "-", "9"]
    async with open_office(database) as office:
        draft = show(tier("pista", 1), lobby_opens_ms=T0_MS, sale_opens_ms=T0_MS + DAY_MS)
        await publish(office, draft)
        await register(office, *names)
        joined = await asyncio.gather(*(Fan(office, 1, name).join() for name in names))
        assert all(isinstance(one, Standing) for one in joined)
        assert await office.look.lobby_ids(1, "", 99) == tuple(sorted(names))


async def test_changes_that_nobody_told_are_found_all_the_same(database: Database) -> None:
    async with open_office(database, ids=CountedIds()) as office:
        await publish(office, show(tier("pista", 1)))
    async with database.store() as store, aclosing(store.changes()) as changes:
        await anext(changes)
        with closing(books.plain(database)) as silent:
            books.run(silent, "update books set ledger_seq = ledger_seq + 1 where show_id = 1")
        assert await asyncio.wait_for(anext(changes), PATIENCE_S) <= {1}


async def test_changes_told_together_are_all_heard(tmp_path: Path) -> None:
    """What several processes tell may arrive in one packet; who was told does not look."""
    with new_database("postgres", tmp_path) as made, closing(books.plain(made)) as others:
        async with made.store() as store, aclosing(store.changes()) as changes:
            await anext(changes)
            told = "pg_notify('bilheteria', '[[' || n || ',1]]')"
            books.run(others, f"select {told} from generate_series(7, 9) n")
            heard: set[int] = set()
            while heard != {7, 8, 9}:
                heard |= await asyncio.wait_for(anext(changes), PATIENCE_S)


async def test_who_hears_much_still_looks_for_what_nobody_told(tmp_path: Path) -> None:
    with new_database("postgres", tmp_path) as made:
        async with open_office(made, ids=CountedIds()) as office:
            await publish(office, show(tier("pista", 1)))
        async with made.store() as store, aclosing(store.changes()) as changes:
            await anext(changes)
            with closing(books.plain(made)) as others:
                books.run(others, "update books set ledger_seq = ledger_seq + 1 where show_id = 1")
                for told in range(7, 3_000):
                    books.run(others, f"select pg_notify('bilheteria', '[[{told},1]]')")
                    heard = await asyncio.wait_for(anext(changes), PATIENCE_S)
                    if 1 in heard:
                        break
                    await asyncio.sleep(0.01)
                else:
                    pytest.fail("nobody looked")


async def test_who_gives_up_does_not_break_a_statement_off(tmp_path: Path) -> None:
    """psycopg's pool loses connections that a cancelled task was about to be given."""
    with new_database("postgres", tmp_path) as made:
        async with open_office(made) as office:
            await sell(office, 1)
        async with made.store() as store:
            asking = asyncio.create_task(store.lease("worker", KINDS, T0_MS + DAY_MS, 1))
            await asyncio.sleep(0)
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking
        (receipt,) = books.rows(made, "select leased_by from effects where kind = 'receipt'")
        assert receipt["leased_by"] == "worker"
