"""What becomes of messages: attempts, ends, and sending again by hand."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from core import limits
from core.box_office import BoxOffice
from core.caretaker import Caretaker
from core.messages import Effect, Kind
from core.outcomes import Done, Malformed, UnknownCustomer, UnknownTicket, WrongState
from core.requests import (
    EffectDead,
    EffectDone,
    EffectTried,
    Join,
    OpenSale,
    Refund,
    SendAgain,
)
from core.terms import DAY_MS, HOUR_MS, MINUTE_MS
from data.auditing import audit
from tests.auxil.drafts import show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.offices import SIGNER, HandClock, new_file, open_office, publish


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return new_file(tmp_path / "outbox.db")


@pytest.fixture
async def office(path: Path, clock: HandClock) -> AsyncIterator[BoxOffice]:
    async with open_office(path, clock) as opened:
        await publish(opened, show(tier("pista", 2), slug="s"))
        await register(opened, "ana", "bia", "caio")
        await opened.run(OpenSale(show_id=1))
        yield opened
    assert audit(path).ok


def key_of(effect: Effect) -> dict[str, Any]:
    return {"show_id": effect.show_id, "ledger_seq": effect.ledger_seq, "item": effect.item}


async def of(office: BoxOffice, name: str) -> dict[str, Effect]:
    return {e.kind: e for e in await office.look.effects_of(1, name)}


async def bought(office: BoxOffice, name: str = "ana") -> dict[str, Effect]:
    await Fan(office, 1, name).buy(1)
    return await of(office, name)


async def test_a_reminder_is_written_with_the_receipt_and_due_a_day_before(office: BoxOffice):
    told = await bought(office)
    seen = await office.look.show(1)
    assert seen is not None
    assert told[Kind.REMINDER].due_ms == seen.card.starts_ms - limits.REMIND_BEFORE_MS
    taken = await office.take_effects("w", [Kind.RECEIPT, Kind.REMINDER], 10)
    assert [e.kind for e in taken] == [Kind.RECEIPT]


async def test_who_buys_on_the_last_day_needs_no_reminder(clock: HandClock, tmp_path: Path):
    async with open_office(new_file(tmp_path / "late.db"), clock) as office:
        await publish(office, show(slug="s", sale_closes_ms=clock.ms + 30 * DAY_MS))
        await register(office, "ana")
        clock.ms += 29 * DAY_MS + HOUR_MS
        assert Kind.REMINDER not in await bought(office)


@pytest.mark.parametrize(
    ("channel", "told"), [("window", True), ("api", True), ("telegram", False)]
)
async def test_a_place_is_confirmed_where_no_chat_does(office: BoxOffice, channel: str, told: bool):
    await Fan(office, 1, "bia").buy(2)
    await office.join(Join(show_id=1, purchase_id="p", customer_id="caio", channel=channel))
    assert (Kind.PLACE_CONFIRMED in await of(office, "p")) == told


async def test_who_chooses_at_once_has_no_place_to_confirm(office: BoxOffice):
    await office.join(Join(show_id=1, purchase_id="p", customer_id="caio", channel="window"))
    assert not await of(office, "p")


async def test_the_delivery_of_a_missed_call_starts_no_clock_of_the_next(
    office: BoxOffice, clock: HandClock
):
    await Fan(office, 1, "bia").buy(2)
    await Fan(office, 1, "ana").join()
    back = Refund(show_id=1, purchase_id="bia", refund_id="r", reason="ill", ticket_nos=(1,))
    await office.refund(back)
    first = (await of(office, "ana"))[Kind.YOUR_TURN]
    clock.ms += 20 * MINUTE_MS
    await Caretaker(office, SIGNER).round()
    second = (await of(office, "ana"))[Kind.YOUR_TURN]
    assert second.key != first.key
    before = await office.look.purchase(1, "ana")
    await office.finish(EffectDone(**key_of(first)))
    after = await office.look.purchase(1, "ana")
    assert before is not None
    assert after is not None
    assert after.purchase.deadline_ms == before.purchase.deadline_ms
    await office.finish(EffectDone(**key_of(second)))
    heard = await office.look.purchase(1, "ana")
    assert heard is not None
    assert heard.purchase.deadline_ms == clock.ms + 3 * MINUTE_MS


async def test_attempts_are_kept_and_told_twice_are_one(office: BoxOffice):
    receipt = (await bought(office))[Kind.RECEIPT]
    tried = EffectTried(**key_of(receipt), try_no=1, channel="email", state="failed", said="451")
    for _ in range(2):
        assert await office.note_attempt(tried) == Done()
    sent = EffectTried(**key_of(receipt), try_no=2, channel="telegram", state="sent", part=1)
    await office.note_attempt(sent)
    kept = await office.look.attempts(1, receipt.ledger_seq, receipt.item)
    assert [(a.try_no, a.channel, a.part, a.state, a.said) for a in kept] == [
        (1, "email", 0, "failed", "451"),
        (2, "telegram", 1, "sent", ""),
    ]


async def test_what_is_no_attempt_is_refused(office: BoxOffice):
    receipt = (await bought(office))[Kind.RECEIPT]
    key = key_of(receipt)
    odd = EffectTried(**key, try_no=1, channel="email", state="lost")
    assert isinstance(await office.note_attempt(odd), Malformed)
    nameless = EffectTried(**key, try_no=1, channel="", state="sent")
    assert isinstance(await office.note_attempt(nameless), Malformed)
    nothing = EffectTried(show_id=1, ledger_seq=9_999, item=0, try_no=1, channel="x", state="sent")
    assert isinstance(await office.note_attempt(nothing), UnknownTicket)


async def test_a_dead_message_sent_again_is_tried_anew(office: BoxOffice):
    receipt = (await bought(office))[Kind.RECEIPT]
    tried = EffectTried(**key_of(receipt), try_no=1, channel="email", state="refused", said="550")
    await office.note_attempt(tried)
    await office.finish(EffectDead(**key_of(receipt), error="no such address"))
    assert [m.error for m in await office.look.messages(state="dead")] == ["no such address"]
    for _ in range(2):
        assert await office.send_again(SendAgain(**key_of(receipt), actor="operator")) == Done()
    (taken,) = await office.take_effects("w", [Kind.RECEIPT], 10)
    assert (taken.key, taken.attempts) == (receipt.key, 1)
    await office.note_attempt(dataclasses.replace(tried, state="sent", said=""))
    kept = await office.look.attempts(1, receipt.ledger_seq, receipt.item)
    assert [(one.try_no > 0, one.state) for one in kept] == [(False, "refused"), (True, "sent")]
    assert not await office.look.messages(state="dead")


async def test_a_message_that_was_sent_goes_out_once_more_under_a_name_of_its_own(
    office: BoxOffice,
):
    receipt = (await bought(office))[Kind.RECEIPT]
    await office.finish(EffectDone(**key_of(receipt)))
    await office.send_again(SendAgain(**key_of(receipt)))
    (taken,) = await office.take_effects("w", [Kind.RECEIPT], 10)
    assert taken.key != receipt.key
    assert (taken.purchase_id, taken.data) == (receipt.purchase_id, receipt.data)


async def test_a_dead_message_goes_out_by_a_chosen_channel_in_its_own_place(office: BoxOffice):
    receipt = (await bought(office))[Kind.RECEIPT]
    await office.finish(EffectDead(**key_of(receipt), error="no such address"))
    for _ in range(2):
        await office.send_again(SendAgain(**key_of(receipt), channel="email"))
    assert not await office.look.messages(state="dead")
    first, second = await office.take_effects("w", [Kind.RECEIPT], 10)
    assert receipt.key not in {first.key, second.key}
    assert {first.data, second.data} == {'{"by":"email"}'}
    assert {first.customer_id, second.customer_id} == {"ana"}


async def test_a_message_may_go_to_somebody_else_though_it_still_waits(office: BoxOffice):
    receipt = (await bought(office))[Kind.RECEIPT]
    unknown = SendAgain(**key_of(receipt), customer_id="nobody")
    assert isinstance(await office.send_again(unknown), UnknownCustomer)
    await office.send_again(SendAgain(**key_of(receipt), channel="email"))
    await office.send_again(SendAgain(**key_of(receipt), channel="email", customer_id="bia"))
    taken = await office.take_effects("w", [Kind.RECEIPT], 10)
    assert [(one.customer_id, one.purchase_id) for one in taken] == [
        ("ana", receipt.purchase_id),
        ("bia", receipt.purchase_id),
    ]


async def test_money_is_never_sent_by_hand(office: BoxOffice):
    fan = Fan(office, 1, "ana")
    await fan.join()
    await fan.choose(1)
    await fan.check_out(outside=1)
    start = (await of(office, "ana"))[Kind.PAYMENT_START]
    assert isinstance(await office.send_again(SendAgain(**key_of(start))), WrongState)
    assert await office.look.message(1, start.ledger_seq, start.item) is None


async def test_lists_are_narrowed(office: BoxOffice):
    await bought(office, "ana")
    await bought(office, "bia")
    seen = await office.look.messages(kind=Kind.RECEIPT)
    assert [m.effect.purchase_id for m in seen] == ["bia", "ana"]
    assert len(await office.look.messages(customer_id="ana")) == 2
    assert len(await office.look.messages(show_id=1, limit=3)) == 3
    assert not await office.look.messages(show_id=2)
    assert not await office.look.messages(state="done")


async def test_a_call_is_leased_before_all_else(office: BoxOffice):
    await Fan(office, 1, "bia").buy(2)
    await Fan(office, 1, "ana").join()
    back = Refund(show_id=1, purchase_id="bia", refund_id="r", reason="ill", ticket_nos=(1,))
    await office.refund(back)
    (first,) = await office.take_effects("w", list(Kind), 1)
    assert first.kind == Kind.YOUR_TURN
