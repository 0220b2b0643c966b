"""A crowd at the door of the real office: fans, links, the channel, the provider and the caretaker.

Only the time is virtual. The office, its store, its outbox and its caretaker are those that sell
tickets every day.
"""

import json
from collections.abc import Awaitable, Callable
from functools import partial

from app.demo.fans import Fan, FareChoice, Outcome
from app.demo.gateway import NAME, DemoGateway
from app.demo.tally import Tally
from app.demo.timeline import Timeline
from app.gateway_calls import GatewayCalls
from core.box_office import BoxOffice
from core.caretaker import Caretaker
from core.messages import GATEWAY_KINDS, Effect, Kind
from core.outcomes import CheckedOut, Refunded, Standing
from core.ports import GatewayReport, Overloaded
from core.purchase import State
from core.requests import (
    CheckOut,
    Choose,
    Claim,
    EffectDone,
    Join,
    Leave,
    PurchaseRequest,
    Refund,
    Report,
)
from core.views import ShowView

_WORKER = "demo"
_KINDS = tuple(Kind)
_TAKEN_AT_ONCE = 1_000
_STEP_MS = 60_000
"""The longest that time goes on without a look at the outbox: some effects wait to be retried."""
_ROUNDS_MAX = 10_000
_UNHEARD = {Kind.SECOND_CHANCE, Kind.CALL_LAPSED}
_OUT_OF_TIME = {*_UNHEARD, Kind.TIME_ENDED}


OnEvent = Callable[[str, Fan, int | None], None]
"""Called with (kind of message, to whom, the number it names)."""


class Crowd:
    """Everyone around one show, as the `World` of its fans."""

    def __init__(
        self, office: BoxOffice, caretaker: Caretaker, timeline: Timeline, show: ShowView
    ) -> None:
        self.show_id = show.card.show_id
        plain = {fare.tier_no: fare.fare_no for fare in reversed(show.fares)}
        self.fares = tuple(
            FareChoice(
                fare_no=fare.fare_no,
                tier_no=fare.tier_no,
                plain=plain[fare.tier_no] == fare.fare_no,
            )
            for fare in show.fares
        )
        self.tally = Tally()
        self.fans: dict[str, Fan] = {}
        self.on_event: OnEvent = _no_one
        """Told of every message as it goes out."""
        self.over = False
        """Set when there is nothing more to wait for: `run` then ends."""
        self.timeline = timeline
        self._office = office
        self._caretaker = caretaker
        self._gateway = DemoGateway(timeline.after, self._webhook)
        self._calls = GatewayCalls(office, {NAME: self._gateway})

    # The time of the run.

    async def run(
        self, until_ms: int, pace: Callable[[int], Awaitable[None]] | None = None
    ) -> None:
        """Let everything happen up to `until_ms`; `pace` may hold up the next moment."""
        timeline = self.timeline
        due_ms = await self._office.look.next_due_ms()
        while not self.over:
            moments = [ms for ms in (timeline.next_ms(), due_ms) if ms is not None]
            next_ms = max(min(moments, default=until_ms), timeline.now_ms())
            if next_ms > until_ms:
                await timeline.advance(until_ms)
                return
            if pace is not None:
                await pace(next_ms)
            step_ms = next_ms + _STEP_MS
            if due_ms is not None:
                # The pace of calls comes due 20 times a second: once a window is enough.
                step_ms = min(step_ms, max(due_ms, timeline.now_ms() + timeline.window_ms))
            await timeline.advance(min(step_ms, until_ms))
            due_ms = await self._look_after()
            await self._deliver()

    async def _look_after(self) -> int | None:
        """Have the caretaker do what is due; return when something next comes due."""
        for _ in range(_ROUNDS_MAX):
            due_ms = await self._office.look.next_due_ms()
            if due_ms is None or due_ms > self.timeline.now_ms():
                return due_ms
            await self._caretaker.round()
        raise RuntimeError("the caretaker finds no end of what is due")

    # The outbox.

    async def _deliver(self) -> None:
        """Lease what is due, calls and money first; it is carried out in the next window.

        What `app.effects.EffectWorker` does with 32 at a time, done here with all there is: ten
        thousand draw results are one moment of virtual time and should be few batches.
        """
        timeline = self.timeline
        for effect in await self._office.take_effects(_WORKER, _KINDS, _TAKEN_AT_ONCE):
            deed = partial(self._carry_out, effect)
            timeline.after(0, lambda deed=deed: timeline.ask(deed(), _heard))

    async def _carry_out(self, effect: Effect) -> None:
        again_ms = None
        if effect.kind in GATEWAY_KINDS:
            again_ms = await self._calls(effect)
        else:
            self._carry(effect)
        if again_ms is None:
            done = EffectDone(
                show_id=effect.show_id, ledger_seq=effect.ledger_seq, item=effect.item
            )
            await self._office.finish(done)
        else:
            due_ms = self.now_ms() + again_ms
            await self._office.put_back(effect, _WORKER, due_ms, "not decided there yet")

    def _carry(self, effect: Effect) -> None:
        """Be the channel: accept a message for a phone, and bring it there when its link allows."""
        fan = self.fans[effect.customer_id or ""]
        self._note(effect, fan)
        reads_ms = fan.link.push(self.timeline.now_ms())
        self.timeline.at(reads_ms, lambda: fan.receive(effect.kind))

    def _webhook(self, show_id: int, payment_id: str, report: GatewayReport) -> None:
        request = Report(
            show_id=show_id,
            payment_id=payment_id,
            event_id=report.event_id,
            state=report.state,
            amount_minor=report.amount_minor,
            currency=report.currency,
            reference=report.reference,
            actor=f"gateway:{NAME}",
        )
        self.timeline.ask(self._office.report(request), _heard)

    # What fans see of the world.

    def now_ms(self) -> int:
        return self.timeline.now_ms()

    def after(self, delay_ms: int, act: Callable[[], None]) -> None:
        self.timeline.after(delay_ms, act)

    def at(self, at_ms: int, act: Callable[[], None]) -> None:
        self.timeline.at(at_ms, act)

    def submit(self, fan: Fan, request: PurchaseRequest, hear: Callable[[Outcome], None]) -> None:
        """Bring a request to the office. One it has no room for goes unanswered, as a lost one."""
        self.tally.requests += 1
        try:
            answer = _ask(self._office, request)
        except Overloaded:
            self.tally.lost += 1
            return

        def heard(outcome: Outcome) -> None:
            self._watch(fan, request, outcome)
            hear(outcome)

        self.timeline.ask(answer, heard)

    def count(self, what: str) -> None:
        setattr(self.tally, what, getattr(self.tally, what) + 1)

    def got_tickets(self, fan: Fan, tickets: int) -> None:
        self.tally.tickets += tickets
        if fan.steadfast:
            self.tally.served[fan.link.kind.name] += 1

    def bad_card(self, payment_id: str) -> None:
        self._gateway.bad_card(payment_id)

    def pay_at_once(self, order: CheckedOut) -> None:
        """Pay where no provider stands between: the office hears it as it happens."""
        report = GatewayReport(
            event_id=order.payment_id,
            state="captured",
            amount_minor=order.total_minor,
            currency=order.currency,
        )
        self._webhook(order.show_id, order.payment_id, report)

    def pay(self, payment_id: str) -> None:
        self._gateway.pay(payment_id)

    # What an onlooker notes.

    def enter(self, fan: Fan, at_ms: int) -> None:
        """Have a fan come at a time."""
        self.fans[fan.name] = fan
        if fan.steadfast:
            self.tally.fans[fan.link.kind.name] += 1
        self.timeline.at(at_ms, fan.arrive)

    def _watch(self, fan: Fan, request: PurchaseRequest, outcome: Outcome) -> None:
        order = self.tally.order
        match outcome:
            case Standing(number=int(number), state=state) if isinstance(request, Join):
                order.numbers.add(number)
                if state is State.CHOOSING and number not in order.served:
                    order.serve(number)
            case Standing(number=int(number), state=State.LEFT):
                order.leave(number)
            case Refunded(ticket_nos=numbers) if fan.has:
                fan.has = False
                self.tally.refunds += 1
                self.tally.tickets_refunded += len(numbers)
            case _:
                pass

    def _note(self, effect: Effect, fan: Fan) -> None:
        """Count a message as it goes out."""
        tally, kind = self.tally, effect.kind
        number: int | None = json.loads(effect.data).get("number")
        if number is not None:
            tally.order.numbers.add(number)
            if kind == Kind.YOUR_TURN:
                tally.order.serve(number)
                tally.calls += 1
        tally.windows_ended += kind in _UNHEARD
        tally.places_lost += kind in _OUT_OF_TIME and fan.present and not fan.late
        tally.declined += kind == Kind.PAYMENT_DECLINED
        tally.late_money += kind == Kind.MONEY_RETURNED
        tally.told_end += kind == Kind.END_OF_LINE
        self.on_event(kind, fan, number)


def _ask(office: BoxOffice, request: PurchaseRequest) -> Awaitable[Outcome]:
    """Ask the office what a fan asks."""
    match request:
        case Join():
            return office.join(request)
        case Claim():
            return office.claim(request)
        case Choose():
            return office.choose(request)
        case CheckOut():
            return office.check_out(request)
        case Leave():
            return office.leave(request)
        case Refund():
            return office.refund(request)
        case _:
            raise TypeError(f"a fan does not ask for {type(request).__name__}")


def _no_one(_kind: str, _fan: Fan, _number: int | None) -> None:
    """Tell no one."""


def _heard(_: object) -> None:
    """Hear an answer that says nothing new."""
