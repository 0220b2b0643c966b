"""Cards and Pix through Stripe, against a stand-in held to Stripe's own schema."""

import pytest

from core import requests as ask
from core.bills import Bill
from core.messages import Kind
from core.outcomes import Refunded
from core.payments import ActionKind, Payment, PaymentState
from tests.auxil.shop import HOUSE, MINUTE_MS, PRICE_MINOR, Shop


async def test_a_card_is_authorised_first_and_captured_once_the_tickets_are_sold(
    shop: Shop,
) -> None:
    await shop.check_out("ana", tickets=2)
    payment = await shop.payment("ana")
    how = payment.how
    assert how is not None
    assert (how.kind, how.expires_ms) == (ActionKind.LINK, payment.until_ms)
    assert how.url.startswith("https://checkout.stripe.com/")
    assert await shop.told("ana") == [Kind.PAYMENT_READY]
    world = shop.stripe.world
    assert world.pay_card(payment.reference) == "authorised"
    await shop.work()
    assert await shop.state("ana") == "completed captured"
    assert await shop.told("ana") == [Kind.PAYMENT_READY, Kind.RECEIPT]
    kinds = [event["type"] for event in shop.stripe.events]
    authorised = kinds.index("payment_intent.amount_capturable_updated")
    assert authorised < kinds.index("payment_intent.succeeded")
    history = [entry.kind for entry in await shop.office.look.history(1, "ana")]
    assert history.index("authorised") < history.index("completed")
    assert world.kept_minor() == await shop.worth() == 2 * PRICE_MINOR
    (intent,) = world.intents.values()
    marks = {"house": HOUSE, "show": "1", "purchase": "ana", "payment": "ana-pay"}
    assert intent["metadata"] == marks


async def test_a_pix_lives_as_long_as_the_hold_and_its_code_is_text(shop: Shop) -> None:
    order = await shop.check_out("ana", "pix")
    payment = await shop.payment("ana")
    how = payment.how
    assert how is not None
    assert (how.kind, how.expires_ms) == (ActionKind.PIX, order.deadline_ms)
    assert how.code.startswith("000201")
    assert shop.stripe.world.pay_pix(payment.reference) == "paid"
    await shop.work()
    assert await shop.state("ana") == "completed captured"
    assert shop.stripe.world.kept_minor() == await shop.worth()


async def test_a_declined_card_may_be_followed_by_another_on_the_same_page(shop: Shop) -> None:
    await shop.check_out("ana")
    reference = (await shop.payment("ana")).reference
    assert shop.stripe.world.pay_card(reference, "declined") == "declined"
    await shop.work()
    assert await shop.state("ana") == "paying pending"
    assert shop.stripe.world.pay_card(reference) == "authorised"
    await shop.work()
    assert await shop.state("ana") == "completed captured"


@pytest.mark.parametrize("yes", [True, False])
async def test_3d_secure_is_waited_for(shop: Shop, yes: bool) -> None:
    state = "completed captured" if yes else "paying pending"
    await shop.check_out("ana")
    reference = (await shop.payment("ana")).reference
    assert shop.stripe.world.pay_card(reference, "3ds") == "asked"
    await shop.work()
    assert await shop.state("ana") == "paying pending"
    shop.stripe.world.answer_3ds(reference, yes=yes)
    await shop.work()
    assert await shop.state("ana") == state


@pytest.mark.parametrize("method", ["card", "pix"])
async def test_at_the_deadline_it_is_ended_there_before_the_stock_is_free(
    shop: Shop, method: str
) -> None:
    await shop.check_out("ana", method, tickets=4)
    reference = (await shop.payment("ana")).reference
    beto = await shop.office.join(ask.Join(show_id=1, purchase_id="beto", customer_id="beto"))
    assert getattr(beto, "state", "") == "in_line"
    shop.stripe.faults.down = True
    await shop.later(10 * MINUTE_MS)
    assert await shop.state("ana") == "paying pending"  # Nobody could be asked: nothing is freed.
    shop.stripe.faults.down = False
    await shop.later(MINUTE_MS)
    assert (await shop.view("ana")).purchase.state == "lapsed"
    assert (await shop.view("beto")).purchase.state == "called"
    world = shop.stripe.world
    paid = world.pay_card(reference) if method == "card" else world.pay_pix(reference)
    assert paid == "closed"
    assert Kind.TIME_ENDED in await shop.told("ana")


async def test_what_was_paid_at_the_last_moment_counts_though_no_webhook_came(shop: Shop) -> None:
    await shop.check_out("ana")
    shop.stripe.hook = ""
    shop.stripe.world.pay_card((await shop.payment("ana")).reference)
    await shop.later(10 * MINUTE_MS)
    assert await shop.state("ana") == "completed captured"
    assert shop.stripe.world.kept_minor() == await shop.worth()


async def test_going_back_ends_the_page_and_another_attempt_has_another_key(shop: Shop) -> None:
    await shop.check_out("ana")
    first = (await shop.payment("ana")).reference
    await shop.office.step_back(ask.StepBack(show_id=1, purchase_id="ana"))
    await shop.work()
    assert (await shop.view("ana")).purchase.state == "choosing"
    assert shop.stripe.world.pay_card(first) == "closed"
    await shop.pay_again("ana", "ana-second")
    second = (await shop.payment("ana", 1)).reference
    assert second != first
    shop.stripe.world.pay_card(second)
    await shop.work()
    assert await shop.state("ana") == "completed captured"


async def test_who_leaves_before_the_page_was_made_leaves_nothing_payable(shop: Shop) -> None:
    shop.stripe.faults.down = True
    await shop.check_out("ana")
    assert (await shop.payment("ana")).state == PaymentState.CREATED
    await shop.office.leave(ask.Leave(show_id=1, purchase_id="ana"))
    shop.stripe.faults.down = False
    await shop.later(MINUTE_MS)
    assert (await shop.view("ana")).purchase.state == "left"
    assert [s["status"] for s in shop.stripe.world.sessions.values()] == ["expired"]
    assert Kind.PAYMENT_READY not in await shop.told("ana")


async def test_what_stripe_refuses_to_make_is_a_declined_payment(shop: Shop) -> None:
    await shop.office.join(ask.Join(show_id=1, purchase_id="ana", customer_id="ana"))
    await shop.office.choose(ask.Choose(show_id=1, purchase_id="ana", wanted=((1, 1),)))
    shop.stripe.faults.down = True
    await shop.pay_again("ana", "ana-pay", "pix")
    shop.stripe.faults.down = False
    shop.clock.ms += 9 * MINUTE_MS + 30_000  # Less than a minute is left: Stripe makes no such Pix.
    await shop.work()
    assert await shop.state("ana") == "paying failed"
    assert Kind.PAYMENT_DECLINED in await shop.told("ana")


@pytest.mark.parametrize("fault", ["too_many", "error", "error_after", "cut", "drop"])
async def test_every_call_survives_each_fault(shop: Shop, fault: str) -> None:
    setattr(shop.stripe.faults, fault, 400)
    for name in ("ana", "beto"):
        await shop.check_out(name, "card" if name == "ana" else "pix")
    for _ in range(12):
        await shop.later(500)
    world = shop.stripe.world
    await shop.stripe.settle()
    world.pay_card((await shop.payment("ana")).reference)
    world.pay_pix((await shop.payment("beto")).reference)
    for _ in range(20):
        await shop.later(5_000)
    await shop.office.refund(
        ask.Refund(show_id=1, purchase_id="beto", refund_id="r1", reason="asked for")
    )
    for _ in range(20):
        await shop.later(5_000)
    setattr(shop.stripe.faults, fault, 0)
    await shop.later(5 * MINUTE_MS)
    assert shop.stripe.faults.counts[fault]
    assert await shop.state("ana") == "completed captured"
    assert await shop.state("beto") == "completed refunded"
    assert world.kept_minor() == await shop.worth() == PRICE_MINOR
    assert len(world.refunds) == 1


async def test_a_key_that_repeats_its_failure_is_followed_by_another(shop: Shop) -> None:
    shop.stripe.faults.error_after = 1_000
    await shop.check_out("ana", "pix")
    assert (await shop.payment("ana")).state == PaymentState.CREATED
    shop.stripe.faults.error_after = 0
    await shop.later(MINUTE_MS)
    payment = await shop.payment("ana")
    assert payment.state == PaymentState.PENDING
    # The codes of the failed calls were shown to nobody; the one that was shown can be paid.
    assert shop.stripe.world.pay_pix(payment.reference) == "paid"
    await shop.work()
    assert await shop.state("ana") == "completed captured"


async def refund(shop: Shop, *tickets: int, name: str = "r1") -> Refunded:
    answer = await shop.office.refund(
        ask.Refund(
            show_id=1,
            purchase_id="ana",
            refund_id=name,
            reason="asked for",
            ticket_nos=tickets or None,
        )
    )
    assert isinstance(answer, Refunded)
    await shop.work()
    return answer


@pytest.mark.parametrize("method", ["card", "pix"])
async def test_refunds_whole_and_by_ticket(shop: Shop, method: str) -> None:
    await shop.buys("ana", method, 3)
    await refund(shop, 2)
    assert shop.stripe.world.kept_minor() == await shop.worth() == 2 * PRICE_MINOR
    await refund(shop, name="r2")
    assert shop.stripe.world.kept_minor() == await shop.worth() == 0
    assert await shop.state("ana") == "completed refunded"
    assert (await shop.told("ana"))[-2:] == [Kind.REFUND_STARTED, Kind.REFUND_DONE]


async def test_a_refund_that_stays_pending_is_asked_about_again(shop: Shop) -> None:
    await shop.buys("ana")
    shop.stripe.world.refunds_stay = "pending"
    await refund(shop)
    assert (await shop.view("ana")).refunds[0].state == "pending"
    next(iter(shop.stripe.world.refunds.values()))["status"] = "succeeded"
    await shop.later(MINUTE_MS)
    assert (await shop.view("ana")).refunds[0].state == "done"
    assert len(shop.stripe.world.refunds) == 1


async def test_a_refund_that_failed_is_told_and_made_anew_when_asked_again(shop: Shop) -> None:
    await shop.buys("ana")
    shop.stripe.world.refunds_stay = "failed"
    await refund(shop)
    assert (await shop.view("ana")).refunds[0].state == "failed"
    assert (await shop.told("ana"))[-1] == Kind.REFUND_FAILED
    shop.stripe.world.refunds_stay = "succeeded"
    await refund(shop)
    assert (await shop.view("ana")).refunds[0].state == "done"
    assert shop.stripe.world.kept_minor() == 0


async def test_a_refund_that_ends_as_failed_is_not_made_anew_by_itself(shop: Shop) -> None:
    await shop.buys("ana")
    shop.stripe.world.refunds_stay = "pending"
    await refund(shop)
    shop.stripe.world.fail_refund(next(iter(shop.stripe.world.refunds)))
    await shop.later(MINUTE_MS)
    await shop.later(MINUTE_MS)
    assert len(shop.stripe.world.refunds) == 1
    assert (await shop.told("ana"))[-2:] == [Kind.REFUND_STARTED, Kind.REFUND_FAILED]


async def test_a_free_order_asks_stripe_for_nothing(shop: Shop) -> None:
    created = PaymentState.CREATED
    free = Payment(1, "p", "x", "stripe", "card", 1, created, 0, "BRL", "", 0, 0, 0, 0)
    bill = Bill(payment=free, order_code="1-1-A", title="t", language="en", lines=())
    (said,) = await shop.gateway.start(bill)
    assert (said.state, said.amount_minor) == ("captured", 0)
    assert not shop.stripe.asked


def test_offers_follow_currency(shop: Shop) -> None:
    gateway = shop.gateway
    assert [o.method for o in gateway.offers("telegram", "BRL")] == ["pix", "card"]
    assert [o.method for o in gateway.offers("window", "USD")] == ["card"]
    assert not gateway.offers("telegram", "ISK")
