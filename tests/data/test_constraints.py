"""Every invariant that SQL can say is held by the tables too, whoever writes to them."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from core import requests as ask
from data.database import Database
from data.sqlite import connect
from tests.auxil import books
from tests.auxil.drafts import fare, show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.offices import new_file, open_office, publish
from tests.auxil.places import ENGINES, new_database

PURCHASE = (
    "insert into purchases select show_id, 'new', customer_id, channel, state, number, place, pool,"
    " basket, tickets, deadline_ms, session_ms, chances, told_ahead, drawn, payment_id, ending,"
    " joined_ms, called_ms, ended_ms, last_seq from purchases where purchase_id = 'beto'"
)


@pytest.fixture(scope="module", params=ENGINES)
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    with new_database(request.param, tmp_path_factory.mktemp("filled")) as made:
        asyncio.run(fill(made))
        yield made


async def fill(database: Database) -> None:
    """Ana has two tickets of three, beto is choosing with one held, caio waits, duda pays."""
    draft = show(
        tier("pista", 4, fare("inteira", quota="todas"), window=1),
        quotas={"todas": 4},
    )
    async with open_office(database) as office:
        await publish(office, draft)
        await office.run(ask.OpenSale(show_id=1))
        await register(office, "ana", "beto", "caio", "duda")
        await Fan(office, 1, "ana").buy(2)
        beto = Fan(office, 1, "beto")
        await beto.join()
        await beto.choose()
        await Fan(office, 1, "caio").join()
        duda = Fan(office, 1, "duda", channel="window")
        await duda.join()
        await duda.choose()
        await duda.check_out(outside=1)


@pytest.fixture
def connection(filled: Database) -> Iterator[books.Plain]:
    with closing(books.plain(filled)) as made:
        if isinstance(made, sqlite3.Connection):
            made.execute("pragma foreign_keys = on")
        books.run(made, "begin")
        yield made
        books.run(made, "rollback")


WRONG = {
    "oversell by holding": "update tiers set held = held + 1",
    "oversell by selling": "update tiers set sold = sold + 1",
    "hold less than nothing": "update tiers set held = -1",
    "sell less than nothing": "update tiers set sold = -1",
    "shrink a tier below what is sold": "update tiers set capacity = 3",
    "go past a quota": "update quotas set used = used + 1",
    "use less than nothing of a quota": "update quotas set used = -1",
    "take more than an allotment has": "update allotments set taken = quantity + 1",
    "take less than nothing of an allotment": "update allotments set taken = -1",
    "promise less than nothing": "update promises set promised = -1",
    "count fewer than nobody in a block": "update blocks set waiting = -1",
    "count fewer than nobody in the book": "update books set waiting = -1",
    "draw more than the list has": "update books set drawn = to_draw + 1",
    "start numbers at nothing": "update books set next_number = 0",
    "make up a status of a sale": "update books set status = 'nearly open'",
    "make up a state of a purchase": "update purchases set state = 'almost'",
    "live twice at one show": PURCHASE.replace("number, place", "99, place"),
    "reuse a number": PURCHASE.replace("number, place", "1, place").replace("ended_ms,", "5,"),
    "take the number of another": "update purchases set number = 1 where purchase_id = 'caio'",
    "wait without a place": "update purchases set place = null where purchase_id = 'caio'",
    "choose without a number": "update purchases set number = null where purchase_id = 'beto'",
    "end a purchase that lives": "update purchases set ended_ms = 1 where purchase_id = 'beto'",
    "bring an ended purchase to life": (
        "update purchases set state = 'choosing' where purchase_id = 'ana'"
    ),
    "give a third chance": "update purchases set chances = 2",
    "hold less than no tickets": "update purchases set tickets = -1",
    "buy as nobody": "update purchases set customer_id = 'nobody'",
    "buy at no show": "update purchases set show_id = 77",
    "refund more than was captured": "update payments set refunded_minor = captured_minor + 1",
    "refund more than an order cost": (
        "update orders set refunded_minor = price_minor + fee_minor + 1"
    ),
    "owe for an order": "update orders set price_minor = -1",
    "make up a state of a payment": "update payments set state = 'paid'",
    "make up a state of an order": "update orders set state = 'paid twice'",
    "make up a state of a ticket": "update tickets set state = 'sold again'",
    "give a ticket out twice": "insert into tickets select * from tickets",
    "give a ticket without an order": "update tickets set purchase_id = 'beto'",
    "give a ticket of no fare": "update tickets set fare_no = 9",
    "pay for no order": "update payments set purchase_id = 'beto'",
    "take an event in twice": "insert into events select * from events",
    "forget a customer who bought": "delete from customers",
    "share a contact": "insert into contacts select channel, address, 'ana', 1 from contacts",
    "edit the ledger": "update ledger set data = '{}'",
    "edit the hash of an entry": "update ledger set hash = 'x' where seq = 1",
    "cut the ledger": "delete from ledger where seq = 3",
    "write an entry again": "insert into ledger select * from ledger",
    "write an effect without its cause": "update effects set ledger_seq = 999",
    "make up a state of an effect": "update effects set state = 'perhaps'",
    "make up a role": "insert into clerks values ('eva', 'owner', 'x')",
    "sell a tier of no seats": "insert into tiers values (1, 9, 'x', 0, 0, 0, 0)",
    "sell at a negative price": "update fares set price_minor = -1",
    "sell a fare of no tier": "update fares set tier_no = 9",
    "sell a fare of no quota": "update fares set quota_no = 9",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG.keys())
def test_the_tables_refuse_to(text: str, connection: books.Plain) -> None:
    with pytest.raises((sqlite3.IntegrityError, psycopg.IntegrityError)):
        books.run(connection, text)


def test_what_is_refused_is_what_is_wrong_and_not_how_it_is_written(
    connection: books.Plain,
) -> None:
    """The same statements with right values go through, so the refusals mean something."""
    another = PURCHASE.replace("number, place", "99, place")
    books.run(connection, another.replace("customer_id, channel, state", "'ana', channel, state"))
    books.run(connection, "update tiers set held = held - 1")
    books.run(connection, "update quotas set used = used - 1")
    books.run(connection, "update allotments set taken = 0")
    books.run(connection, "update books set status = 'paused'")
    books.run(connection, "insert into clerks values ('eva', 'manager', 'x')")


def test_a_database_is_opened_with_full_durability(tmp_path: Path) -> None:
    with closing(connect(new_file(tmp_path / "office.db"))) as connection:
        settings = {
            name: connection.execute(f"pragma {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_reader_writes_nothing(path: Path) -> None:
    with (
        closing(connect(path, read_only=True)) as reader,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        reader.execute("update tiers set held = 0")
