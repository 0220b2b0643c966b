"""What only a server can do to an office: be killed, cut, restarted, or asked by many at once."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from core import requests as ask
from core.box_office import BoxOffice
from core.outcomes import Admitted, Paid
from core.ports import StorageLost
from core.purchase import State
from data.database import Database
from data.postgres_database import PostgresDatabase
from tests.auxil import books, postgres
from tests.auxil.children import start
from tests.auxil.drafts import show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.offices import open_office, publish
from tests.auxil.places import new_database, url
from tests.auxil.postgres import Server
from tests.auxil.wires import wired
from tests.storms.test_kill import assert_still_true

PROCESSES = 8
SHOWS = 10
FANS = 6
"""In each process; each wants tickets of four shows at once."""
DEATHS = 2


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with new_database("postgres", tmp_path) as made:
        yield made


async def test_many_processes_and_mixed_baskets_never_wait_for_each_other(
    database: Database,
) -> None:
    async with open_office(database) as office:
        drafts = [show(tier("pista", 40), slug=f"s{n}") for n in range(SHOWS)]
        await publish(office, *drafts)
        for show_id in range(1, SHOWS + 1):
            await office.run(ask.OpenSale(show_id=show_id))
    with ExitStack() as stack:
        children = [
            stack.enter_context(start("mixer", url(database), n, SHOWS, FANS))
            for n in range(PROCESSES)
        ]
        bought = sum(int(child.communicate()[0]) for child in children)
    assert [child.returncode for child in children] == [0] * PROCESSES
    books.check(database)
    assert books.rows(database, "select count(*) as n from tickets")[0]["n"] == bought > 0
    sql = "select deadlocks from pg_stat_database where datname = current_database()"
    assert books.rows(database, sql) == [{"deadlocks": 0}]


async def sell_one(office: BoxOffice) -> None:
    await publish(office, show(tier("pista", 20)))
    await office.run(ask.OpenSale(show_id=1))
    await register(office, "ana")
    await Fan(office, 1, "ana").buy()


@pytest.mark.parametrize("passed_on", [False, True], ids=["before", "after"])
async def test_cut_off_at_its_commit_a_batch_is_done_once_and_answered_right(
    database: PostgresDatabase, passed_on: bool
) -> None:
    """Whether the server still heard the word or not: the ticket is let in once, and told so."""
    async with wired(database) as (reached, wire), open_office(reached) as office:
        await sell_one(office)
        wire.cut_at(b"commit", passed_on=passed_on)
        answer = await office.check_in(
            ask.CheckIn(show_id=1, order_no=1, ticket_no=1, where="gate")
        )
        assert wire.cuts == 1
        assert isinstance(answer, Admitted)
    sql = "select count(*) as n from ledger where kind = 'checked_in'"
    assert books.rows(database, sql) == [{"n": 1}]
    books.check(database)


async def test_cut_off_while_it_reads_a_batch_is_run_again(database: PostgresDatabase) -> None:
    async with wired(database) as (reached, wire), open_office(reached) as office:
        await sell_one(office)
        await register(office, "beto")
        wire.cut_at(b"begin", passed_on=False)
        assert (await Fan(office, 1, "beto").join()).state is State.CHOOSING
        assert wire.cuts == 1
    books.check(database)


async def test_cut_off_connections_are_not_met_again(database: PostgresDatabase) -> None:
    async with wired(database) as (reached, wire), open_office(reached) as office:
        await sell_one(office)
        for name in ("beto", "caio", "duda"):
            wire.cut()
            await register(office, name)
            wire.cut()
            assert await office.look.show_id("show") == 1
            assert isinstance(await Fan(office, 1, name).buy(), Paid)
    books.check(database)


async def test_rows_that_another_program_holds_are_said_and_waited_out(database: Database) -> None:
    async with open_office(database) as office:
        await sell_one(office)
        await register(office, "beto", "caio")
        with closing(books.plain(database)) as other:
            books.run(other, "begin")
            books.run(other, "select * from books where show_id = 1 for update")
            with pytest.raises(StorageLost, match="another program holds these rows"):
                await Fan(office, 1, "beto").join()
            waiting = asyncio.ensure_future(Fan(office, 1, "caio").join())
            await asyncio.sleep(0.05)
            assert not waiting.done()
            books.run(other, "rollback")
        assert (await waiting).state is State.CHOOSING


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("postgresql://bilheteria@127.0.0.1:1/office", "see that the server runs"),
        ("postgresql://bilheteria:hunter2@127.0.0.1:{port}/no_such", "does not exist"),
        ("postgresql://nobody:hunter2@127.0.0.1:{port}/postgres", "nobody"),
    ],
)
async def test_what_can_not_be_reached_is_said_without_its_password(place: str, said: str) -> None:
    reached = PostgresDatabase(place.format(port=postgres.shared_server().port))
    with pytest.raises(StorageLost, match=said) as caught:
        async with open_office(reached):
            pass
    assert "hunter2" not in str(caught.value)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that may be killed."""
    with postgres.own_server() as made:
        yield made


async def test_the_server_is_killed_again_and_again_while_two_processes_sell(
    server: Server,
) -> None:
    database = PostgresDatabase(server.url("empty"))
    async with open_office(database) as office:
        shows = (show(tier("pista", 5_000), slug="big"), show(tier("pista", 12), slug="small"))
        await publish(office, *shows)
        for show_id in (1, 2):
            await office.run(ask.OpenSale(show_id=show_id))
    with ExitStack() as stack:
        heard = [Heard(stack, database, turn) for turn in (1, 2)]
        for one in heard:
            one.wait_for_more()
        for _ in range(DEATHS):
            server.kill()
            server.start()
            for one in heard:
                one.wait_for_more()
        for one in heard:
            one.child.kill()
    with closing(books.plain(database)) as connection:
        for one in heard:
            for number, (kind, facts) in one.answers.items():
                assert_still_true(connection, one.asked[number], kind, facts)
    books.check(database)


class Heard:
    """All that a selling process says, taken down while it says it."""

    MORE = 100

    def __init__(self, stack: ExitStack, database: PostgresDatabase, turn: int) -> None:
        self.child = stack.enter_context(start("seller", database.url, turn))
        self.asked: dict[int, list[Any]] = {}
        self.answers: dict[int, list[Any]] = {}
        self._more = threading.Semaphore(0)
        listener = threading.Thread(target=self._listen)
        listener.start()
        stack.callback(listener.join)

    def _listen(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            if not line.endswith("\n"):
                break
            said = json.loads(line)
            if said[0] == "ask":
                self.asked[said[1]] = said[2:]
            elif said[0] == "answer":
                self.answers[said[1]] = said[2:]
                self._more.release()

    def wait_for_more(self) -> None:
        """Wait until it was answered again, and again."""
        before = len(self.answers)
        while len(self.answers) < before + self.MORE:
            assert self._more.acquire(timeout=60), "it does not sell any more"
