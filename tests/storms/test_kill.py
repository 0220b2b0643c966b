"""Killed (-9) at any instant: every answer given stays true, and the rest can be asked again."""

import json
import time
from collections.abc import Callable
from contextlib import closing
from random import Random
from typing import Any

from core import requests as ask
from core.outcomes import Standing
from data.database import Database
from tests.auxil import books
from tests.auxil.children import start
from tests.auxil.drafts import T0_MS, show, tier
from tests.auxil.offices import CountedIds, HandClock, open_office, publish
from tests.auxil.places import address
from tests.storms.seller import ROUND_MS

KILLS = {"sqlite": 50, "postgres": 20}
"""A server outlives them all; `test_server` kills that too."""
LONGEST_S = 0.12


async def test_fifty_kills(database: Database, engine: str) -> None:
    chance = Random(9)
    async with open_office(database) as office:
        shows = (show(tier("pista", 5_000), slug="big"), show(tier("pista", 12), slug="small"))
        await publish(office, *shows)
        for show_id in (1, 2):
            await office.run(ask.OpenSale(show_id=show_id))
    answered = 0
    for turn in range(1, KILLS[engine] + 1):
        said = sell_and_kill(database, turn, chance.uniform(0, LONGEST_S))
        asked = {line[1]: line[2:] for line in said if line[0] == "ask"}
        answers = {line[1]: line[2:] for line in said if line[0] == "answer"}
        with closing(books.plain(database)) as connection:
            for number, (kind, facts) in answers.items():
                assert_still_true(connection, asked[number], kind, facts)
        books.check(database)
        await ask_again(database, turn, [asked[n] for n in asked.keys() - answers.keys()])
        answered += len(answers)
    books.check(database)
    assert answered > KILLS[engine], "the processes were killed before they did anything"


def sell_and_kill(database: Database, turn: int, after_s: float) -> list[list[Any]]:
    """Let a process sell, kill it, and return all that it said."""
    with start("seller", address(database), turn) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(after_s)
        child.kill()
        lines = [first, *child.stdout]
    assert child.returncode == -9
    return [json.loads(line) for line in lines if line.endswith("\n")]


def assert_still_true(
    connection: books.Plain, request: list[Any], kind: str, answer: dict[str, Any]
) -> None:
    """What was answered can be found in the file, by the request's own names."""
    find = _FINDERS.get((request[0], kind))
    if find is not None:
        assert find(connection, request[1], answer), (request, kind, answer)


def _count(connection: books.Plain, table: str, **cells: object) -> int:
    where = " and ".join(f"{name} = :{name}" for name in cells)
    sql = f"select count(*) as n from {table} where {where}"
    return books.read(connection, sql, **cells)[0]["n"]


def _joined(connection: books.Plain, asked: dict[str, Any], answer: dict[str, Any]) -> bool:
    key = {name: asked[name] for name in ("show_id", "purchase_id", "customer_id")}
    return _count(connection, "purchases", **key, number=answer["number"]) == 1


def _chosen(connection: books.Plain, asked: dict[str, Any], answer: dict[str, Any]) -> bool:
    del answer
    ((fare_no, quantity),) = asked["wanted"]
    sql = """select count(*) as n from ledger where show_id = :show_id and kind = 'chosen'
        and purchase_id = :purchase_id and data like :basket"""
    values = {name: asked[name] for name in ("show_id", "purchase_id")}
    values["basket"] = f"%[[{fare_no},{quantity},0]]%"
    return books.read(connection, sql, **values)[0]["n"] == 1


def _checked_out(connection: books.Plain, asked: dict[str, Any], answer: dict[str, Any]) -> bool:
    key = {name: asked[name] for name in ("show_id", "purchase_id")}
    amount = answer["price_minor"] + answer["fee_minor"]
    payment = _count(
        connection, "payments", payment_id=asked["payment_id"], amount_minor=amount, **key
    )
    return payment == _count(connection, "orders", price_minor=answer["price_minor"], **key) == 1


def _paid(connection: books.Plain, asked: dict[str, Any], answer: dict[str, Any]) -> bool:
    del asked
    key = {name: answer[name] for name in ("show_id", "purchase_id")}
    receipts = _count(connection, "effects", kind="receipt", **key)
    completed = _count(connection, "purchases", state="completed", **key)
    return receipts == completed == 1 and _count(connection, "tickets", **key) == answer["tickets"]


def _refunded(connection: books.Plain, asked: dict[str, Any], answer: dict[str, Any]) -> bool:
    key = {name: asked[name] for name in ("show_id", "purchase_id")}
    amount = {"refund_id": asked["refund_id"], "amount_minor": answer["amount_minor"]}
    orders = _count(connection, "effects", kind="payment.refund", **key)
    return _count(connection, "refunds", **amount, **key) == orders == 1


def _left(connection: books.Plain, asked: dict[str, Any], answer: dict[str, Any]) -> bool:
    key = {name: asked[name] for name in ("show_id", "purchase_id")}
    return _count(connection, "purchases", state=answer["state"], **key) == 1


_FINDERS: dict[tuple[str, str], Callable[[books.Plain, dict[str, Any], dict[str, Any]], bool]] = {
    ("Register", "Registered"): lambda connection, asked, _: (
        _count(connection, "customers", customer_id=asked["customer_id"]) == 1
    ),
    ("Join", "Joined"): _joined,
    ("Choose", "Chosen"): _chosen,
    ("CheckOut", "CheckedOut"): _checked_out,
    ("Report", "Paid"): _paid,
    ("Refund", "Refunded"): _refunded,
    ("Leave", "Leaving"): _left,
}
DOORS = {
    "Register": "register",
    "Join": "join",
    "Choose": "choose",
    "CheckOut": "check_out",
    "Report": "report",
    "Refund": "refund",
    "Leave": "leave",
}


async def ask_again(database: Database, turn: int, unanswered: list[list[Any]]) -> None:
    """Whoever got no answer asks again, and gets one: of the same effect, had it had one."""
    ids = CountedIds()
    ids.count = turn * 1_000_000 + 500_000
    clock = HandClock(T0_MS + (turn + 1) * ROUND_MS - 1)
    async with open_office(database, clock, ids) as office:
        for kind, fields in unanswered:
            parts = {k: _tuples(v) if isinstance(v, list) else v for k, v in fields.items()}
            answer = await getattr(office, DOORS[kind])(getattr(ask, kind)(**parts))
            again = await getattr(office, DOORS[kind])(getattr(ask, kind)(**parts))
            assert type(again) is type(answer)
            if isinstance(answer, Standing) and isinstance(again, Standing):
                assert (again.state, again.number) == (answer.state, answer.number)


def _tuples(cells: list[Any]) -> tuple[Any, ...]:
    return tuple(tuple(cell) if isinstance(cell, list) else cell for cell in cells)
