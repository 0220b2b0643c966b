"""Late, odd and returned money, by webhook or by the reconciler alone: docs/payments.md's table."""

import pytest

from app.reporting import Difference
from core import requests as ask
from core.messages import Kind
from core.terms import DAY_MS
from tests.auxil.shop import MINUTE_MS, PRICE_MINOR, Shop

pytestmark = pytest.mark.parametrize("webhooks", [True, False], ids=["webhooks", "no webhooks"])


async def reconciled(shop: Shop, webhooks: bool) -> list[Difference]:
    """Let what happened at Stripe be heard of: by its webhooks, or by the reconciler alone."""
    if webhooks:
        await shop.work()
        return []
    done = await shop.reconciler.since(shop.clock.ms - DAY_MS)
    assert not done.failed
    await shop.work()
    return done.differences


@pytest.fixture(autouse=True)
def hooked(shop: Shop, webhooks: bool) -> None:
    if not webhooks:
        shop.stripe.hook = ""


async def let_lapse(shop: Shop, tickets: int) -> str:
    """Ana's Pix ends unpaid; returns its intent."""
    await shop.check_out("ana", "pix", tickets)
    reference = (await shop.payment("ana")).reference
    await shop.later(10 * MINUTE_MS)
    assert (await shop.view("ana")).purchase.state == "lapsed"
    return reference


async def test_late_with_stock_left_is_fitted(shop: Shop, webhooks: bool) -> None:
    intent = await let_lapse(shop, 2)
    assert shop.stripe.world.pay_pix(intent, late=True) == "paid"
    await reconciled(shop, webhooks)
    assert await shop.state("ana") == "completed captured"
    assert (await shop.told("ana"))[-1] == Kind.RECEIPT
    assert shop.stripe.world.kept_minor() == await shop.worth() == 2 * PRICE_MINOR


async def test_late_with_no_stock_left_goes_back_at_once(shop: Shop, webhooks: bool) -> None:
    intent = await let_lapse(shop, 2)
    await shop.office.join(ask.Join(show_id=1, purchase_id="beto", customer_id="beto"))
    await shop.office.choose(ask.Choose(show_id=1, purchase_id="beto", wanted=((1, 4),)))
    shop.stripe.world.pay_pix(intent, late=True)
    await reconciled(shop, webhooks)
    assert await shop.state("ana") == "lapsed refunded"
    assert Kind.MONEY_RETURNED in await shop.told("ana")
    assert shop.stripe.world.kept_minor() == await shop.worth() == 0


async def test_paid_twice_the_second_goes_back(shop: Shop, webhooks: bool) -> None:
    intent = await let_lapse(shop, 1)
    await shop.office.join(ask.Join(show_id=1, purchase_id="ana2", customer_id="ana"))
    await shop.office.choose(ask.Choose(show_id=1, purchase_id="ana2", wanted=((1, 4),)))
    await shop.pay_again("ana2", "ana2-pay", "pix")
    second = (await shop.payment("ana2")).reference
    world = shop.stripe.world
    assert world.pay_pix(second) == "paid"
    assert world.pay_pix(intent, late=True) == "paid"
    await reconciled(shop, webhooks)
    assert await shop.state("ana2") == "completed captured"
    assert await shop.state("ana") == "lapsed refunded"
    assert Kind.MONEY_RETURNED in await shop.told("ana")
    assert world.kept_minor() == await shop.worth() == 4 * PRICE_MINOR


async def test_two_attempts_of_one_order_both_paid(shop: Shop, webhooks: bool) -> None:
    await shop.check_out("ana", "pix")
    first = (await shop.payment("ana")).reference
    await shop.office.step_back(ask.StepBack(show_id=1, purchase_id="ana"))
    await shop.work()
    await shop.pay_again("ana", "ana-second", "card")
    second = (await shop.payment("ana", 1)).reference
    world = shop.stripe.world
    assert world.pay_card(second) == "authorised"
    assert world.pay_pix(first, late=True) == "paid"
    await reconciled(shop, webhooks)
    await reconciled(shop, webhooks)
    assert (await shop.view("ana")).purchase.state == "completed"
    assert (await shop.told("ana")).count(Kind.RECEIPT) == 1
    assert world.kept_minor() == await shop.worth() == PRICE_MINOR


async def test_another_amount_goes_back_whole(shop: Shop, webhooks: bool) -> None:
    await shop.check_out("ana", "pix")
    reference = (await shop.payment("ana")).reference
    shop.stripe.world.intents[reference]["amount"] = PRICE_MINOR - 1
    shop.stripe.world.pay_pix(reference)
    await reconciled(shop, webhooks)
    assert await shop.state("ana") == "paying refunded"
    assert Kind.MONEY_RETURNED in await shop.told("ana")
    assert shop.stripe.world.kept_minor() == 0
    await shop.pay_again("ana", "ana-right")
    shop.stripe.world.pay_card((await shop.payment("ana", 1)).reference)
    await reconciled(shop, webhooks)
    assert await shop.state("ana") == "completed captured"


async def test_another_currency_goes_back_whole(shop: Shop, webhooks: bool) -> None:
    await shop.check_out("ana", "pix")
    reference = (await shop.payment("ana")).reference
    shop.stripe.world.intents[reference]["currency"] = "usd"
    shop.stripe.world.pay_pix(reference)
    await reconciled(shop, webhooks)
    assert await shop.state("ana") == "paying refunded"
    assert Kind.MONEY_RETURNED in await shop.told("ana")
    assert shop.stripe.world.kept_minor() == 0


async def test_captured_partly_by_hand_goes_back(shop: Shop, webhooks: bool) -> None:
    await shop.check_out("ana")
    reference = (await shop.payment("ana")).reference
    world = shop.stripe.world
    world.pay_card(reference)
    intent = next(iter(world.intents))
    world.capture(intent, {"amount_to_capture": 5_000})
    await reconciled(shop, webhooks)
    await reconciled(shop, webhooks)
    assert (await shop.payment("ana")).state == "refunded"
    assert Kind.MONEY_RETURNED in await shop.told("ana")
    assert world.kept_minor() == await shop.worth() == 0


async def test_money_for_a_cancelled_show_goes_back(shop: Shop, webhooks: bool) -> None:
    intent = await let_lapse(shop, 1)
    await shop.buys("beto")
    await reconciled(shop, webhooks)
    await shop.office.run(ask.CancelShow(show_id=1))
    shop.stripe.world.pay_pix(intent, late=True)
    await shop.later(MINUTE_MS)
    await reconciled(shop, webhooks)
    assert await shop.state("ana") == "lapsed refunded"
    assert (await shop.view("beto")).payments[0].state == "refunded"
    assert Kind.MONEY_RETURNED in await shop.told("ana")
    assert Kind.SHOW_CANCELLED in await shop.told("beto")
    assert shop.stripe.world.kept_minor() == await shop.worth() == 0


async def by_hand(shop: Shop, amount: int) -> str:
    intent = next(iter(shop.stripe.world.intents))
    made = shop.stripe.world.make_refund({"payment_intent": intent, "amount": amount})
    return str(made["id"])


async def bought(shop: Shop, webhooks: bool) -> None:
    await shop.buys("ana", "pix", 2)
    await reconciled(shop, webhooks)
    assert await shop.state("ana") == "completed captured"


async def test_refunded_by_hand_whole_takes_the_tickets(shop: Shop, webhooks: bool) -> None:
    await bought(shop, webhooks)
    await by_hand(shop, 2 * PRICE_MINOR)
    found = await reconciled(shop, webhooks)
    assert await shop.state("ana") == "completed refunded"
    assert (await shop.told("ana"))[-1] == Kind.REFUND_DONE
    assert shop.stripe.world.kept_minor() == await shop.worth() == 0
    assert all(one.repaired for one in found)
    assert not (await shop.reconciler.since(0)).differences


async def test_refunded_by_hand_in_part_is_listed_until_somebody_says_for_what(
    shop: Shop, webhooks: bool
) -> None:
    await bought(shop, webhooks)
    reference = await by_hand(shop, PRICE_MINOR)
    await reconciled(shop, webhooks)
    assert await shop.state("ana") == "completed captured"
    (listed,) = (await shop.reconciler.since(0)).listed
    assert reference in listed.what
    assert "payments refunded" in listed.what
    await shop.office.refund(
        ask.Refund(
            show_id=1,
            purchase_id="ana",
            refund_id=reference,
            reason="seen to",
            ticket_nos=(2,),
            reference=reference,
        )
    )
    assert not (await shop.reconciler.since(0)).listed
    await shop.work()
    assert (await shop.told("ana"))[-1] == Kind.REFUND_DONE
    assert shop.stripe.world.kept_minor() == await shop.worth() == PRICE_MINOR


@pytest.mark.parametrize(("status", "state"), [("won", "captured"), ("lost", "refunded")])
async def test_a_dispute(shop: Shop, webhooks: bool, status: str, state: str) -> None:
    await bought(shop, webhooks)
    dispute = shop.stripe.world.dispute(next(iter(shop.stripe.world.intents)))
    await reconciled(shop, webhooks)
    assert (await shop.told("ana"))[-1] == Kind.PAYMENT_DISPUTED
    assert await shop.worth() == 2 * PRICE_MINOR  # Valid while it is open.
    shop.stripe.world.close_dispute(dispute, status)
    await reconciled(shop, webhooks)
    await reconciled(shop, webhooks)
    assert await shop.state("ana") == f"completed {state}"
    told = await shop.told("ana")
    assert told.count(Kind.PAYMENT_DISPUTED) == 1
    assert told.count(Kind.REFUND_DONE) == (status == "lost")
    assert shop.stripe.world.kept_minor() == await shop.worth()
    assert not (await shop.reconciler.since(0)).listed


async def refunded(shop: Shop, webhooks: bool) -> None:
    asking = ask.Refund(show_id=1, purchase_id="ana", refund_id="r", reason="ill")
    await shop.office.refund(asking)
    await shop.work()
    await reconciled(shop, webhooks)


async def test_a_refund_that_fails_weeks_later_is_told_listed_and_sent_again(
    shop: Shop, webhooks: bool
) -> None:
    await bought(shop, webhooks)
    await refunded(shop, webhooks)
    assert await shop.state("ana") == "completed refunded"
    shop.clock.ms += 20 * DAY_MS
    shop.stripe.world.fail_refund(next(iter(shop.stripe.world.refunds)))
    await reconciled(shop, webhooks)
    assert await shop.state("ana") == "completed captured"
    assert (await shop.told("ana"))[-2:] == [Kind.REFUND_DONE, Kind.REFUND_FAILED]
    (listed,) = (await shop.reconciler.since(shop.clock.ms)).listed
    assert "payments again" in listed.what
    await refunded(shop, webhooks)
    assert await shop.state("ana") == "completed refunded"
    assert shop.stripe.world.kept_minor() == await shop.worth() == 0
    assert len(shop.stripe.world.refunds) == 2
    assert not (await shop.reconciler.since(0)).differences


async def test_a_refund_that_failed_and_was_sent_by_hand_is_done(
    shop: Shop, webhooks: bool
) -> None:
    await bought(shop, webhooks)
    await refunded(shop, webhooks)
    shop.stripe.world.fail_refund(next(iter(shop.stripe.world.refunds)))
    await reconciled(shop, webhooks)
    await shop.office.refund_report(
        ask.RefundReport(show_id=1, refund_id="r", state="done", reference="transfer 7")
    )
    assert not (await shop.reconciler.since(0)).differences
    assert (await shop.view("ana")).refunds[0].state == "done"


async def test_money_of_an_older_payment_that_went_back_is_seen_too(
    shop: Shop, webhooks: bool
) -> None:
    await bought(shop, webhooks)
    shop.clock.ms += 20 * DAY_MS
    since_ms = shop.clock.ms - DAY_MS
    assert (await shop.reconciler.since(since_ms)).checked == 0
    await by_hand(shop, 2 * PRICE_MINOR)
    await reconciled(shop, webhooks)
    assert await shop.state("ana") == "completed refunded"
    assert not (await shop.reconciler.since(since_ms)).differences


async def test_over_here_and_open_there_is_ended_there(shop: Shop, webhooks: bool) -> None:
    await shop.check_out("ana")
    reference = (await shop.payment("ana")).reference
    await shop.office.report(
        ask.Report(
            show_id=1,
            payment_id="ana-pay",
            event_id="an odd word",
            state="failed",
            amount_minor=PRICE_MINOR,
            currency="BRL",
        )
    )
    (found,) = (await shop.reconciler.since(0)).differences
    assert found.repaired
    assert shop.stripe.world.sessions[reference]["status"] == "expired"


async def test_a_capture_undone_there_is_put_before_a_person(shop: Shop, webhooks: bool) -> None:
    await bought(shop, webhooks)
    intent = next(iter(shop.stripe.world.intents.values()))
    intent["status"] = "canceled"
    (found,) = (await shop.reconciler.since(0)).listed
    assert "captured here, cancelled at the provider" in found.what
    intent |= {"status": "succeeded", "amount_received": 1}
    (found,) = (await shop.reconciler.since(0)).listed
    assert "1 BRL there" in found.what
