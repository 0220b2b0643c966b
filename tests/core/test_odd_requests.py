"""Requests that no honest face makes: each is refused, and harms nobody who asks beside it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from core import outcomes as out
from core import requests as ask
from core.box_office import BoxOffice
from core.views import PurchaseView
from payments.counter import Taken, take_cash
from tests.auxil import books
from tests.auxil.drafts import show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.offices import publish


@pytest.fixture(autouse=True)
async def on_sale(office: BoxOffice, path: Path) -> AsyncIterator[None]:
    """A show is on sale, to people who are known; whatever was asked, the books add up."""
    await publish(office, show(tier("pista", 9)))
    await office.run(ask.OpenSale(show_id=1))
    await register(office, "chooser", "buyer", "honest")
    yield
    books.check(path)


def join(purchase_id: str, customer_id: str) -> ask.Join:
    return ask.Join(show_id=1, purchase_id=purchase_id, customer_id=customer_id)


@pytest.mark.parametrize(
    "purchase_id",
    ["\N{PARTY POPPER}" * 64, "a\nline", "line\n", "a\0nul", "", "in words", "x" * 65],
    ids=["emoji", "newline", "newline at the end", "nul", "empty", "spaces", "too long"],
)
async def test_a_purchase_id_that_is_none(purchase_id: str, office: BoxOffice) -> None:
    answer = await office.join(join(purchase_id, "honest"))
    assert isinstance(answer, out.Malformed)
    assert answer.field == "purchase_id"


@pytest.mark.parametrize("purchase_id", ["1234", "Az_0-9", "x" * 64])
async def test_a_purchase_id_that_is_one(purchase_id: str, office: BoxOffice) -> None:
    answer = await office.join(join(purchase_id, "honest"))
    assert isinstance(answer, out.Joined)
    assert answer.purchase_id == purchase_id


def choose(*wanted: object) -> ask.Choose:
    return ask.Choose(show_id=1, purchase_id="chooser", wanted=cast("Any", wanted))


def known_by(*contacts: tuple[str, str]) -> ask.Register:
    return ask.Register(customer_id="newcomer", contacts=contacts)


def check_out(*, payment_id: str = "payment", outside: int = 0) -> ask.CheckOut:
    return ask.CheckOut(
        show_id=1,
        purchase_id="chooser",
        payment_id=payment_id,
        gateway="counter",
        method="cash",
        outside=outside,
    )


def captured(event_id: str) -> ask.Report:
    return ask.Report(
        show_id=1,
        payment_id="buyer-pay",
        event_id=event_id,
        state="captured",
        amount_minor=110,
        currency="BRL",
    )


def refund(*ticket_nos: object) -> ask.Refund:
    return ask.Refund(
        show_id=1,
        purchase_id="buyer",
        refund_id="refund",
        reason="",
        ticket_nos=cast("Any", ticket_nos),
    )


ODD: dict[str, tuple[str, ask.Request]] = {
    "half a ticket": ("choose", choose((1, 1.5))),
    "a letter of tickets": ("choose", choose((1, "x"))),
    "a truth of tickets": ("choose", choose((1, True))),
    "21 lines": ("choose", choose(*((fare_no, 1) for fare_no in range(1, 22)))),
    "an address that is no text": ("register", known_by(("email", "\ud800"))),
    "one contact twice": ("register", known_by(("email", "a@b.c"), ("email", "a@b.c"))),
    "a channel of 1 MB": ("register", known_by(("x" * 1_000_000, "1"))),
    "neither inside nor outside": ("check_out", check_out(outside=2)),
    "an event of 300 characters": ("report", captured("e" * 300)),
    "a ticket by its name": ("refund", refund("one")),
}


@pytest.mark.parametrize(("door", "odd"), ODD.values(), ids=ODD)
async def test_odd_input_is_refused_and_harms_no_one(
    door: str, odd: ask.Request, office: BoxOffice
) -> None:
    chooser, buyer = Fan(office, 1, "chooser"), Fan(office, 1, "buyer")
    await chooser.join()
    await chooser.choose()
    await buyer.buy()

    async def stand() -> list[PurchaseView | None]:
        return [await office.look.purchase(1, fan.name) for fan in (chooser, buyer)]

    before = await stand()
    refused, joined = await asyncio.gather(
        getattr(office, door)(odd), office.join(join("honest", "honest"))
    )
    assert isinstance(refused, out.Malformed), refused
    assert isinstance(joined, out.Joined), joined
    assert await stand() == before


async def test_a_payment_with_a_long_name_can_be_paid(office: BoxOffice) -> None:
    fan = Fan(office, 1, "chooser")
    await fan.join()
    await fan.choose()
    order = await office.check_out(check_out(payment_id="p" * 60))
    assert isinstance(order, out.CheckedOut)
    cash = take_cash(order, 200, "BRL")
    assert isinstance(cash, Taken)
    assert isinstance(await office.report(cash.report), out.Paid)


async def test_registering_and_joining_in_one_batch(office: BoxOffice) -> None:
    known, joined = await asyncio.gather(
        office.register(known_by(("telegram", "1"))), office.join(join("first", "newcomer"))
    )
    assert known == out.Registered("newcomer")
    assert isinstance(joined, out.Joined), joined
    assert joined.state == "choosing"
