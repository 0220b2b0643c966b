"""What providers ask and tell beyond a payment's state: approvals, disputes, money gone back."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core import outcomes as out
from core import requests as ask
from core.box_office import BoxOffice
from core.messages import Kind
from tests.auxil import books
from tests.auxil.drafts import show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.offices import CountedIds, HandClock, new_file, open_office, publish

MINUTE_MS = 60_000


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def office(tmp_path: Path, clock: HandClock) -> AsyncIterator[BoxOffice]:
    path = new_file(tmp_path / "money.db")
    async with open_office(path, clock, CountedIds()) as opened:
        await publish(opened, show(tier("pista", 3), slug="s"))
        await opened.run(ask.OpenSale(show_id=1))
        await register(opened, "ana", "beto")
        yield opened
    books.check(path)


async def paying(office: BoxOffice, tickets: int = 2) -> Fan:
    fan = Fan(office, 1, "ana")
    await fan.join()
    await fan.choose(tickets)
    await fan.check_out(outside=1)
    return fan


async def approve(office: BoxOffice, amount_minor: int = 220, currency: str = "BRL") -> object:
    request = ask.Approve(
        show_id=1, payment_id="ana-pay", amount_minor=amount_minor, currency=currency
    )
    return await office.approve(request)


async def told(office: BoxOffice) -> list[str]:
    return [
        effect.kind
        for effect in await office.look.effects_of(1, "ana")
        if not effect.kind.startswith("payment.")
    ]


async def test_approved_money_is_waited_for(office: BoxOffice, clock: HandClock) -> None:
    await paying(office)
    clock.ms += 9 * MINUTE_MS
    first = await approve(office)
    assert isinstance(first, out.Approved)
    assert first.deadline_ms == clock.ms + 2 * MINUTE_MS
    seen = await office.look.purchase(1, "ana")
    assert seen is not None
    assert (seen.payments[0].state, seen.payments[0].changed_ms) == ("pending", clock.ms)
    history = len(await office.look.history(1, "ana"))
    assert await approve(office) == first
    assert len(await office.look.history(1, "ana")) == history
    clock.ms += 119_000
    again = await approve(office)
    assert isinstance(again, out.Approved)
    assert again.deadline_ms == clock.ms + 2 * MINUTE_MS


async def test_approval_never_outlasts_the_session(office: BoxOffice, clock: HandClock) -> None:
    await paying(office)
    clock.ms += 9 * MINUTE_MS
    for _ in range(14):
        assert isinstance(await approve(office), out.Approved)
        clock.ms += MINUTE_MS
    answer = await approve(office)
    assert isinstance(answer, out.Approved)
    clock.ms += MINUTE_MS
    seen = await office.look.purchase(1, "ana")
    assert seen is not None
    assert answer.deadline_ms == seen.purchase.session_ms
    clock.ms += MINUTE_MS
    assert isinstance(await approve(office), out.CallExpired)


@pytest.mark.parametrize(("amount", "currency"), [(219, "BRL"), (221, "BRL"), (220, "USD")])
async def test_another_sum_is_not_approved(office: BoxOffice, amount: int, currency: str) -> None:
    await paying(office)
    assert isinstance(await approve(office, amount, currency), out.Malformed)


async def test_what_is_over_is_not_approved(office: BoxOffice, clock: HandClock) -> None:
    assert await approve(office) == out.UnknownPayment("ana-pay")
    fan = await paying(office)
    clock.ms += 10 * MINUTE_MS
    assert isinstance(await approve(office), out.CallExpired)
    clock.ms -= 10 * MINUTE_MS
    await office.leave(ask.Leave(show_id=1, purchase_id="ana"))
    assert await approve(office) == out.WrongState("leave")
    await fan.pay(220, "captured")
    assert await approve(office) == out.WrongState("completed")


async def test_an_old_attempt_is_not_approved(office: BoxOffice) -> None:
    fan = await paying(office)
    await fan.pay(220, "failed")
    assert await approve(office) == out.WrongState("failed")


async def paid(office: BoxOffice) -> None:
    fan = await paying(office)
    assert isinstance(await fan.pay(220), out.Paid)


async def dispute(office: BoxOffice, state: str, event: str = "") -> object:
    return await office.dispute(
        ask.Dispute(
            show_id=1,
            payment_id="ana-pay",
            event_id=event or f"dp-{state}",
            state=state,
            amount_minor=220,
            reference="dp_1",
        )
    )


async def test_a_dispute_is_noted_once_and_the_person_told(office: BoxOffice) -> None:
    await paid(office)
    for _ in range(2):
        assert await dispute(office, "opened") == out.Noted("ana-pay", "captured")
    assert await told(office) == [Kind.RECEIPT, Kind.REMINDER, Kind.PAYMENT_DISPUTED]
    seen = await office.look.purchase(1, "ana")
    assert seen is not None
    assert [ticket.state for ticket in seen.tickets] == ["valid", "valid"]
    await dispute(office, "won")
    assert await told(office) == [Kind.RECEIPT, Kind.REMINDER, Kind.PAYMENT_DISPUTED]
    kinds = [entry.kind for entry in await office.look.history(1, "ana")]
    assert kinds.count("disputed") == 2
    said = [json.loads(e.data)["disputed"][0] for e in await office.look.history(1, "ana")
            if e.kind == "disputed"]  # fmt: skip
    assert sorted(said) == ["opened", "won"]


async def test_a_dispute_of_nothing_or_of_no_kind(office: BoxOffice) -> None:
    assert await dispute(office, "opened") == out.UnknownPayment("ana-pay")
    await paid(office)
    assert isinstance(await dispute(office, "odd"), out.Malformed)


async def made_there(office: BoxOffice, *tickets: int) -> object:
    return await office.refund(
        ask.Refund(
            show_id=1,
            purchase_id="ana",
            refund_id="re_9",
            reason="refunded at the provider",
            ticket_nos=tickets or None,
            reference="re_9",
        )
    )


@pytest.mark.parametrize(("tickets", "left", "state"), [((), 0, "refunded"), ((1,), 1, "captured")])
async def test_money_given_back_at_the_provider_takes_its_tickets(
    office: BoxOffice, tickets: tuple[int, ...], left: int, state: str
) -> None:
    await paid(office)
    beto = Fan(office, 1, "beto")
    await beto.buy()
    for _ in range(2):
        answer = await made_there(office, *tickets)
        assert isinstance(answer, out.Refunded)
        assert (answer.state, answer.amount_minor) == ("done", 110 * (2 - left))
    seen = await office.look.purchase(1, "ana")
    assert seen is not None
    assert (seen.purchase.tickets, seen.payments[0].state) == (left, state)
    assert seen.refunds[0].reference == "re_9"
    assert await told(office) == [Kind.RECEIPT, Kind.REMINDER, Kind.REFUND_DONE]
    asked = [e.kind for e in await office.look.effects_of(1, "ana")]
    assert Kind.PAYMENT_REFUND not in asked
