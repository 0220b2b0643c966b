"""What a provider has and the office does not know: after a backup was put back, or of others."""

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from app.reconciler import Reconciler
from app.reporting import Money
from core.terms import DAY_MS
from tests.auxil.offices import CountedIds, open_office
from tests.auxil.shop import PRICE_MINOR, Shop


@asynccontextmanager
async def put_back(shop: Shop, backup: Path) -> AsyncGenerator[Reconciler]:
    """Open what was backed up, beside the same account at Stripe."""
    async with open_office(backup, shop.clock, CountedIds()) as office:
        money = Money(office, {"stripe": shop.gateway})
        yield Reconciler(money, office.look, shop.clock)


@pytest.fixture
async def backup(shop: Shop, tmp_path: Path) -> Path:
    """A backup from before anybody bought; from now on Stripe tells nothing by itself."""
    copy = tmp_path / "backup.db"
    with closing(sqlite3.connect(shop.path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    shop.stripe.hook = ""
    return copy


async def test_money_that_was_taken_is_listed_until_it_is_given_back(
    shop: Shop, backup: Path
) -> None:
    await shop.buys("ana", "pix", 2)
    intent = (await shop.payment("ana")).reference
    async with put_back(shop, backup) as reconciler:
        for _ in range(2):
            (found,) = (await reconciler.since(shop.clock.ms - DAY_MS)).listed
            assert (found.purchase_id, found.payment_id) == ("ana", "ana-pay")
            assert (found.gateway, found.reference) == ("stripe", intent)
            assert f"{2 * PRICE_MINOR} BRL taken there" in found.what
            assert "1-1-" in found.what, "the order's code, as its papers have it"
        shop.stripe.world.make_refund({"payment_intent": intent})
        assert not (await reconciler.since(shop.clock.ms - DAY_MS)).differences


@pytest.mark.parametrize("method", ["pix", "card"])
async def test_what_could_still_be_paid_is_ended_there(
    shop: Shop, backup: Path, method: str
) -> None:
    await shop.check_out("ana", method)
    if method == "card":  # Authorised, and the office lost before it took the money.
        shop.stripe.world.pay_card((await shop.payment("ana")).reference)
    async with put_back(shop, backup) as reconciler:
        (found,) = (await reconciler.since(0)).differences
        assert found.repaired
        assert not (await reconciler.since(0)).differences
    (intent,) = shop.stripe.world.intents.values()
    assert intent["status"] == "canceled"
    assert shop.stripe.world.kept_minor() == 0
    if method == "card":  # Webhooks were silent: the office that was lost hears of it now.
        await shop.reconciler.since(0)


async def test_other_houses_and_shops_of_the_account_are_left_alone(
    shop: Shop, backup: Path
) -> None:
    world = shop.stripe.world
    await shop.buys("ana", "pix")
    await shop.check_out("beto", "pix")
    paid, unpaid = world.intents.values()
    paid["metadata"] = {**paid["metadata"], "house": "another"}
    unpaid["metadata"] = {}
    async with put_back(shop, backup) as reconciler:
        assert not (await reconciler.since(0)).differences
    assert unpaid["status"] == "requires_action"


async def test_a_list_is_read_to_its_end(shop: Shop, backup: Path) -> None:
    await shop.buys("ana", "pix")
    (paid,) = shop.stripe.world.intents.values()
    for number in range(230):
        name = f"pi_other_{number}"
        shop.stripe.world.intents[name] = {**paid, "id": name, "metadata": {}}
    async with put_back(shop, backup) as reconciler:
        assert len((await reconciler.since(0)).listed) == 1
    shop.stripe.world.intents = {paid["id"]: paid}


async def test_a_provider_that_does_not_answer_is_said(shop: Shop, backup: Path) -> None:
    async with put_back(shop, backup) as reconciler:
        shop.stripe.faults.down = True
        done = await reconciler.since(0)
    ((name, why),) = done.failed
    assert name.gateway == "stripe"
    assert "could not answer" in why
