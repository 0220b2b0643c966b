"""Payments at the command line: compared, put right by hand; and what the doctor says of keys."""

import asyncio
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from app.reconciler import Reconciler
from app.reporting import Money
from app.settings import load_settings
from app.wiring import open_office
from core import requests as ask
from core.outcomes import CheckedOut
from core.receipts import order_code
from tests.app.conftest import CATALOGUE, Run
from tests.auxil.fans import register
from tests.auxil.offices import HandClock
from tests.stripe.server import KEY, stand_in


@pytest.fixture
def office(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """An office with the sandbox, and a Pix begun there a minute ago."""
    (folder / "c.toml").write_text(CATALOGUE, encoding="utf-8")
    assert run("init").code == 0
    assert run("show", "import", "c.toml").code == 0
    monkeypatch.setenv("BILHETERIA_SANDBOX", "true")
    asyncio.run(_begin_a_pix())
    return run


async def _begin_a_pix() -> None:
    settings = load_settings()
    async with open_office(settings) as an_office:
        clock = HandClock(an_office.clock.now_ms())
    async with open_office(settings, clock) as an_office:
        bureau = an_office.office
        await bureau.run(ask.OpenSale(show_id=1))
        await register(bureau, "ana")
        at: dict[str, Any] = {"show_id": 1, "purchase_id": "ana1"}
        await bureau.join(ask.Join(**at, customer_id="ana"))
        await bureau.choose(ask.Choose(**at, wanted=((1, 2),)))
        pay: dict[str, Any] = {"payment_id": "p", "gateway": "sandbox", "method": "pix"}
        assert isinstance(await bureau.check_out(ask.CheckOut(**at, **pay)), CheckedOut)


@pytest.fixture
def paid(office: Run, monkeypatch: pytest.MonkeyPatch) -> str:
    """The code of the order, once it is paid."""
    assert office("work", "--once").code == 0

    async def pay() -> None:
        settings = load_settings()
        async with open_office(settings) as an_office:
            clock = HandClock(an_office.clock.now_ms() + 60_000)
        async with open_office(settings, clock) as an_office:
            money = Money(an_office.office, an_office.gateways)
            done = await Reconciler(money, an_office.look, clock).since(0)
            assert [one.repaired for one in done.differences] == [True]

    asyncio.run(pay())
    return order_code(1, 1, "ana1")


def test_reconcile_says_what_it_compared(office: Run, paid: str) -> None:
    said = office("payments", "reconcile", "--json")
    assert said.code == 0
    assert said.json["ok"]
    assert (said.json["repaired"], said.json["listed"], said.json["failed"]) == ([], [], [])
    assert "0 to see to" in office("payments", "reconcile", "--since", "2020-01-01").out
    assert office("payments", "reconcile", "--since", "2099-01-01", "--json").json["checked"] == 0
    office("payments", "reconcile", "--since", "yesterday").refused(2, "no date")
    assert "a trial, no money moves" in office("order", "view", paid).out


def test_a_gateway_that_is_not_set_up_is_told(office: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BILHETERIA_SANDBOX")
    said = office("payments", "reconcile", "--json")
    assert said.code == 1
    assert said.json["failed"][0]["why"] == "no gateway 'sandbox' is set up"
    assert "FAILED" in office("payments", "reconcile").out


def test_a_refund_made_elsewhere_is_noted_once(office: Run, paid: str) -> None:
    for _ in range(2):
        said = office("payments", "refunded", paid, "--reference", "re_1", "--ticket", "2")
        assert said.code == 0
        assert "ticket 2" in said.out
    view = office("order", "view", paid, "--json").json
    assert [refund["state"] for refund in view["refunds"]] == ["done"]
    assert [ticket["state"] for ticket in view["tickets"]] == ["valid", "refunded"]
    office("payments", "refunded", "9-9-XXXX", "--reference", "x").refused(1, "there is no order")


def test_a_refund_sent_by_hand_must_be_one(office: Run, paid: str) -> None:
    office("payments", "returned", paid, "nothing", "--reference", "x").refused(1, "has no refund")
    office("payments", "refunded", paid, "--reference", "re_1")
    said = office("payments", "returned", paid, "re_1", "--reference", "transfer 7", "--json")
    assert said.json["state"] == "done"


def test_a_refund_that_failed_is_sent_again_by_one_command(office: Run, paid: str) -> None:
    assert office("refund", paid, "--reason", "ill", "--ticket", "2").code == 0
    (refund,) = office("order", "view", paid, "--json").json["refunds"]
    again = ("payments", "again", paid, refund["refund_id"])
    office(*again).refused(1, "is pending: only one that failed")

    async def fail() -> None:
        async with open_office(load_settings()) as an_office:
            name = refund["refund_id"]
            await an_office.office.refund_report(
                ask.RefundReport(show_id=1, refund_id=name, state="failed", reference="re_1")
            )

    asyncio.run(fail())
    (listed,) = office("payments", "reconcile", "--since", "2099-01-01", "--json").json["listed"]
    assert " ".join(again[1:]) in listed["what"]
    said = office(*again, "--json")
    assert (said.json["state"], said.json["refund_id"]) == ("pending", refund["refund_id"])
    (refund,) = office("order", "view", paid, "--json").json["refunds"]
    assert (refund["state"], refund["tries"]) == ("pending", 2)
    office("payments", "again", paid, "nothing").refused(1, "has no refund")


@pytest.fixture
def stripe_url() -> Any:  # noqa: ANN401 - a generator of a URL
    """A stand-in in a thread of its own: commands run loops of their own."""
    ready, over, url = Event(), Event(), list[str]()

    async def serve() -> None:
        async with stand_in(lambda: 1_900_000_000_000) as made:
            url.append(made.url)
            ready.set()
            while not over.is_set():
                await asyncio.sleep(0.02)

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait(10)
    yield url[0]
    over.set()
    thread.join()


def test_the_doctor_tries_the_key_without_moving_money(
    run: Run, monkeypatch: pytest.MonkeyPatch, stripe_url: str
) -> None:
    assert run("init").code == 0
    monkeypatch.setenv("BILHETERIA_STRIPE_URL", stripe_url)
    monkeypatch.setenv("BILHETERIA_STRIPE_KEY", KEY)
    said = run("doctor")
    assert "acct_1, test keys: no money moves" in said.out
    assert "no webhook" in said.out
    monkeypatch.setenv("BILHETERIA_TELEGRAM_PROVIDER_TOKEN", "284685063:LIVE:secret")
    said = run("doctor")
    assert "one is live and one is for tests" in said.out
    assert "secret" not in said.out.replace("stripe_webhook_secret", "") + said.err
    monkeypatch.setenv("BILHETERIA_STRIPE_KEY", "sk_test_another")
    said = run("doctor")
    assert said.code == 1
    assert "does not take the key" in said.out
    assert "sk_test_another" not in said.out + said.err


@pytest.mark.parametrize("command", ["payments reconcile", "work", "serve"])
def test_the_sandbox_does_not_open_next_to_live_keys(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    assert run("init").code == 0
    monkeypatch.setenv("BILHETERIA_SANDBOX", "true")
    monkeypatch.setenv("BILHETERIA_STRIPE_KEY", "sk_live_secret")
    said = run(*command.split())
    said.refused(4, "sandbox")
    assert "sk_live_secret" not in said.out + said.err


def test_another_stripe_is_refused_a_live_key(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILHETERIA_STRIPE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("BILHETERIA_STRIPE_KEY", "sk_live_secret")
    said = run("payments", "reconcile")
    said.refused(4, "test key")
    assert "sk_live_secret" not in said.out + said.err


def test_a_key_comes_from_a_file(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "key").write_text("sk_test_from_file\n", encoding="utf-8")
    monkeypatch.setenv("BILHETERIA_STRIPE_KEY_FILE", str(folder / "key"))
    assert load_settings().secret("stripe_key") == "sk_test_from_file"
    assert run("init").code == 0
    monkeypatch.setenv("BILHETERIA_STRIPE_KEY_FILE", str(folder / "nothing"))
    run("payments", "reconcile").refused(4, "stripe_key_file")
