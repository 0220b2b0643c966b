"""The sandbox works like a provider, says that no money moves, and stays away from live keys."""

from pathlib import Path

import pytest

from app.effects import EffectWorker
from app.gateway_calls import GatewayCalls
from app.payment_gateways import gateways
from app.reconciler import Reconciler
from app.reporting import Money
from app.settings import Settings, SettingsWrong
from core import requests as ask
from core.messages import GATEWAY_KINDS
from core.offers import Offers
from core.ports import Gateway
from payments.sandbox import PAYS_MS, Sandbox
from tests.auxil import books
from tests.auxil.drafts import show, tier
from tests.auxil.fans import register
from tests.auxil.offices import CountedIds, HandClock, new_file, open_office, publish


@pytest.mark.parametrize("method", ["card", "pix"])
async def test_a_ticket_is_bought_and_refunded(tmp_path: Path, method: str) -> None:
    path, clock = new_file(tmp_path / "a.db"), HandClock()
    its: dict[str, Gateway] = {"sandbox": Sandbox(clock)}
    async with open_office(path, clock, CountedIds()) as office:
        await publish(office, show(tier("pista", 2), slug="s"))
        await office.run(ask.OpenSale(show_id=1))
        await register(office, "ana")
        await office.join(ask.Join(show_id=1, purchase_id="ana", customer_id="ana"))
        await office.choose(ask.Choose(show_id=1, purchase_id="ana", wanted=((1, 2),)))
        await office.check_out(
            ask.CheckOut(
                show_id=1, purchase_id="ana", payment_id="p", gateway="sandbox", method=method
            )
        )
        worker = EffectWorker(office, "w", GATEWAY_KINDS, GatewayCalls(office, its))
        reconciler = Reconciler(Money(office, its), office.look, clock)
        while await worker.round():
            pass
        view = await office.look.purchase(1, "ana")
        assert view is not None
        if method == "pix":
            how = view.payments[0].how
            assert how is not None
            assert "NO MONEY MOVES" in how.code
            clock.ms += PAYS_MS
            await reconciler.open_too_long(0)
        view = await office.look.purchase(1, "ana")
        assert view is not None
        assert (view.purchase.state, view.payments[0].state) == ("completed", "captured")
        await office.refund(
            ask.Refund(show_id=1, purchase_id="ana", refund_id="r", reason="x", ticket_nos=(1,))
        )
        while await worker.round():
            pass
        assert not (await reconciler.since(0)).differences
    books.check(path)


async def test_unpaid_it_is_cancelled(tmp_path: Path) -> None:
    path, clock = new_file(tmp_path / "a.db"), HandClock()
    its: dict[str, Gateway] = {"sandbox": Sandbox(clock)}
    async with open_office(path, clock, CountedIds()) as office:
        await publish(office, show(tier("pista", 2), slug="s"))
        await office.run(ask.OpenSale(show_id=1))
        await register(office, "ana")
        await office.join(ask.Join(show_id=1, purchase_id="ana", customer_id="ana"))
        await office.choose(ask.Choose(show_id=1, purchase_id="ana", wanted=((1, 2),)))
        await office.check_out(
            ask.CheckOut(
                show_id=1, purchase_id="ana", payment_id="p", gateway="sandbox", method="pix"
            )
        )
        await office.leave(ask.Leave(show_id=1, purchase_id="ana"))
        worker = EffectWorker(office, "w", GATEWAY_KINDS, GatewayCalls(office, its))
        while await worker.round():
            pass
        view = await office.look.purchase(1, "ana")
        assert view is not None
        assert (view.purchase.state, view.payments[0].state) == ("left", "cancelled")


@pytest.mark.parametrize(
    "live",
    [
        {"stripe_key": "sk_live_1"},
        {"stripe_key": "rk_live_1"},
        {"telegram_token": "1:a", "telegram_provider_token": "1:LIVE:x"},
    ],
)
def test_it_does_not_stand_next_to_live_keys(live: dict[str, str]) -> None:
    settings = Settings.model_validate({"sandbox": True, **live})
    with pytest.raises(SettingsWrong, match="sandbox"):
        gateways(settings, HandClock(), "house")


def test_every_offer_says_that_no_money_moves() -> None:
    given = {"sandbox": True, "stripe_key": "sk_test_1"}
    its = gateways(Settings.model_validate(given), HandClock(), "house")
    assert list(its) == ["counter", "stripe", "sandbox"]
    offers = Offers(its).of(None, "telegram", "BRL")
    assert {offer.gateway for offer in offers} == {"stripe", "sandbox"}
    assert not any(offer.moves_money for offer in offers)
    real = gateways(Settings.model_validate({"stripe_key": "sk_live_1"}), HandClock(), "house")
    assert all(offer.moves_money for offer in Offers(real).of(None, "telegram", "BRL"))
