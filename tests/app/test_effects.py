"""Effects are carried out at least once, each under one key, whatever fails on the way."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.effects import EffectWorker, pause_after, told
from app.gateway_calls import GatewayCalls
from app.reporting import NoGateway
from core import limits
from core.bills import Bill, make_out
from core.box_office import BoxOffice
from core.messages import GATEWAY_KINDS, MESSAGE_KINDS, Effect, Kind
from core.offers import Offer
from core.outbox import EffectAnswer
from core.outcomes import UnknownShow
from core.payments import Payment, Refund
from core.ports import Account, BrokenInvariant, Gateway, GatewayReport, StorageLost
from core.requests import (
    CheckOut,
    Choose,
    EffectDead,
    EffectDone,
    Join,
    Leave,
    OpenSale,
    Register,
    Report,
)
from core.requests import Refund as AskRefund
from core.views import PurchaseView
from tests.auxil.drafts import show, tier
from tests.auxil.offices import CountedIds, HandClock, new_file, open_office, publish

Said = Sequence[GatewayReport]


@dataclass
class Bank:
    """A gateway of our own making. `fail`: how many calls raise before one is answered."""

    name: str = "bank"
    outside: int = 1
    moves_money: bool = True
    fail: int = 0
    hang: bool = False
    says: list[str] = field(default_factory=lambda: ["captured"])
    refunds_say: list[str] = field(default_factory=lambda: ["done"])
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    retry_after_ms: int = 0
    event_id: str = ""

    async def _answer(self, verb: str, payment: Payment, amount_minor: int) -> Said:
        self.asked.append((verb, payment.payment_id))
        await self._trouble()
        state = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if not state:
            return ()
        return (
            GatewayReport(
                event_id=self.event_id,
                state=state,
                amount_minor=amount_minor,
                currency=payment.currency,
                reference="tx-1",
            ),
        )

    async def _trouble(self) -> None:
        if self.hang:
            await asyncio.sleep(3_600)
        if self.fail:
            self.fail -= 1
            down = OSError("the bank is down")
            if self.retry_after_ms:
                down.retry_after_ms = self.retry_after_ms  # type: ignore[attr-defined]  # as asked
            raise down

    def offers(self, channel: str, currency: str) -> Sequence[Offer]:
        return ()

    async def start(self, bill: Bill) -> Said:
        return await self._answer("start", bill.payment, bill.total_minor)

    async def capture(self, payment: Payment) -> Said:
        return await self._answer("capture", payment, payment.amount_minor)

    async def settle(self, payment: Payment, *, void: bool) -> Said:
        return await self._answer("void" if void else "settle", payment, payment.amount_minor)

    async def look(self, payment: Payment) -> Account | None:
        return None

    async def refund(self, refund: Refund, payment: Payment) -> str:
        self.asked.append(("refund", refund.refund_id))
        await self._trouble()
        return self.refunds_say.pop(0) if len(self.refunds_say) > 1 else self.refunds_say[0]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return new_file(tmp_path / "effects.db")


@pytest.fixture
async def office(path: Path, clock: HandClock) -> AsyncIterator[BoxOffice]:
    async with open_office(path, clock, CountedIds()) as opened:
        await publish(opened, show(tier("pista", 3), slug="s"))
        yield opened


@pytest.fixture(autouse=True)
async def paying(office: BoxOffice) -> None:
    """One person who pays at the bank: a start effect waits."""
    await office.run(OpenSale(show_id=1))
    await office.register(Register(customer_id="ana", contacts=(("telegram", "1"),)))
    await office.join(Join(show_id=1, purchase_id="p", customer_id="ana"))
    await office.choose(Choose(show_id=1, purchase_id="p", wanted=((1, 2),)))
    await office.check_out(
        CheckOut(show_id=1, purchase_id="p", payment_id="pay", gateway="bank", method="pix")
    )


def worker_of(
    office: BoxOffice, bank: Bank, name: str = "w", patience_s: float = 5
) -> EffectWorker:
    gateway: Gateway = bank
    calls = GatewayCalls(office, {bank.name: gateway})
    return EffectWorker(office, name, GATEWAY_KINDS, calls, patience_s)


async def look(office: BoxOffice) -> PurchaseView:
    view = await office.look.purchase(1, "p")
    assert view is not None
    return view


async def effects(office: BoxOffice, kind: Kind) -> list[Effect]:
    return [one for one in await office.look.effects_of(1, "p") if one.kind == kind]


async def test_a_payment_is_started_and_reported_once(office: BoxOffice) -> None:
    bank = Bank()
    worker = worker_of(office, bank)
    assert await worker.round() == 1
    assert await worker.round() == 0
    view = await look(office)
    assert view.purchase.state == "completed"
    assert view.payments[0].reference == "tx-1"
    assert bank.asked == [("start", "pay")]
    (started,) = await effects(office, Kind.PAYMENT_START)
    assert started.state == "done"


async def test_authorised_money_is_captured_after_the_tickets_are_fixed(office: BoxOffice) -> None:
    bank = Bank(says=["authorised", "captured"])
    worker = worker_of(office, bank)
    while await worker.round():
        pass
    assert [verb for verb, _ in bank.asked] == ["start", "capture"]
    assert (await look(office)).purchase.state == "completed"


@pytest.mark.parametrize("said", ["", "pending", "authorised"])
async def test_a_capture_is_asked_for_until_the_money_is_taken(
    office: BoxOffice, clock: HandClock, said: str
) -> None:
    bank = Bank(says=["authorised", said, "captured"])
    worker = worker_of(office, bank)
    await worker.round()
    assert await worker.round() == 1
    (capture,) = await effects(office, Kind.PAYMENT_CAPTURE)
    assert (capture.state, capture.due_ms) == ("waiting", clock.ms + limits.SETTLE_AGAIN_MS)
    clock.ms = capture.due_ms
    assert await worker.round() == 1
    assert [verb for verb, _ in bank.asked] == ["start", "capture", "capture"]
    assert (await look(office)).purchase.state == "completed"


async def test_a_capture_that_was_heard_of_another_way_is_not_asked_for(
    office: BoxOffice,
) -> None:
    bank = Bank(says=["authorised"])
    worker = worker_of(office, bank)
    await worker.round()
    paid = (await look(office)).payments[0]
    await office.report(
        Report(
            show_id=1,
            payment_id="pay",
            event_id="x",
            state="captured",
            amount_minor=paid.amount_minor,
            currency="BRL",
        )
    )
    await worker.round()
    assert [verb for verb, _ in bank.asked] == ["start"]
    assert (await effects(office, Kind.PAYMENT_CAPTURE))[0].state == "done"


async def test_a_payment_that_is_under_way_already_is_not_started_again(
    office: BoxOffice,
) -> None:
    bank = Bank()
    said = Report(
        show_id=1, payment_id="pay", event_id="x", state="pending", amount_minor=0, currency="BRL"
    )
    await office.report(said)
    assert await worker_of(office, bank).round() == 1
    assert bank.asked == []
    assert (await effects(office, Kind.PAYMENT_START))[0].state == "done"


async def test_what_the_office_can_not_take_in_is_asked_for_again(
    office: BoxOffice, clock: HandClock, path: Path
) -> None:
    bank = Bank(says=["nonsense", "captured"])
    worker = worker_of(office, bank)
    await worker.round()
    assert (await effects(office, Kind.PAYMENT_START))[0].state == "waiting"
    connection = sqlite3.connect(path)
    kept = connection.execute("select error from effects").fetchone()
    connection.close()
    assert kept == ("the office answered Malformed to what the gateway said",)
    clock.ms += limits.BACKOFF_MAX_MS
    await worker.round()
    assert (await look(office)).purchase.state == "completed"


async def test_the_words_of_a_strangers_failure_are_kept_nowhere(
    office: BoxOffice, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def call(effect: Effect) -> int | None:
        raise OSError("https://bank.example/token-1234/send")

    await EffectWorker(office, "w", GATEWAY_KINDS, call).round()
    connection = sqlite3.connect(path)
    kept = connection.execute("select error from effects").fetchone()
    connection.close()
    assert kept == ("OSError",)
    assert "OSError" in caplog.text
    assert "token-1234" not in caplog.text


def test_our_own_words_about_a_failure_are_kept() -> None:
    assert told(NoGateway("no gateway 'x' is set up")) == "no gateway 'x' is set up"
    assert told(BrokenInvariant("held < 0")) == "BrokenInvariant: held < 0"
    assert told(TimeoutError()) == "no answer in time"
    assert told(OSError("https://bank.example/token-1234")) == "OSError"


async def test_a_gateway_that_fails_is_tried_again_later_and_later(
    office: BoxOffice, clock: HandClock
) -> None:
    bank = Bank(fail=2 * limits.EFFECT_ATTEMPTS)
    worker = worker_of(office, bank)
    pauses: list[int] = []
    while bank.fail:
        assert await worker.round() == 1
        (effect,) = await effects(office, Kind.PAYMENT_START)
        assert effect.state == "waiting"
        pauses.append(effect.due_ms - clock.ms)
        clock.ms = effect.due_ms - 1
        assert await worker.round() == 0
        clock.ms = effect.due_ms
    assert limits.BACKOFF_MS // 2 <= pauses[0] <= limits.BACKOFF_MS
    assert all(
        limits.BACKOFF_MAX_MS // 2 <= pause <= limits.BACKOFF_MAX_MS for pause in pauses[10:]
    )
    # Money is never given up: far past the attempts that a message gets, it still goes through.
    assert len(pauses) > limits.EFFECT_ATTEMPTS
    await worker.round()
    (effect,) = await effects(office, Kind.PAYMENT_START)
    assert effect.state == "done"


async def test_the_pause_that_the_gateway_asks_for_is_kept(
    office: BoxOffice, clock: HandClock
) -> None:
    await worker_of(office, Bank(fail=1, retry_after_ms=90_000)).round()
    (effect,) = await effects(office, Kind.PAYMENT_START)
    assert effect.due_ms == clock.ms + 90_000


async def test_a_gateway_that_hangs_is_broken_off_while_the_lease_lives(office: BoxOffice) -> None:
    await worker_of(office, Bank(hang=True), patience_s=0.05).round()
    (effect,) = await effects(office, Kind.PAYMENT_START)
    assert effect.state == "waiting"
    await worker_of(office, Bank()).round()


async def test_a_gateway_that_is_not_set_up_is_waited_for(
    office: BoxOffice, clock: HandClock
) -> None:
    worker = EffectWorker(office, "w", GATEWAY_KINDS, GatewayCalls(office, {}))
    assert await worker.round() == 1
    clock.ms += limits.BACKOFF_MAX_MS
    await worker_of(office, Bank()).round()
    assert (await look(office)).purchase.state == "completed"


async def test_killed_between_call_and_report_it_is_done_again_and_heard_once(
    office: BoxOffice, clock: HandClock
) -> None:
    bank = Bank()
    taken = await office.take_effects("killed", sorted(GATEWAY_KINDS), 10)
    view = await look(office)
    assert view.order is not None
    show_view = await office.look.show(1)
    assert show_view is not None
    await bank.start(make_out(show_view, view.order, view.payments[0]))
    # Here the process dies: no report, no end. While its lease lives, nobody else does it.
    other = worker_of(office, bank, "other")
    assert await other.round() == 0
    clock.ms += limits.LEASE_MS
    assert await other.round() == 1
    assert bank.asked == [("start", "pay")] * 2
    assert (await look(office)).purchase.state == "completed"
    assert len(taken) == 1


async def test_killed_between_report_and_end_it_is_heard_once(
    office: BoxOffice, clock: HandClock, path: Path
) -> None:
    (effect,) = await office.take_effects("killed", sorted(GATEWAY_KINDS), 10)
    bank = Bank()
    assert await GatewayCalls(office, {"bank": bank})(effect) is None
    clock.ms += limits.LEASE_MS
    assert await worker_of(office, bank).round() == 1
    view = await look(office)
    assert (view.purchase.state, len(view.tickets), view.refunds) == ("completed", 2, ())
    connection = sqlite3.connect(path)
    assert connection.execute("select count(*) from events").fetchone() == (1,)
    connection.close()


async def test_two_workers_never_do_one_effect_twice_while_its_lease_lives(
    office: BoxOffice,
) -> None:
    bank = Bank(says=["pending"])
    workers = [worker_of(office, bank, f"w{number}") for number in range(5)]
    done = await asyncio.gather(*(worker.round() for worker in workers))
    assert sum(done) == 1
    assert len(bank.asked) == 1


async def test_the_providers_own_event_id_is_used(office: BoxOffice, path: Path) -> None:
    await worker_of(office, Bank(event_id="evt_1")).round()
    connection = sqlite3.connect(path)
    assert connection.execute("select event_id from events").fetchall() == [("evt_1",)]
    connection.close()


async def test_a_payment_called_off_is_asked_about_until_it_is_decided(
    office: BoxOffice, clock: HandClock
) -> None:
    bank = Bank(says=["pending", "pending", "", "cancelled"])
    worker = worker_of(office, bank)
    await worker.round()
    await office.leave(Leave(show_id=1, purchase_id="p"))
    for _ in range(2):
        assert await worker.round() == 1
        assert (await look(office)).purchase.state == "paying"
        assert await worker.round() == 0
        clock.ms += limits.SETTLE_AGAIN_MS
    assert await worker.round() == 1
    assert [verb for verb, _ in bank.asked] == ["start", "settle", "settle", "settle"]
    assert (await look(office)).purchase.state == "left"


async def test_money_that_came_after_all_is_heard_when_asked(office: BoxOffice) -> None:
    bank = Bank(says=["pending", "captured"])
    worker = worker_of(office, bank)
    await worker.round()
    await office.leave(Leave(show_id=1, purchase_id="p"))
    await worker.round()
    assert (await look(office)).purchase.state == "completed"


async def test_a_refund_is_asked_for_until_the_money_is_back(
    office: BoxOffice, clock: HandClock
) -> None:
    bank = Bank(refunds_say=["pending", "done"])
    worker = worker_of(office, bank)
    await worker.round()
    asking = AskRefund(show_id=1, purchase_id="p", refund_id="r", reason="ill")
    await office.refund(asking)
    await worker.round()
    assert (await look(office)).refunds[0].state == "pending"
    clock.ms += limits.SETTLE_AGAIN_MS
    await worker.round()
    view = await look(office)
    assert (view.refunds[0].state, view.payments[0].state) == ("done", "refunded")
    assert bank.asked[1:] == [("refund", "r")] * 2


async def test_a_refund_that_failed_is_told(office: BoxOffice) -> None:
    worker = worker_of(office, Bank(refunds_say=["failed"]))
    await worker.round()
    await office.refund(AskRefund(show_id=1, purchase_id="p", refund_id="r", reason="ill"))
    await worker.round()
    assert (await look(office)).refunds[0].state == "failed"
    assert await effects(office, Kind.REFUND_FAILED)


async def test_late_money_is_returned_through_its_gateway(office: BoxOffice) -> None:
    bank = Bank(says=["pending"])
    worker = worker_of(office, bank)
    await worker.round()
    late = Report(
        show_id=1, payment_id="pay", event_id="x", state="captured", amount_minor=1, currency="BRL"
    )
    await office.report(late)
    await worker.round()
    (refund,) = (await look(office)).refunds
    assert (refund.state, refund.amount_minor) == ("done", 1)


@dataclass
class Post:
    """A carrier. `fail`: how many deliveries raise before one succeeds."""

    fail: int = 0
    carried: list[str] = field(default_factory=list[str])

    async def carry(self, effect: Effect) -> None:
        if self.fail:
            self.fail -= 1
            raise ConnectionError
        self.carried.append(effect.key)


async def test_messages_are_carried_and_given_up_after_their_attempts(
    office: BoxOffice, clock: HandClock, path: Path
) -> None:
    await worker_of(office, Bank()).round()
    post = Post(fail=10**6)
    worker = EffectWorker(office, "post", MESSAGE_KINDS, post.carry)
    rounds = 0
    while (await effects(office, Kind.RECEIPT))[0].state == "waiting":
        rounds += await worker.round()
        clock.ms += limits.BACKOFF_MAX_MS
    assert rounds == limits.EFFECT_ATTEMPTS
    assert (await effects(office, Kind.RECEIPT))[0].state == "dead"
    connection = sqlite3.connect(path)
    kept = connection.execute("select error from effects where state = 'dead'").fetchall()
    connection.close()
    assert kept == [("ConnectionError",)]


async def test_a_message_that_fails_twice_arrives_once(office: BoxOffice, clock: HandClock) -> None:
    await worker_of(office, Bank()).round()
    post = Post(fail=2)
    worker = EffectWorker(office, "post", MESSAGE_KINDS, post.carry)
    for _ in range(5):
        await worker.round()
        clock.ms += limits.BACKOFF_MAX_MS
    (receipt,) = await effects(office, Kind.RECEIPT)
    assert (post.carried, receipt.state) == ([receipt.key], "done")


async def test_a_worker_runs_until_stopped_and_finishes_what_it_has(office: BoxOffice) -> None:
    bank = Bank()
    stop = asyncio.Event()
    running = asyncio.create_task(worker_of(office, bank).run(stop))
    async with asyncio.timeout(60):
        while (await look(office)).purchase.state != "completed":
            await asyncio.sleep(0.01)
    stop.set()
    await running
    assert (await effects(office, Kind.PAYMENT_START))[0].state == "done"


class LostOffice(BoxOffice):
    """An office whose storage is lost whenever an effect is to be ended."""

    lost = True

    def finish(self, request: EffectDone | EffectDead) -> Awaitable[EffectAnswer | UnknownShow]:
        if self.lost:
            raise StorageLost("gone")
        return super().finish(request)


async def test_storage_lost_at_the_end_leaves_the_effect_to_its_lease(
    path: Path, office: BoxOffice, clock: HandClock
) -> None:
    bank = Bank()
    lost = LostOffice(office._store, office.look, clock, CountedIds())
    worker = worker_of(lost, bank)
    assert await worker.round() == 1
    assert (await effects(office, Kind.PAYMENT_START))[0].state == "waiting"
    lost.lost = False
    assert await worker.round() == 0
    clock.ms += limits.LEASE_MS
    assert await worker.round() == 1
    assert (await effects(office, Kind.PAYMENT_START))[0].state == "done"
    await lost.close()


def test_pauses_are_the_same_each_time_and_differ_between_effects() -> None:
    def effect(seq: int, attempts: int) -> Effect:
        return Effect(
            1, seq, 0, 1, "payment.start", None, "p", json.dumps({}), "waiting", 0, attempts
        )

    assert pause_after(effect(1, 3)) == pause_after(effect(1, 3))
    assert len({pause_after(effect(seq, 3)) for seq in range(50)}) > 40
    assert pause_after(effect(1, 10**6)) <= limits.BACKOFF_MAX_MS
    assert pause_after(effect(1, 0)) >= limits.BACKOFF_MS // 2
