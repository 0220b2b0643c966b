"""The storage is full, locked or gone; too many ask at once; a rule is broken."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from core import limits
from core import requests as ask
from core.box_office import BoxOffice
from core.outcomes import Paid, SaleNow, Standing, UnknownShow
from core.ports import BrokenInvariant, Overloaded, StorageLost
from core.purchase import State
from data.database import Database, OpenStore
from data.sqlite import SqliteStore
from tests.auxil import books
from tests.auxil.children import start
from tests.auxil.drafts import show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.offices import CountedIds, HandClock, new_file, open_office, publish
from tests.auxil.places import bare_database


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    async with SqliteStore(path) as opened:
        yield opened


async def begin(store: OpenStore) -> BoxOffice:
    """A sale of twenty tickets; ana to elis are known, ana is choosing."""
    office = BoxOffice(store, store.views, HandClock(), CountedIds())
    await publish(office, show(tier("pista", 20)))
    await office.run(ask.OpenSale(show_id=1))
    await register(office, "ana", "beto", "caio", "duda", "elis")
    await Fan(office, 1, "ana").join()
    return office


@pytest.fixture
async def on_file(store: SqliteStore) -> AsyncIterator[BoxOffice]:
    office = await begin(store)
    yield office
    await office.close()


@pytest.fixture
async def open_sale(database: Database) -> AsyncIterator[BoxOffice]:
    async with database.store() as store:
        office = await begin(store)
        yield office
        await office.close()


async def pragma(store: SqliteStore, text: str) -> int:
    """Set something of the writing connection, as an operator's disk or settings would."""
    return await store._writer.run(lambda c: c.execute(f"pragma {text}").fetchone()[0])


async def crowd_in(office: BoxOffice) -> None:
    """Newcomers, one after the other."""
    for count in range(400):
        await register(office, f"newcomer{count}")


async def test_a_full_disk_is_said_and_nothing_is_half_written(
    store: SqliteStore, on_file: BoxOffice, path: Path
) -> None:
    fan = Fan(on_file, 1, "ana")
    await fan.choose(2)
    before = books.rows(path, "select * from books")
    await pragma(store, f"max_page_count = {await pragma(store, 'page_count')}")
    with pytest.raises(StorageLost, match="full"):
        await crowd_in(on_file)
    with pytest.raises(StorageLost, match="the disk is full; make room"):
        await asyncio.gather(*(register(on_file, f"more{count}") for count in range(200)))
    assert books.rows(path, "select * from books where show_id = 1") == before[1:]
    books.check(path)
    await pragma(store, "max_page_count = 1000000")
    await fan.check_out()
    assert isinstance(await fan.pay(220), Paid)
    books.check(path)


def test_a_disk_that_writes_no_more_is_said_and_survived(tmp_path: Path) -> None:
    """A process whose files may not grow is told by the system that a write failed."""
    path = new_file(tmp_path / "office.db")
    with start("writer", path) as child:
        assert child.stdout is not None
        said = child.stdout.read().splitlines()
    assert child.returncode == 0
    refusals = [line for line in said if line.startswith("lost: ")]
    assert refusals, said
    assert all("the database can't be used" in line for line in refusals)
    assert said[-1] == "sold again"
    books.check(path)


async def test_a_locked_database_is_said_and_waited_out(
    store: SqliteStore, on_file: BoxOffice, path: Path
) -> None:
    fan = Fan(on_file, 1, "ana")
    await pragma(store, "busy_timeout = 20")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin exclusive")
        with pytest.raises(StorageLost, match="another program holds the database"):
            await fan.choose(2)
        seen = await on_file.look.purchase(1, "ana")
        assert seen is not None
        assert (seen.purchase.state, seen.purchase.tickets) == (State.CHOOSING, 0)
        other.execute("rollback")
    await fan.choose(2)
    await fan.check_out()
    assert isinstance(await fan.pay(220), Paid)
    books.check(path)


async def test_who_waits_on_a_locked_database_is_served_when_it_lets_go(
    on_file: BoxOffice, path: Path
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        waiting = asyncio.ensure_future(Fan(on_file, 1, "beto").join())
        await asyncio.sleep(0.05)
        assert not waiting.done()
        other.execute("rollback")
    assert (await waiting).state is State.CHOOSING


async def test_a_database_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageLost, match="the database can't be used"):
        async with SqliteStore(tmp_path / "nowhere" / "office.db"):
            pass


async def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "office.db"
    path.write_bytes(b"not a database" * 1_000)
    with pytest.raises(StorageLost, match="the database can't be used"):
        async with SqliteStore(path):
            pass


async def test_a_database_without_its_tables_is_said(engine: str, tmp_path: Path) -> None:
    with bare_database(engine, tmp_path) as bare, pytest.raises(StorageLost, match="doctor"):
        async with open_office(bare) as office:
            await office.run(ask.OpenSale(show_id=1))


async def test_past_the_named_limit_the_office_says_that_it_is_overloaded(
    office: BoxOffice,
) -> None:
    requests = [ask.Wake(show_id=9)] * limits.REQUESTS_WAITING
    waiting = [office.run(request) for request in requests]
    with pytest.raises(Overloaded, match="try again in a moment"):
        office.run(ask.Wake(show_id=9))
    answers = await asyncio.gather(*waiting)
    assert answers == [UnknownShow(9)] * limits.REQUESTS_WAITING
    assert await office.run(ask.Wake(show_id=9)) == UnknownShow(9)


async def test_a_broken_invariant_fails_only_its_own_request(
    open_sale: BoxOffice, database: Database
) -> None:
    fans = [Fan(open_sale, 1, name) for name in ("ana", "beto", "caio")]
    await asyncio.gather(*(fan.join() for fan in fans[1:]))
    await asyncio.gather(*(fan.choose() for fan in fans))
    await asyncio.gather(*(fan.check_out() for fan in fans))
    with closing(books.vandal(database)) as vandal:
        books.run(vandal, "delete from orders where purchase_id = 'beto'")
    answers = await asyncio.gather(
        fans[0].pay(110),
        fans[1].pay(110),
        fans[2].pay(110),
        Fan(open_sale, 1, "duda").join(),
        open_sale.run(ask.PauseSale(show_id=1)),
        return_exceptions=True,
    )
    assert isinstance(answers[0], Paid)
    assert isinstance(answers[1], BrokenInvariant)
    assert isinstance(answers[2], Paid)
    assert isinstance(answers[3], Standing)
    assert answers[4] == SaleNow(1, "paused")
    seen = await open_sale.look.purchase(1, "beto")
    assert seen is not None
    assert seen.purchase.state is State.PAYING


async def test_what_one_show_breaks_does_not_touch_another(
    open_sale: BoxOffice, database: Database
) -> None:
    await publish(open_sale, show(tier("pista", 2), slug="other"))
    await open_sale.run(ask.OpenSale(show_id=2))
    with closing(books.vandal(database)) as vandal:
        books.run(vandal, "update books set waiting = 3, opened = 0 where show_id = 1")
    broken, sound = await asyncio.gather(
        open_sale.leave(ask.Leave(show_id=1, purchase_id="ana")),
        Fan(open_sale, 2, "beto").join(),
        return_exceptions=True,
    )
    assert isinstance(broken, BrokenInvariant)
    assert isinstance(sound, Standing)
    assert sound.state is State.CHOOSING


@pytest.mark.parametrize(
    "purchase_id",
    ["", "x" * 65, "\ud800", "nul\0", "'; drop table purchases; --", "🎟" * 64, "a\nb"],
)
async def test_no_name_that_a_request_brings_harms_the_others(
    open_sale: BoxOffice, database: Database, purchase_id: str
) -> None:
    odd = ask.Join(show_id=1, purchase_id=purchase_id, customer_id="beto")
    beside = Fan(open_sale, 1, "caio")
    answers = await asyncio.gather(open_sale.join(odd), beside.join(), return_exceptions=True)
    assert not isinstance(answers[0], Exception), "a refusal is a value"
    assert isinstance(answers[1], Standing)
    books.check(database)
