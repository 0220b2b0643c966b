"""What haste, malice and bad luck do to a sale, one story each; after every story the books add up.

Most stories are about one ticket: `alice` is paying for it by card, `beto` waits behind her.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import outcomes as out
from core import requests as ask
from core.box_office import BoxOffice
from core.caretaker import Caretaker, verify_draw
from core.house_requests import FAN
from core.ports import BrokenInvariant, Names, Steps
from core.terms import HOUR_MS, MINUTE_MS
from core.views import PurchaseView
from data.sqlite import SqliteStore
from tests.auxil import books
from tests.auxil.drafts import T0_MS, ShowDraft, show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.offices import SIGNER, CountedIds, HandClock, HmacSigner, publish

OPENING_MS = T0_MS + 10 * MINUTE_MS
CLOSING_MS = T0_MS + HOUR_MS
PRICE = 110


@pytest.fixture(autouse=True)
def proved(path: Path) -> Iterator[None]:
    """Whatever the story did, the books add up once its office is closed: the audit says so too."""
    yield
    books.check(path)


@pytest.fixture
async def alice(office: BoxOffice) -> Fan:
    """She is paying for the only ticket at a bank outside."""
    await on_sale(office, show(tier("pista", 1)))
    (fan,) = await come(office, "alice")
    await fan.choose()
    assert isinstance(await fan.check_out(outside=1), out.CheckedOut)
    return fan


@pytest.fixture
async def beto(office: BoxOffice, alice: Fan) -> Fan:
    """He is next in line."""
    (fan,) = await come(office, "beto")
    assert await state(fan) == "in_line"
    return fan


async def on_sale(office: BoxOffice, draft: ShowDraft) -> None:
    await publish(office, draft)
    await office.run(ask.OpenSale(show_id=1))


async def come(office: BoxOffice, *names: str, channel: str = ask.TELEGRAM) -> list[Fan]:
    """New people join the first show, in this order."""
    await register(office, *names)
    fans = [Fan(office, 1, name, channel) for name in names]
    for fan in fans:
        assert isinstance(await fan.join(), out.Joined)
    return fans


async def in_the_lobby(office: BoxOffice, *names: str) -> list[Fan]:
    """People wait for the draw of the first show, which has one ticket."""
    await publish(office, show(tier("pista", 1), lobby_opens_ms=T0_MS, sale_opens_ms=OPENING_MS))
    fans = await come(office, *names)
    assert [await state(fan) for fan in fans] == ["in_lobby"] * len(names)
    return fans


def at(fan: Fan) -> dict[str, Any]:
    return {"show_id": fan.show_id, "purchase_id": fan.name}


async def seen(fan: Fan) -> PurchaseView:
    view = await fan.office.look.purchase(fan.show_id, fan.name)
    assert view is not None, f"{fan.name} is not there"
    return view


async def state(fan: Fan) -> str:
    return (await seen(fan)).purchase.state


async def number(fan: Fan) -> int | None:
    return (await seen(fan)).purchase.number


async def written(fan: Fan, kind: str) -> list[dict[str, Any]]:
    """What the waiting effects of a kind about somebody say."""
    effects = await fan.office.look.effects_of(fan.show_id, fan.name)
    return [json.loads(e.data) for e in effects if (e.kind, e.state) == (kind, "waiting")]


async def bank(fan: Fan, said: str, amount_minor: int = PRICE, event: str = "") -> object:
    """The bank reports how somebody's payment stands."""
    report = ask.Report(
        show_id=fan.show_id,
        payment_id=f"{fan.name}-pay",
        event_id=event or f"{fan.name}-{said}",
        state=said,
        amount_minor=amount_minor,
        currency="BRL",
    )
    return await fan.office.report(report)


async def statuses(office: BoxOffice) -> list[str]:
    """How the sales of the first two shows stand."""
    views = [await office.look.show(show_id) for show_id in (1, 2)]
    return [view.card.status for view in views if view is not None]


async def go_round(caretaker: Caretaker, clock: HandClock) -> int:
    """The caretaker comes, and finds no reason to come again at once."""
    due_ms = await caretaker.round()
    assert due_ms is not None
    assert due_ms > clock.ms, "the caretaker spins"
    return due_ms


async def assert_drawn(office: BoxOffice, fans: list[Fan]) -> None:
    """These, and nobody else, were in the draw; anyone can check its order."""
    view = await office.look.show(1)
    assert view is not None
    ids = list(await office.look.lobby_ids(1, "", 100))
    assert ids == sorted(fan.name for fan in fans)
    numbers = {await number(fan): fan.name for fan in fans}
    assert verify_draw(view, ids, [numbers[n + 1] for n in range(len(fans))]) is None


# Money.


async def test_authorised_then_captured_with_another_amount(
    alice: Fan, beto: Fan, caretaker: Caretaker, clock: HandClock
) -> None:
    await bank(alice, "authorised")
    again = ask.CheckOut(**at(alice), payment_id="another", gateway="bank", method="card")
    assert isinstance(await alice.office.check_out(again), out.WrongState)
    assert await bank(alice, "captured", 90) == out.GivenBack("alice-pay", 90, "wrong amount")
    assert len(await written(alice, "payment.refund")) == 1
    order = (await seen(alice)).order
    assert order is not None
    assert (await state(alice), order.state) == ("lapsed", "void")
    assert await state(beto) == "called"
    await go_round(caretaker, clock)
    late = await bank(alice, "captured", PRICE, event="late")
    assert late == out.Noted("alice-pay", "captured")
    assert (await state(alice), await state(beto)) == ("lapsed", "called")
    await go_round(caretaker, clock)
    await alice.office.claim(ask.Claim(**at(beto)))
    await beto.choose()
    await beto.check_out()
    assert isinstance(await beto.pay(PRICE), out.Paid)


async def test_authorised_after_it_was_called_off(alice: Fan, beto: Fan) -> None:
    await alice.office.leave(ask.Leave(**at(alice)))
    await bank(alice, "cancelled")
    assert (await state(alice), await state(beto)) == ("left", "called")
    for _ in ("once", "and the same event again"):
        assert isinstance(await bank(alice, "authorised"), out.Noted)
        voids = [call.get("void") for call in await written(alice, "payment.settle")]
        assert voids == [None, 1]
    await bank(alice, "cancelled", event="voided")
    assert (await state(alice), await state(beto)) == ("left", "called")


async def test_a_bank_that_is_silent_for_hours_is_asked_once(
    alice: Fan, beto: Fan, caretaker: Caretaker, clock: HandClock
) -> None:
    clock.ms += 10 * MINUTE_MS
    for _ in range(120):
        await caretaker.round()
        assert await state(alice) == "paying"
        assert len(await written(alice, "payment.settle")) == 1
        clock.ms += MINUTE_MS
    assert await state(beto) == "in_line"
    await bank(alice, "cancelled")
    assert (await state(alice), await state(beto)) == ("lapsed", "called")
    assert not (await seen(alice)).purchase.tickets


@pytest.mark.parametrize("swept", [False, True])
async def test_stepping_back_after_the_deadline(
    swept: bool, alice: Fan, beto: Fan, caretaker: Caretaker, clock: HandClock
) -> None:
    clock.ms += 10 * MINUTE_MS
    if swept:
        await caretaker.round()
    before = await seen(alice)
    await alice.office.step_back(ask.StepBack(**at(alice)))
    assert await seen(alice) == before
    await caretaker.round()
    await bank(alice, "cancelled")
    assert (await state(alice), await state(beto)) == ("lapsed", "called")


async def test_stepping_back_does_not_undo_leaving(alice: Fan, beto: Fan) -> None:
    await alice.office.leave(ask.Leave(**at(alice)))
    before = await seen(alice)
    assert before.purchase.ending == "leave"
    await alice.office.step_back(ask.StepBack(**at(alice)))
    assert await seen(alice) == before
    await bank(alice, "cancelled")
    assert (await state(alice), await state(beto)) == ("left", "called")


async def test_a_fan_gives_tickets_back_only_while_the_show_takes_them(
    office: BoxOffice, clock: HandClock
) -> None:
    """The house itself is not bound by the rule."""
    until_ms = clock.ms + 1_000
    drafts = show(tier("pista", 3), slug="a", refunds_until_ms=until_ms), show(slug="b")
    shows = await publish(office, *drafts)
    for fan in "ana", "bia":
        await register(office, fan)
    ana, bia = Fan(office, shows["a"], "ana"), Fan(office, shows["b"], "bia")
    for fan in ana, bia:
        await office.run(ask.OpenSale(show_id=fan.show_id))
        await fan.buy(2)

    async def asks(fan: Fan, name: str, actor: str, *numbers: int) -> object:
        request = ask.Refund(
            show_id=fan.show_id,
            purchase_id=fan.name,
            refund_id=name,
            reason="",
            ticket_nos=numbers,
            actor=actor,
        )
        return await office.refund(request)

    assert await asks(bia, "never", FAN, 1) == out.RefundsOver(None)
    assert isinstance(await asks(ana, "in-time", FAN, 1), out.Refunded)
    clock.ms = until_ms
    assert await asks(ana, "too-late", FAN, 2) == out.RefundsOver(until_ms)
    assert isinstance(await asks(ana, "in-time", FAN, 1), out.Refunded), "the same, asked again"
    assert isinstance(await asks(ana, "by-the-house", "clerk:eva", 2), out.Refunded)


async def test_a_refund_that_failed_is_asked_for_again(alice: Fan, beto: Fan) -> None:
    await bank(alice, "captured")
    refund = ask.Refund(**at(alice), refund_id="back", reason="asked for")

    async def standing() -> tuple[str, int]:
        answer = await alice.office.refund(refund)
        assert isinstance(answer, out.Refunded)
        return answer.state, len(await written(alice, "payment.refund"))

    async def ended(said: str) -> None:
        answer = await alice.office.refund_report(
            ask.RefundReport(show_id=1, refund_id="back", state=said)
        )
        assert answer == out.Refunded("back", PRICE, (1,), said)

    assert await standing() == ("pending", 1)
    assert await standing() == ("pending", 1)
    await ended("failed")
    assert await standing() == ("pending", 2)
    assert await standing() == ("pending", 2)
    await ended("done")
    await ended("done")
    assert await standing() == ("done", 2)
    (payment,) = (await seen(alice)).payments
    assert (payment.state, payment.refunded_minor) == ("refunded", PRICE)
    assert len(await written(alice, "refund_done")) == 1
    assert await state(beto) == "called"


# The lobby and the draw.


async def test_a_show_cancelled_while_it_draws(
    office: BoxOffice, caretaker: Caretaker, clock: HandClock
) -> None:
    fans = await in_the_lobby(office, "alice", "beto")
    clock.ms = OPENING_MS
    assert await office.run(ask.OpenSale(show_id=1)) == out.SaleNow(1, "drawing")
    assert await office.run(ask.CancelShow(show_id=1)) == out.SaleNow(1, "cancelled")
    await go_round(caretaker, clock)
    for fan in fans:
        assert await state(fan) == "closed"
        assert len(await written(fan, "show_cancelled")) == 1


async def test_a_seed_that_was_not_published(
    office: BoxOffice, caretaker: Caretaker, clock: HandClock
) -> None:
    fans = await in_the_lobby(office, "alice", "beto", "carla")
    await publish(office, show(slug="other", sale_opens_ms=OPENING_MS))
    clock.ms = OPENING_MS
    stranger = Caretaker(office, HmacSigner(b"another secret"))
    for _ in range(3):
        clock.ms = await go_round(stranger, clock)
        assert await statuses(office) == ["drawing", "open"]
    assert [await state(fan) for fan in fans] == ["in_lobby"] * 3
    await go_round(caretaker, clock)
    assert await statuses(office) == ["open", "open"]
    await assert_drawn(office, fans)


async def test_who_comes_after_the_opening_is_not_in_the_lobby(
    office: BoxOffice, caretaker: Caretaker, clock: HandClock
) -> None:
    fans = await in_the_lobby(office, "alice", "beto")
    clock.ms = OPENING_MS
    (late,) = await come(office, "late")
    assert (await state(late), await number(late)) == ("in_line", 3)
    await go_round(caretaker, clock)
    await assert_drawn(office, fans)
    assert await number(late) == 3
    assert (await seen(late)).ahead == 1


# The window, and the house's own bad luck.


async def test_a_walk_in_whose_allotment_was_used_up_takes_one_ticket(office: BoxOffice) -> None:
    await on_sale(office, show(tier("pista", 5, window=2), calls_max=1))
    choosing, waiting = await come(office, "choosing", "waiting")
    assert (await state(choosing), await state(waiting)) == ("choosing", "in_line")
    first, second = await come(office, "first", "second", channel=ask.WINDOW)
    assert (await state(first), await state(second)) == ("choosing", "choosing")
    assert isinstance(await first.choose(2), out.Chosen)
    assert await second.choose(2) == out.NotEnough(1, None, None)
    assert isinstance(await second.choose(1), out.Chosen)
    assert await second.choose(2) == out.NotEnough(1, None, None)
    assert await state(waiting) == "in_line"


class Failing(SqliteStore):
    """A store on which every batch that names the `doomed` show breaks a rule."""

    doomed = 0

    async def transact(self, steps: Callable[[], Steps]) -> None:
        names = next(steps())
        if isinstance(names, Names) and self.doomed in names.shows:
            raise BrokenInvariant("the doomed show")
        await super().transact(steps)


@pytest.mark.parametrize("doomed", [1, 2])
async def test_a_show_that_fails_holds_up_no_other(
    doomed: int, path: Path, clock: HandClock, ids: CountedIds
) -> None:
    def stand(doomed_show: str, other: str) -> list[str]:
        return [doomed_show, other] if doomed == 1 else [other, doomed_show]

    async with Failing(path) as store:
        office = BoxOffice(store, store.views, clock, ids)
        caretaker = Caretaker(office, SIGNER)

        async def failing_round() -> list[str]:
            store.doomed = doomed
            with pytest.raises(BrokenInvariant, match="the doomed show"):
                await caretaker.round()
            store.doomed = 0
            return await statuses(office)

        window: dict[str, Any] = {"sale_opens_ms": OPENING_MS, "sale_closes_ms": CLOSING_MS}
        await publish(office, show(slug="one", **window), show(slug="two", **window))
        clock.ms = OPENING_MS
        assert await failing_round() == stand("published", "open")
        await go_round(caretaker, clock)
        await register(office, "alice")
        fans = [Fan(office, show_id, "alice") for show_id in (1, 2)]
        for fan in fans:
            await fan.join()
        clock.ms = CLOSING_MS
        assert await failing_round() == stand("open", "closed")
        assert [await state(fan) for fan in fans] == stand("choosing", "lapsed")
        await go_round(caretaker, clock)
        assert await statuses(office) == ["closed", "closed"]
        assert [await state(fan) for fan in fans] == ["lapsed", "lapsed"]
        await office.close()
