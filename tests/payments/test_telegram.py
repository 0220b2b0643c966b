"""Invoices in Telegram, against a Bot API server of ours: asked, paid, paid twice, refunded."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot

from app.effects import EffectWorker
from app.gateway_calls import GatewayCalls
from bot.local_api.paying import Payment as Receipt
from bot.local_api.server import LocalApi
from core import limits
from core import requests as ask
from core.box_office import BoxOffice
from core.caretaker import Caretaker
from core.messages import GATEWAY_KINDS, Kind
from core.money import EXPONENTS
from core.outcomes import CheckedOut
from core.payments import ActionKind, Payment, Refund
from core.ports import Gateway
from core.views import PurchaseView
from payments.telegram import (
    CURRENCIES,
    Telegram,
    TelegramTill,
    is_test,
    payload_of,
    read_payload,
)
from tests.auxil import books
from tests.auxil.drafts import show, tier
from tests.auxil.fans import register
from tests.auxil.offices import SIGNER, CountedIds, HandClock, new_file, open_office, publish

MINUTE_MS = 60_000


class Till:
    """A provider that is ours: it gives back the charges that it knows."""

    def __init__(self) -> None:
        self.given_back: list[tuple[str, int]] = []

    async def give_back(self, charge: str, refund: Refund) -> str | None:
        self.given_back.append((charge, refund.amount_minor))
        return "done"


@dataclass
class Chat:
    """An office whose people pay in a chat; a bot that does no more than answer about money."""

    office: BoxOffice
    clock: HandClock
    path: Path
    api: LocalApi
    provider: Till
    till: TelegramTill
    gateway: Telegram
    worker: EffectWorker
    caretaker: Caretaker

    async def work(self) -> None:
        while await self.worker.round():
            pass

    async def later(self, ms: int) -> None:
        self.clock.ms += ms
        await self.caretaker.round()
        await self.work()

    async def check_out(self, name: str, tickets: int = 1) -> str:
        """Bring someone to an invoice; returns its link."""
        await self.office.join(ask.Join(show_id=1, purchase_id=name, customer_id=name))
        await self.office.choose(ask.Choose(show_id=1, purchase_id=name, wanted=((1, tickets),)))
        pay: dict[str, Any] = {"gateway": "telegram", "method": "invoice"}
        answer = await self.office.check_out(
            ask.CheckOut(show_id=1, purchase_id=name, payment_id=f"{name}-pay", **pay)
        )
        assert isinstance(answer, CheckedOut), answer
        await self.work()
        how = (await self.payment(name)).how
        assert how is not None
        assert how.kind == ActionKind.INVOICE
        return how.url

    async def view(self, name: str) -> PurchaseView:
        view = await self.office.look.purchase(1, name)
        assert view is not None
        return view

    async def payment(self, name: str) -> Payment:
        return (await self.view(name)).payments[0]

    async def told(self, name: str) -> list[str]:
        effects = await self.office.look.effects_of(1, name)
        aside = GATEWAY_KINDS | {Kind.REMINDER}
        return [e.kind for e in effects if e.kind not in aside]

    async def heard(self, name: str, state: str) -> None:
        """Wait until the bot has told of the money."""
        async with asyncio.timeout(60):
            while (await self.payment(name)).state != state:
                await asyncio.sleep(0.01)


async def answer_about_money(bot: Bot, till: TelegramTill) -> None:
    """What the bot does with the two kinds of update that money brings."""
    offset = 0
    while True:
        for update in await bot.get_updates(offset=offset, timeout=1):
            offset = update.update_id + 1
            query, message = update.pre_checkout_query, update.message
            if query is not None:
                agreed = await till.agree(query.invoice_payload, query.total_amount, query.currency)
                await query.answer(agreed, error_message=None if agreed else "over")
            elif message is not None and message.successful_payment is not None:
                paid = message.successful_payment
                await till.take(
                    paid.invoice_payload,
                    paid.total_amount,
                    paid.currency,
                    paid.telegram_payment_charge_id,
                    paid.provider_payment_charge_id,
                )


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chat]:
    path, clock = new_file(tmp_path / "chat.db"), HandClock()
    async with open_office(path, clock, CountedIds()) as office, LocalApi(clock) as api:
        await publish(office, show(tier("pista", 2), slug="s"))
        await office.run(ask.OpenSale(show_id=1))
        await register(office, "ana", "beto")
        provider, till = Till(), TelegramTill(office, pause_s=0.01)
        gateway = Telegram(api.token, "123:LIVE:x", clock, api_url=api.root, provider=provider)
        gateways: dict[str, Gateway] = {"telegram": gateway}
        calls = GatewayCalls(office, gateways)
        async with Bot(api.token, base_url=api.base_url) as bot:
            answering = asyncio.create_task(answer_about_money(bot, till))
            yield Chat(
                office=office,
                clock=clock,
                path=path,
                api=api,
                provider=provider,
                till=till,
                gateway=gateway,
                worker=EffectWorker(office, "w", GATEWAY_KINDS, calls),
                caretaker=Caretaker(office, SIGNER),
            )
            answering.cancel()
            with suppress(asyncio.CancelledError):
                await answering
        await gateway.close()
    books.check(path)


async def test_an_invoice_is_asked_about_paid_and_noted_by_its_charge(chat: Chat) -> None:
    link = await chat.check_out("ana", 2)
    receipt = await chat.api.person("Ana").pay(link)
    assert receipt.paid
    await chat.heard("ana", "captured")
    view = await chat.view("ana")
    assert (view.purchase.state, view.payments[0].captured_minor) == ("completed", 220)
    assert view.payments[0].reference == f"{receipt.charge_id}|provider-{receipt.charge_id}"
    assert await chat.told("ana") == [Kind.PAYMENT_READY, Kind.RECEIPT]


async def test_what_is_over_is_refused_when_telegram_asks(chat: Chat) -> None:
    link = await chat.check_out("ana")
    await chat.office.leave(ask.Leave(show_id=1, purchase_id="ana"))
    await chat.work()
    assert (await chat.view("ana")).purchase.state == "left"
    assert await chat.api.person("Ana").pay(link) == Receipt("", "over")


async def test_an_invoice_paid_twice_goes_back_once(chat: Chat) -> None:
    link = await chat.check_out("ana")
    ana = chat.api.person("Ana")
    first = await ana.pay(link)
    await chat.heard("ana", "captured")
    assert (await ana.pay(link)).trouble == "over"
    # Telegram lets it through all the same: two phones, both agreed to at once.
    payload = payload_of(1, "ana-pay")
    for _ in range(2):
        await chat.till.take(payload, 110, "BRL", "charge-2", "ch_second")
    await chat.work()
    assert chat.provider.given_back == [("ch_second", 110)]
    view = await chat.view("ana")
    assert view.purchase.state == "completed"
    assert view.payments[0].reference.startswith(first.charge_id)
    assert (view.payments[0].captured_minor, view.payments[0].refunded_minor) == (220, 110)
    assert [r.reason for r in view.refunds] == ["paid twice"]
    assert (await chat.told("ana"))[-2:] == [Kind.MONEY_RETURNED, Kind.REFUND_DONE]


async def test_an_agreed_payment_is_waited_for_and_one_that_never_came_is_not(chat: Chat) -> None:
    await chat.check_out("ana")
    chat.clock.ms += 9 * MINUTE_MS
    assert await chat.till.agree(payload_of(1, "ana-pay"), 110, "BRL")
    await chat.office.step_back(ask.StepBack(show_id=1, purchase_id="ana"))
    await chat.work()
    assert (await chat.view("ana")).purchase.ending == "step_back"
    await chat.later(limits.APPROVAL_MS // 2)
    assert (await chat.view("ana")).purchase.state == "paying"
    await chat.later(limits.APPROVAL_MS)
    assert (await chat.view("ana")).purchase.state == "choosing"


async def test_money_agreed_to_counts_though_the_person_was_leaving(chat: Chat) -> None:
    await chat.check_out("ana")
    assert await chat.till.agree(payload_of(1, "ana-pay"), 110, "BRL")
    await chat.office.leave(ask.Leave(show_id=1, purchase_id="ana"))
    await chat.work()
    await chat.till.take(payload_of(1, "ana-pay"), 110, "BRL", "c1", "ch_1")
    assert (await chat.view("ana")).purchase.state == "completed"


async def test_late_money_goes_back_at_the_provider(chat: Chat) -> None:
    await chat.check_out("ana", 2)
    await chat.later(10 * MINUTE_MS)
    await chat.office.join(ask.Join(show_id=1, purchase_id="beto", customer_id="beto"))
    await chat.till.take(payload_of(1, "ana-pay"), 220, "BRL", "c1", "ch_late")
    await chat.work()
    assert chat.provider.given_back == [("ch_late", 220)]
    assert (await chat.payment("ana")).state == "refunded"


async def test_what_nobody_can_refund_fails_and_is_told(chat: Chat) -> None:
    await chat.check_out("ana", 2)
    await chat.later(10 * MINUTE_MS)
    await chat.office.join(ask.Join(show_id=1, purchase_id="beto", customer_id="beto"))
    await chat.till.take(payload_of(1, "ana-pay"), 220, "BRL", "c1")
    await chat.work()
    assert (await chat.view("ana")).refunds[0].state == "failed"
    assert Kind.REFUND_FAILED in await chat.told("ana")


async def test_money_is_noted_though_the_database_is_locked_for_a_while(chat: Chat) -> None:
    await chat.check_out("ana")
    with closing(sqlite3.connect(chat.path)) as other:
        other.execute("begin immediate")
        taking = asyncio.create_task(chat.till.take(payload_of(1, "ana-pay"), 110, "BRL", "c1"))
        await asyncio.sleep(5.5)  # Past the patience of one attempt.
        assert not taking.done()
    await taking
    assert (await chat.view("ana")).purchase.state == "completed"


async def test_telegram_that_says_wait_is_waited_for(chat: Chat) -> None:
    chat.api.trouble.flood("createInvoiceLink", retry_after_s=7)
    await chat.office.join(ask.Join(show_id=1, purchase_id="ana", customer_id="ana"))
    await chat.office.choose(ask.Choose(show_id=1, purchase_id="ana", wanted=((1, 1),)))
    pay: dict[str, Any] = {"gateway": "telegram", "method": "invoice"}
    await chat.office.check_out(
        ask.CheckOut(show_id=1, purchase_id="ana", payment_id="ana-pay", **pay)
    )
    await chat.work()
    assert (await chat.payment("ana")).state == "created"
    effects = await chat.office.look.effects_of(1, "ana")
    assert effects[0].due_ms >= chat.clock.ms + 7_000
    await chat.later(10_000)
    assert (await chat.payment("ana")).state == "pending"


@pytest.mark.parametrize("payload", ["", "x", "1", "1:", ":p", "x:p", "1234567890:p", "-1:p"])
async def test_what_is_no_payload_of_ours_is_refused(chat: Chat, payload: str) -> None:
    assert not await chat.till.agree(payload, 110, "BRL")
    await chat.till.take(payload, 110, "BRL", "c1")
    assert read_payload(payload_of(7, "p")) == (7, "p")


def test_a_test_token_moves_no_money() -> None:
    assert is_test("284685063:TEST:abc")
    clock = HandClock()
    assert not Telegram("1:a", "1:TEST:b", clock).moves_money
    gateway = Telegram("1:a", "1:LIVE:b", clock)
    assert [o.method for o in gateway.offers("telegram", "BRL")] == ["invoice"]
    assert not gateway.offers("window", "BRL")
    assert not gateway.offers("telegram", "KWD"), "Telegram takes none of these"
    assert set(EXPONENTS) >= CURRENCIES
