"""Whoever edits a row by hand is found: every column of every table, tried one by one."""

import asyncio
import dataclasses
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.box_office import BoxOffice
from core.caretaker import Caretaker
from core.catalogue import Series, ShowDraft
from core.ledger import START, encode, link
from core.outcomes import Changed, CheckedOut
from core.requests import (
    Change,
    CheckIn,
    CheckOut,
    Choose,
    CloseShift,
    EffectDead,
    EffectDone,
    Erase,
    MoveCash,
    OpenShift,
    Prefer,
    Refund,
    Register,
    SendAgain,
    SetClerk,
    TellChange,
)
from core.terms import HOUR_MS
from data.database import Database
from tests.auxil.drafts import T0_MS, fare, show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.forging import REFUSED, Forger, forging, loosen
from tests.auxil.offices import SIGNER, HandClock, open_office, publish
from tests.auxil.places import ENGINES, new_database

BOOKKEEPING = {
    "books": {"calls_clear_ms", "told_place", "wake_ms"},  # Pace and wake-up: worked out anew.
    "effects": {"due_ms", "attempts", "leased_by", "error"},  # How often it was tried, and when.
}
"""Columns that are no evidence, each with its reason."""
NO_EVIDENCE = {
    "attempts",  # How channels answered: the ledger has how each message ended.
    "paces",  # When channels take the next message.
    "documents",  # Erased after the show: not in the chain.
}


async def fill(database: Database) -> None:
    """Live through everything that writes a row."""
    clock = HandClock()
    async with open_office(database, clock) as office:
        pista = tier("pista", 20, fare("inteira"), fare("meia", 50, quota="meia"), window=5)
        hot = show(
            pista,
            tier("balcao", 5),
            slug="hot",
            quotas={"meia": 8},
            lobby_opens_ms=T0_MS,
            sale_opens_ms=T0_MS + HOUR_MS,
            limit_per_customer=20,
        )
        hot = dataclasses.replace(hot, series=Series(slug="tour", title="The tour"))
        show_id = (await publish(office, hot))["hot"]
        await office.set_clerk(SetClerk(name="eva", add=True, role="clerk", password_hash="x"))
        names = ("ana", "beto", "caio", "duda", "edu", "fabi", "gil", "hugo", "iris", "kim")
        await register(office, *names, "gone")
        for customer_id in ("gone", "ana", "beto"):
            await office.prefer(
                Prefer(customer_id=customer_id, language="en", channels=("telegram",))
            )
        await office.prefer(Prefer(customer_id="beto", channels=()))
        await office.erase(Erase(customer_id="gone"))
        fans = {name: Fan(office, show_id, name) for name in names}
        await fans["ana"].join()
        await fans["beto"].join()
        clock.ms += HOUR_MS
        caretaker = Caretaker(office, SIGNER)
        await caretaker.round()
        await sell(office, clock, fans)
        await caretaker.round()
        await change(office, show_id, hot)
        await caretaker.round()
        # A second one, of which not everybody was told yet.
        await change(office, show_id, dataclasses.replace(hot, doors_ms=hot.starts_ms - 1))
        step = TellChange(show_id=show_id, after="", purchase_ids=("ana",))
        await office.tell_change(step)


async def change(office: BoxOffice, show_id: int, draft: ShowDraft) -> None:
    """Another place, a tier closed, a new fare and another price."""
    pista = draft.tiers[0]
    fares = (dataclasses.replace(pista.fares[0], price_minor=120), *pista.fares[1:], fare("idoso"))
    other = dataclasses.replace(
        draft,
        venue=dataclasses.replace(draft.venue, address="Rua nova, 1"),
        tiers=(dataclasses.replace(pista, fares=fares),),
    )
    done = await office.change(Change(show_id=show_id, draft=other))
    assert isinstance(done, Changed), done


async def sell(office: BoxOffice, clock: HandClock, fans: dict[str, Fan]) -> None:
    """Leave purchases in every state behind."""
    show_id = fans["ana"].show_id
    for effect in await office.take_effects("tests", ("your_turn",), 10):
        done = EffectDone(show_id=show_id, ledger_seq=effect.ledger_seq, item=effect.item)
        await office.finish(done)
    for effect in await office.take_effects("tests", ("draw_result",), 1):
        seq, item = effect.ledger_seq, effect.item
        await office.finish(
            EffectDead(show_id=show_id, ledger_seq=seq, item=item, error="no such chat"),
        )
    for effect in await office.take_effects("tests", ("milestone", "draw_result"), 2):
        seq, item = effect.ledger_seq, effect.item
        if effect.kind == "milestone":
            await office.finish(EffectDone(show_id=show_id, ledger_seq=seq, item=item))
        else:
            await office.finish(EffectDead(show_id=show_id, ledger_seq=seq, item=item, error=""))
        await office.send_again(SendAgain(show_id=show_id, ledger_seq=seq, item=item))
    await fans["caio"].buy(4, 2)
    await fans["duda"].join()
    await fans["duda"].choose(2)
    await fans["duda"].check_out(outside=1)
    await fans["edu"].join()
    wanted = ((1, 6), (3, 5))
    await office.choose(Choose(show_id=show_id, purchase_id="edu", wanted=wanted))
    await keep_drawers(office, Fan(office, show_id, "hugo", "window"))
    await Fan(office, show_id, "iris", "window").join()
    await fans["fabi"].join()
    await fans["gil"].join()
    await fans["kim"].join()
    caio = await office.look.purchase(show_id, "caio")
    assert caio is not None
    order_no = caio.purchase.number or 0
    await office.check_in(CheckIn(show_id=show_id, order_no=order_no, ticket_no=1, where="gate"))
    clock.ms += 1_000
    await office.refund(
        Refund(
            show_id=show_id,
            purchase_id="caio",
            refund_id="caio-back",
            reason="ill",
            ticket_nos=(2,),
        ),
    )
    await office.register(Register(customer_id="joao", contacts=(("email", "joao@example.org"),)))


async def keep_drawers(office: BoxOffice, hugo: Fan) -> None:
    """A sale in a drawer that is closed after it, and another drawer that stays open."""
    actor: dict[str, Any] = {"actor": "clerk:eva"}
    opened = OpenShift(shift_id="day", currency="BRL", float_minor=500, **actor)
    await office.open_shift(opened)
    moved = MoveCash(shift_id="day", move_id="m", amount_minor=50, reason="change", **actor)
    await office.move_cash(moved)
    await hugo.join()
    await hugo.choose(2)
    order = await office.check_out(
        CheckOut(
            show_id=hugo.show_id,
            purchase_id="hugo",
            payment_id="hugo-pay",
            gateway="counter",
            method="cash",
            outside=0,
            shift_id="day",
            **actor,
        ),
    )
    assert isinstance(order, CheckedOut), order
    await hugo.pay(order.total_minor)
    await office.close_shift(CloseShift(shift_id="day", counted=((100, 7),), **actor))
    await office.open_shift(dataclasses.replace(opened, shift_id="night", float_minor=0))


@pytest.fixture(scope="module", params=ENGINES)
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    with new_database(request.param, tmp_path_factory.mktemp("filled")) as made:
        asyncio.run(fill(made))
        loosen(made)
        yield made


@pytest.fixture
def forger(filled: Database, tmp_path: Path) -> Iterator[Forger]:
    """A copy opened by someone who may do anything."""
    with forging(filled, tmp_path) as made:
        yield made


def tables() -> dict[str, list[str]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(
            (Path(__file__).parents[2] / "data" / "schema.sql").read_text(encoding="utf-8"),
        )
        names = [
            r[0] for r in connection.execute("select name from sqlite_master where type='table'")
        ]
        return {
            name: [row[1] for row in connection.execute(f"pragma table_info({name})")]
            for name in names
        }


EVIDENCE = [
    (table, column)
    for table, columns in tables().items()
    if table not in NO_EVIDENCE
    for column in columns
    if column not in BOOKKEEPING.get(table, set())
]


def test_a_sale_nobody_touched_is_proved(forger: Forger) -> None:
    for table in tables().keys() - NO_EVIDENCE:
        assert forger.execute(f"select count(*) from {table}").fetchone()[0], f"{table} is empty"
    verdict = forger.audit()
    assert verdict.ok, verdict.problems
    assert verdict.shows["1"]["tickets_worth_minor"] > 0


@pytest.mark.parametrize(("table", "column"), EVIDENCE, ids=[f"{t}.{c}" for t, c in EVIDENCE])
def test_any_edited_cell_is_found(forger: Forger, table: str, column: str) -> None:
    columns = tables()[table]
    rows = forger.execute(f"select * from {table}").fetchall()
    tried = 0
    for row in (rows[0], rows[len(rows) // 2], rows[-1]):
        cell = row[columns.index(column)]
        forged = "7" if cell is None else cell + 1_000 if isinstance(cell, int) else cell + "x"
        same = " and ".join(f"{name} is ?" for name in columns)
        forger.execute("begin")
        try:
            changed = forger.execute(
                f"update {table} set {column} = ? where {same}", (forged, *row)
            ).rowcount
        except REFUSED:
            forger.execute("rollback")
            continue
        forger.execute("commit")
        assert changed == 1
        tried += 1
        assert not forger.audit().ok, f"{column} of {row} became {forged!r}, unseen"
        restore = ", ".join(f"{name} = ?" for name in columns)
        new = [forged if name == column else old for name, old in zip(columns, row, strict=True)]
        forger.execute(f"update {table} set {restore} where {same}", (*row, *new))
    assert tried, "no cell could be forged"


@pytest.mark.parametrize("table", sorted(tables().keys() - NO_EVIDENCE))
def test_a_deleted_row_is_found(forger: Forger, table: str) -> None:
    columns = tables()[table]
    last = forger.execute(f"select * from {table}").fetchall()[-1]
    same = " and ".join(f"{name} is ?" for name in columns)
    assert forger.execute(f"delete from {table} where {same}", last).rowcount == 1
    assert not forger.audit().ok


def test_a_row_put_back_to_an_older_state_is_found(forger: Forger) -> None:
    """The refunded purchase gets back the tickets that it had before its refund."""
    row = forger.execute("select last_seq from purchases where purchase_id = 'caio'").fetchone()
    data = forger.execute("select data from ledger where show_id = 1 and seq = ?", row).fetchone()
    older = json.loads(data[0])["prev"]
    forger.execute(
        "update purchases set tickets = 4, last_seq = ? where purchase_id = 'caio'", (older,)
    )
    assert not forger.audit().ok


def test_the_first_wrong_row_is_named(forger: Forger) -> None:
    forger.execute("update ledger set actor = 'nobody' where show_id = 1 and seq = 3")
    problems = forger.audit(1).problems
    assert problems[0].where == "ledger 1/3"


FORGED = {
    "name of the erased": "update customers set name = 'Ana' where customer_id = 'gone'",
    "salt of the erased": "update customers set salt = 'x' where customer_id = 'gone'",
    "language of the erased": "update customers set language = 'x' where customer_id = 'gone'",
    "choice of the erased": "update customers set channels = 'x' where customer_id = 'gone'",
    "choice put back": "update customers set language = 'pt-BR', channels = ''"
    " where customer_id = 'ana'",
    "birth of the erased": "update customers set created_ms = 1 where customer_id = 'gone'",
    "words of the erased": "update customers set words = 'ana' where customer_id = 'gone'",
    "hour of the erasure": "update customers set erased_ms = 1 where customer_id = 'gone'",
    "contact of the erased": "insert into contacts values ('email', 'g@example.org', 'gone', 0)",
    "contact of nobody": "insert into contacts values ('email', 'g@example.org', 'nobody', 0)",
    "dead effect awoken": (
        "update effects set state = 'waiting', ended_ms = null, ended_seq = null"
        " where state = 'dead'"
    ),
    "empty purchase": "update ledger set purchase_id = '' where show_id = 1 and seq = 1",
    "empty purchase of the house": "update ledger set purchase_id = '' where show_id = 0",
    "venue of no show": "insert into venues values (99, 'a', 'b', 'c', 'd', 'e', 'f')",
    "series of no show": "insert into series values (99, 'a', 'b')",
}


@pytest.mark.parametrize("forgery", FORGED.values(), ids=FORGED)
def test_what_only_the_whole_shows_is_found(forger: Forger, forgery: str) -> None:
    assert forger.execute(forgery).rowcount
    assert forger.audit().problems


BROKEN_DATA = ["x", "", "[]", "7", "null", "{}", '{"effect":7}', "[" * 100_000]


def link_anew(forger: Forger, show_id: int) -> None:
    """Give each entry of a chain the hash that follows from what it says now."""
    head = START
    for row in forger.execute(
        "select seq, at_ms, kind, purchase_id, actor, data from ledger where show_id = ?"
        " order by seq",
        (show_id,),
    ).fetchall():
        head = link(head, show_id, *row)
        forger.execute(
            "update ledger set hash = ? where show_id = ? and seq = ?", (head, show_id, row[0])
        )


@pytest.mark.parametrize("data", BROKEN_DATA, ids=[one[:12] for one in BROKEN_DATA])
@pytest.mark.parametrize("linked", [False, True])
def test_an_entry_that_can_not_be_read_is_found(forger: Forger, data: str, linked: bool) -> None:
    kinds = forger.execute(
        "select distinct case when show_id > 0 then 1 else 0 end, kind from ledger"
    ).fetchall()
    assert {(0, "erased"), (1, "delivered"), (1, "published")} <= set(kinds)
    for show_id, kind in kinds:
        forger.execute("begin")
        forger.execute(
            "update ledger set data = ? where show_id = ? and kind = ?", (data, show_id, kind)
        )
        if linked:
            link_anew(forger, show_id)
        forger.execute("commit")
        assert forger.audit().problems, f"{kind} became {data[:12]!r}, unseen"


def without_names(show: dict[str, Any]) -> dict[str, Any]:
    del show["tiers"][0]["name"]
    return show


def capacity_in_words(show: dict[str, Any]) -> dict[str, Any]:
    show["tiers"][0]["capacity"] = "x"
    return show


BROKEN_SHOWS: dict[str, Callable[[dict[str, Any]], object]] = {
    "no tiers": lambda show: {k: v for k, v in show.items() if k != "tiers"},
    "no venue": lambda show: {k: v for k, v in show.items() if k != "venue"},
    "tiers without names": without_names,
    "capacity in words": capacity_in_words,
    "nothing": lambda _: {},
    "a list": lambda _: [],
}


@pytest.mark.parametrize("broken", BROKEN_SHOWS.values(), ids=BROKEN_SHOWS)
@pytest.mark.parametrize("linked", [False, True])
def test_a_show_published_in_pieces_is_found(
    forger: Forger, broken: Callable[[dict[str, Any]], object], linked: bool
) -> None:
    where = "where show_id = 1 and seq = 1"
    text = forger.execute(f"select data from ledger {where}").fetchone()[0]
    data = json.loads(text)
    data["show"] = encode(broken(json.loads(data["show"])))
    forger.execute(f"update ledger set data = ? {where}", (encode(data),))
    if linked:
        link_anew(forger, 1)
    assert forger.audit().problems


@pytest.mark.parametrize("prev", ["99999999999999999999999", "1e999", '"x"', "[]", "-1"])
def test_numbers_that_are_none_are_found(forger: Forger, prev: str) -> None:
    forger.execute(
        "update ledger set data = replace(data, '\"prev\":', '\"prev\":' || ? || ',\"was\":')"
        " where show_id = 1 and purchase_id is not null",
        (prev,),
    )
    link_anew(forger, 1)
    assert forger.audit().problems


@pytest.mark.parametrize(("table", "column"), EVIDENCE, ids=[f"{t}.{c}" for t, c in EVIDENCE])
def test_a_cell_of_another_kind_is_found(forger: Forger, table: str, column: str) -> None:
    for cell in ("z", b"y", 2**63 - 1):
        forger.execute("begin")
        try:
            forger.execute(f"update {table} set {column} = ?", (cell,))
        except REFUSED:
            forger.execute("rollback")
            continue  # One key takes one row, and PostgreSQL a number for a number.
        forger.execute("commit")
        assert forger.audit().problems, f"{column} became {cell!r}, unseen"
