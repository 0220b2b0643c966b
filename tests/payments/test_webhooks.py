"""Stripe's webhook over a real socket: what is believed, what is refused, what is sent again."""

import asyncio
import copy
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import httpx
import pytest

from core import requests as ask
from core.messages import Kind
from core.outcomes import CheckedOut
from tests.auxil.shop import MINUTE_MS, PRICE_MINOR, Shop
from tests.stripe.server import Faults, sign

Change = Callable[[bytes, str], tuple[bytes, str | None]]


async def post(shop: Shop, body: bytes, signature: str | None) -> int:
    headers = {b"stripe-signature": signature.encode("latin-1")} if signature is not None else {}
    async with httpx.AsyncClient() as client:
        return (await client.post(shop.hook_url, content=body, headers=headers)).status_code


async def paid_unheard(shop: Shop) -> dict[str, Any]:
    """Ana has paid a Pix and nobody told; returns the event that would."""
    await shop.check_out("ana", "pix")
    hook, shop.stripe.hook = shop.stripe.hook, ""
    shop.stripe.world.pay_pix((await shop.payment("ana")).reference)
    shop.stripe.hook = hook
    return next(e for e in shop.stripe.events if e["type"] == "payment_intent.succeeded")


async def figure(shop: Shop, verdict: str) -> float:
    async with httpx.AsyncClient() as client:
        text = (await client.get(shop.hook_url.replace("hooks/stripe", "metrics"))).text
    name = f'bilheteria_hooks_total{{hook="stripe",verdict="{verdict}"}} '
    return next((float(x.removeprefix(name)) for x in text.splitlines() if x.startswith(name)), 0)


async def test_an_event_is_taken_once_however_often_it_comes(shop: Shop) -> None:
    event = await paid_unheard(shop)
    for _ in range(3):
        assert await shop.stripe.send(event) == 200
    assert await shop.state("ana") == "completed captured"
    assert (await shop.told("ana")).count(Kind.RECEIPT) == 1
    entries = [e.kind for e in await shop.office.look.history(1, "ana")]
    assert entries.count("completed") == 1


async def test_many_forged_ones_at_once_hold_up_no_genuine_one(shop: Shop) -> None:
    body = json.dumps(await paid_unheard(shop)).encode()
    good = sign(body, shop.clock.ms // 1_000)
    forged = sign(body, shop.clock.ms // 1_000, "whsec_guessed")
    signatures = [good if n % 10 == 0 else forged for n in range(30)]
    answers = await asyncio.gather(*(post(shop, body, signature) for signature in signatures))
    assert answers == [200 if signature == good else 400 for signature in signatures]
    assert await figure(shop, "forged") == 27
    assert await shop.state("ana") == "completed captured"
    assert (await shop.told("ana")).count(Kind.RECEIPT) == 1


async def test_2xx_only_when_it_is_committed(shop: Shop) -> None:
    event = await paid_unheard(shop)
    with closing(sqlite3.connect(shop.path)) as other:
        other.execute("begin immediate")
        assert await shop.stripe.send(event) == 503
    assert await figure(shop, "again") == 1
    assert await shop.state("ana") == "paying pending"
    assert await shop.stripe.send(event) == 200
    assert await shop.state("ana") == "completed captured"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda body, good: (body, None), id="no signature"),
        pytest.param(lambda body, good: (body, ""), id="an empty one"),
        pytest.param(lambda body, good: (body, "nonsense"), id="nonsense"),
        pytest.param(lambda body, good: (body, "t=x,v1=00"), id="no time"),
        pytest.param(lambda body, good: (body, good[:-1] + "\xe9"), id="no ASCII"),
        pytest.param(lambda body, good: (body + b" ", good), id="another body"),
        pytest.param(lambda body, good: (b"\xff\xfe", good), id="no text"),
        pytest.param(lambda body, good: (body, good.replace("v1", "v0")), id="an old scheme"),
    ],
)
async def test_a_forged_event_is_refused_and_counted(shop: Shop, change: Change) -> None:
    event = await paid_unheard(shop)
    body = json.dumps(event).encode()
    good = sign(body, shop.clock.ms // 1_000)
    assert await post(shop, *change(body, good)) == 400
    assert await shop.state("ana") == "paying pending"
    assert await figure(shop, "forged") == 1


@pytest.mark.parametrize(
    ("skew_s", "status"), [(-299, 200), (299, 200), (-302, 400), (302, 400), (-86_400, 400)]
)
async def test_the_clocks_may_differ_a_little(shop: Shop, skew_s: int, status: int) -> None:
    event = await paid_unheard(shop)
    assert await shop.stripe.send(event, skew_s=skew_s) == status


async def test_an_old_event_is_not_believed_for_a_new_time_beside_the_signed_one(
    shop: Shop,
) -> None:
    body, now_s = json.dumps(await paid_unheard(shop)).encode(), shop.clock.ms // 1_000
    old = sign(body, now_s - 86_400)
    for signature in (f"{old},t={now_s}", f"t={now_s},{old}"):
        assert await post(shop, body, signature) == 400
    assert await shop.state("ana") == "paying pending"


async def test_another_secret_is_forgery(shop: Shop) -> None:
    event = await paid_unheard(shop)
    assert await shop.stripe.send(event, secret="whsec_other") == 400
    assert await figure(shop, "forged") == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"null", b'{"id":"e","type":"x","livemode":false,"data":{}}', b"{" * 500],
)
async def test_what_is_signed_and_misshapen_is_refused(shop: Shop, body: bytes) -> None:
    assert await post(shop, body, sign(body, shop.clock.ms // 1_000)) == 400
    assert await figure(shop, "malformed") == 1


async def test_a_live_event_at_test_keys_is_refused(shop: Shop) -> None:
    event = await paid_unheard(shop)
    assert await shop.stripe.send({**event, "livemode": True}) == 400
    assert await shop.state("ana") == "paying pending"


async def test_a_body_too_long_is_not_read(shop: Shop) -> None:
    body = b"x" * 600_000
    assert await post(shop, body, sign(body, shop.clock.ms // 1_000)) == 413
    assert await figure(shop, "too_large") == 1


async def test_events_of_others_and_of_kinds_we_do_not_ask_for_are_no_error(shop: Shop) -> None:
    event = await paid_unheard(shop)
    before = await figure(shop, "ignored")
    assert await shop.stripe.send({**event, "type": "customer.created"}) == 200
    other = copy.deepcopy(event)
    other["data"]["object"]["metadata"] = {"order": "of a shop next door"}
    other["data"]["object"]["payment_intent"] = None
    assert await shop.stripe.send(other) == 200
    another_house = copy.deepcopy(event)
    another_house["data"]["object"]["metadata"]["house"] = "another"
    assert await shop.stripe.send(another_house) == 200
    assert await figure(shop, "ignored") == before + 3
    assert await shop.state("ana") == "paying pending"


async def test_money_for_a_payment_that_is_not_here_is_counted(shop: Shop) -> None:
    event = await paid_unheard(shop)
    event["data"]["object"]["metadata"]["payment"] = "of a backup ago"
    assert await shop.stripe.send(event) == 200
    assert await figure(shop, "strange") == 1


async def test_old_states_that_come_late_change_nothing(shop: Shop) -> None:
    await shop.buys("ana")
    before = len(await shop.office.look.history(1, "ana"))
    for event in reversed(shop.stripe.events):
        assert await shop.stripe.send({**event, "id": event["id"] + "-late"}) == 200
    assert await shop.state("ana") == "completed captured"
    kinds = [e.kind for e in await shop.office.look.history(1, "ana")][before:]
    assert set(kinds) <= {"heard"}
    assert shop.stripe.world.kept_minor() == await shop.worth() == PRICE_MINOR


async def test_an_event_that_needs_a_look_is_sent_again_while_stripe_is_down(shop: Shop) -> None:
    await shop.check_out("ana", "pix")
    reference = (await shop.payment("ana")).reference
    shop.stripe.world.cancel(reference)
    event = next(e for e in shop.stripe.events if e["type"] == "payment_intent.canceled")
    shop.stripe.faults.down = True
    assert await shop.stripe.send(event) == 503
    shop.stripe.faults.down = False
    assert await shop.stripe.send(event) == 200
    assert await shop.state("ana") == "paying cancelled"


async def test_duplicated_delayed_shuffled_forged_and_half_of_them_lost(shop: Shop) -> None:
    rates: Any = {"twice": 300, "delay": 500, "delay_s": 0.1, "lose": 400, "forge": 300}
    shop.stripe.faults = Faults(seed=7, **rates)
    for name, method in (("ana", "card"), ("beto", "pix"), ("caio", "card"), ("duda", "pix")):
        await shop.check_out(name, method)
        reference = (await shop.payment(name)).reference
        if method == "card":
            shop.stripe.world.pay_card(reference)
        else:
            shop.stripe.world.pay_pix(reference)
    for _ in range(4):
        await shop.later(MINUTE_MS)
        await shop.reconciler.open_too_long()
    await shop.work()
    for name in ("ana", "beto", "caio", "duda"):
        assert await shop.state(name) == "completed captured"
    assert shop.stripe.world.kept_minor() == await shop.worth() == 4 * PRICE_MINOR
    assert set(shop.stripe.faults.counts) == {"twice", "delay", "lose", "forge"}


async def test_a_card_declined_by_webhook_leaves_the_page_open(shop: Shop) -> None:
    order = await shop.check_out("ana")
    assert isinstance(order, CheckedOut)
    shop.stripe.world.pay_card((await shop.payment("ana")).reference, "declined")
    await shop.work()
    view = await shop.view("ana")
    assert (view.purchase.state, view.purchase.deadline_ms) == ("paying", order.deadline_ms)
    await shop.office.leave(ask.Leave(show_id=1, purchase_id="ana"))
    await shop.work()
    assert (await shop.view("ana")).purchase.state == "left"
