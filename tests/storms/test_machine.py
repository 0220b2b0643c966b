"""Storms: everything at once on the real office and its real database, against the model.

Several shows, the window and Telegram, allotments, quotas, all kinds of requests alone and in one
batch, repeats of old ones, a clock that moves both ways, the caretaker's rounds, and crashes
between any two steps. After each step the model and the tables must agree and the books add up.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core import requests as ask
from core.box_office import BoxOffice
from core.caretaker import Caretaker
from core.catalogue import Quota
from core.outcomes import Standing
from data.database import SqliteDatabase
from tests.auxil import books
from tests.auxil.drafts import T0_MS, fare, show, tier
from tests.auxil.fans import register
from tests.auxil.offices import SIGNER, CountedIds, HandClock, WatchedStore, publish
from tests.auxil.places import new_database
from tests.storms.model import Purchase, Show
from tests.storms.model_acts import act

MINUTE_MS = 60_000
CUSTOMERS = ("ana", "beto", "caio", "duda", "elis", "fabi")
DRAFTS = (
    show(
        tier("pista", 3, fare("inteira", 100), fare("meia", 50, quota="meia"), window=1),
        tier("balcao", 2, fare("inteira", 60), window=1, release_ms=T0_MS + 30 * MINUTE_MS),
        slug="two-tiers",
        quotas={"meia": 1},
        limit_per_customer=3,
        calls_per_s=1_000,
        second_chance_places=1,
    ),
    show(
        tier("pista", 2),
        slug="drawn",
        lobby_opens_ms=T0_MS,
        sale_opens_ms=T0_MS + 10 * MINUTE_MS,
        sale_closes_ms=T0_MS + 200 * MINUTE_MS,
        limit_per_customer=2,
        calls_per_s=1_000,
    ),
    show(tier("pista", 4), slug="few-open", calls_max=2, calls_per_s=1_000, window_fee=True),
)
SHOWS = st.sampled_from((1, 1, 2, 3))
WHO = st.sampled_from(CUSTOMERS)
CHANNELS = st.sampled_from(("telegram", "window"))
STATES = st.sampled_from(("pending", "authorised", "captured", "captured", "cancelled", "failed"))
DOORS: dict[type, str] = {
    ask.Join: "join",
    ask.Leave: "leave",
    ask.Claim: "claim",
    ask.Choose: "choose",
    ask.CheckOut: "check_out",
    ask.StepBack: "step_back",
    ask.Expire: "expire",
    ask.End: "end",
    ask.Report: "report",
    ask.Approve: "approve",
    ask.Refund: "refund",
    ask.CheckIn: "check_in",
    ask.Change: "change",
}
REPEATABLE = (ask.Join, ask.CheckOut, ask.Refund, ask.Report)
"""Their names make them one act for ever: an hour later they still have no second effect."""


class Intent(NamedTuple):
    """What somebody is about to ask; the storm knows what names it needs."""

    show_id: int
    who: str
    kind: int
    number: int
    channel: str
    state: str


INTENTS = st.builds(Intent, SHOWS, WHO, st.integers(0, 19), st.integers(1, 3), CHANNELS, STATES)


class Storm(RuleBasedStateMachine):
    """The office and its model, side by side."""

    engine = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="storm"))
        self.places = ExitStack()
        self.database = self.places.enter_context(new_database(self.engine, self.folder))
        self.clock, self.ids = HandClock(), CountedIds()
        self.crashes = self.names = 0
        self.past: list[ask.ShowRequest] = []
        self.shows = {no: Show(no, draft) for no, draft in enumerate(DRAFTS, 1)}

    @initialize()
    def publish(self) -> None:
        self.open()
        self.await_(publish(self.office, *DRAFTS))
        for model in self.shows.values():
            model.last = self.clock.ms
        self.await_(register(self.office, *CUSTOMERS))
        self.sweep()

    def open(self) -> None:
        self.store = WatchedStore(self.database)
        self.await_(self.store.__aenter__())
        self.office = BoxOffice(self.store, self.store.views, self.clock, self.ids)

    def await_(self, work: Awaitable[Any]) -> Any:  # noqa: ANN401 - whatever it brings
        return self.loop.run_until_complete(work)

    def name(self) -> str:
        self.names += 1
        return f"n{self.names:04d}"

    # What is asked.

    def compose(self, intent: Intent) -> ask.ShowRequest:
        show_id, who, kind, number, channel, state = intent
        model = self.shows[show_id]
        mine = [p for p in model.purchases.values() if p.customer == who]
        p = mine[-1] if mine else None
        if p is None or kind == 0 or (not p.live and kind < 8):
            name = self.name()
            return ask.Join(show_id=show_id, purchase_id=name, customer_id=who, channel=channel)
        return self.about(p, show_id, kind, number, state)

    def about(
        self, p: Purchase, show_id: int, kind: int, number: int, state: str
    ) -> ask.ShowRequest:
        at: dict[str, Any] = {"show_id": show_id, "purchase_id": p.name}
        fare_no = 1 + number % len(self.shows[show_id].fares)
        match kind:
            case 1 | 2:
                return ask.Claim(**at)
            case 3 | 4 | 5 | 6:
                wanted = {1: number - 1} if kind == 3 else {fare_no: 1 + kind % 2}
                return ask.Choose(**at, wanted=tuple((f, n) for f, n in wanted.items() if n))
            case 7 | 8 | 9:
                pay: dict[str, Any] = {"gateway": "bank", "method": "card", "outside": number % 2}
                return ask.CheckOut(**at, payment_id=self.name(), **pay)
            case 10:
                return ask.StepBack(**at)
            case 11:
                return ask.Leave(**at)
            case 12 if p.tickets:
                numbers = None if number == 1 else (number - 1,)
                return ask.Refund(**at, refund_id=self.name(), reason="", ticket_nos=numbers)
            case 13:
                return ask.Expire(**at)
            case 14:
                where: dict[str, Any] = {"order_no": p.number or 0, "ticket_no": number}
                return ask.CheckIn(show_id=show_id, **where, where="gate")
            case _:
                return self.report(p, show_id, number, state)

    def report(self, p: Purchase, show_id: int, number: int, state: str) -> ask.ShowRequest:
        names = list(p.payments) or ["nothing"]
        if number == 2 and state in {"pending", "failed"}:
            asked: dict[str, Any] = {
                "payment_id": names[-1],
                "amount_minor": p.total,
                "currency": "BRL",
            }
            return ask.Approve(show_id=show_id, **asked)
        return ask.Report(
            show_id=show_id,
            payment_id=names[-1] if number < 3 else names[0],
            event_id=self.name(),
            state=state,
            amount_minor=p.total + (number == 3 and state == "pending"),
            currency="BRL",
        )

    def send(self, request: ask.ShowRequest) -> Awaitable[object]:
        return getattr(self.office, DOORS.get(type(request), "run"))(request)

    async def at_once(self, *asked: ask.ShowRequest) -> list[object]:
        return list(await asyncio.gather(*map(self.send, asked)))

    def request(self, *asked: ask.ShowRequest) -> None:
        """Ask all at once, which is one batch, and compare each answer with the model's."""
        expected: list[tuple[str, Purchase | None]] = []
        stood: list[Any] = []
        for request in asked:
            model = self.shows[request.show_id]
            expected.append(act(model, request))
            p = expected[-1][1]
            stood.append(p and (p.state, p.number, p.until, p.held))
        for show_id in {request.show_id for request in asked}:
            self.shows[show_id].settle()
        for request, answer, (name, _), was in zip(
            asked, self.await_(self.at_once(*asked)), expected, stood, strict=True
        ):
            assert type(answer).__name__ == name, (request, answer, name)
            if isinstance(answer, Standing):
                held = sum(n for _, n, _ in answer.lines)
                found = (answer.state, answer.number, answer.deadline_ms, held)
                assert found == was, (request, answer, was)
        self.past += asked

    # The rules of the storm.

    @rule(intent=INTENTS)
    def one_asks(self, intent: Intent) -> None:
        self.request(self.compose(intent))

    @rule(intents=st.lists(INTENTS, min_size=2, max_size=6))
    def many_ask_at_once(self, intents: list[Intent]) -> None:
        self.request(*(self.compose(intent) for intent in intents))

    @rule(intent=INTENTS)
    def the_answer_is_lost_and_one_asks_again(self, intent: Intent) -> None:
        request = self.compose(intent)
        self.request(request)
        before = self.entries()
        self.request(request)
        assert self.entries() == before, f"{request} had a second effect"

    @precondition(lambda self: self.past)
    @rule(data=st.data())
    def an_old_request_comes_again(self, data: st.DataObject) -> None:
        request = data.draw(st.sampled_from(self.past))
        before = self.entries()
        known = isinstance(request, REPEATABLE) and self.took_effect(request)
        self.request(request)
        assert not known or self.entries() == before, f"{request} had a second effect"

    def took_effect(self, request: ask.ShowRequest) -> bool:
        """Whether the office had taken the request in the first time, rather than refused it."""
        purchases = self.shows[request.show_id].purchases
        match request:
            case ask.Join(purchase_id=name):
                return name in purchases
            case ask.CheckOut(payment_id=name):
                return any(name in p.payments for p in purchases.values())
            case ask.Refund(refund_id=name):
                return any(name in p.refunds for p in purchases.values())
            case ask.Report(event_id=name):
                payments = [q for p in purchases.values() for q in p.payments.values()]
                return any(name in payment.events for payment in payments)
            case _:
                return False

    @rule(
        show_id=SHOWS,
        kind=st.sampled_from((ask.PauseSale, ask.ResumeSale, ask.ResumeSale, ask.OpenSale)),
    )
    def manage(self, show_id: int, kind: Callable[..., ask.ShowRequest]) -> None:
        self.request(kind(show_id=show_id))

    @rule(
        show_id=SHOWS, kind=st.sampled_from((ask.CloseSale, ask.CancelShow)), sure=st.integers(0, 9)
    )
    def end_a_sale(self, show_id: int, kind: Callable[..., ask.ShowRequest], sure: int) -> None:
        if sure == 0:
            self.request(kind(show_id=show_id))

    @rule(tier_no=st.integers(1, 2), sure=st.integers(0, 4))
    def release(self, tier_no: int, sure: int) -> None:
        if sure == 0:
            self.request(ask.ReleaseAllotment(show_id=1, tier_no=tier_no, channel="window"))

    @rule(
        pista=st.integers(2, 5),
        balcao=st.integers(1, 3),
        half=st.integers(1, 3),
        price_minor=st.sampled_from((100, 100, 120)),
    )
    def change(self, pista: int, balcao: int, half: int, price_minor: int) -> None:
        """More or less of everything, and another price."""
        first, second = DRAFTS[0].tiers
        full = replace(first.fares[0], price_minor=price_minor)
        tiers = (
            replace(first, capacity=pista, fares=(full, *first.fares[1:])),
            replace(second, capacity=balcao),
        )
        draft = replace(DRAFTS[0], tiers=tiers, quotas=(Quota(name="meia", capacity=half),))
        self.request(ask.Change(show_id=1, draft=draft))

    @rule(minutes=st.sampled_from((1, 3, 5, 8, 12, 20)))
    def time_passes(self, minutes: int) -> None:
        self.clock.ms += minutes * MINUTE_MS
        self.sweep()

    @rule(minutes=st.sampled_from((-60, -5, 5)))
    def the_clock_jumps(self, minutes: int) -> None:
        self.clock.ms += minutes * MINUTE_MS

    @rule()
    def sweep(self) -> None:
        """The caretaker goes round: what is due happens, and nothing else."""
        for model in self.shows.values():
            model.clock = self.clock.ms
        woken = {book["show_id"]: book["wake_ms"] for book in self.books()}
        self.await_(Caretaker(self.office, SIGNER).round())
        self.model_expires()
        for show_id, wake_ms in woken.items():
            model = self.shows[show_id]
            if self.is_due(model, wake_ms):
                self.model_tends(model)

    def is_due(self, model: Show, wake_ms: int | None) -> bool:
        """What is due is due; only after a clock that jumped back must a show wait for its time.

        A cancelled show that nobody waits for any more is looked at again after some seconds.
        """
        if wake_ms is not None and wake_ms <= self.clock.ms:
            return True
        waits = any(p.state in {"in_lobby", "in_line"} for p in model.live())
        return model.last <= self.clock.ms and (model.status != "cancelled" or waits)

    def model_expires(self) -> None:
        due = [
            (p.until, model, p)
            for model in self.shows.values()
            for p in model.live()
            if p.until is not None and p.until <= self.clock.ms
        ]
        for _, model, p in sorted(due, key=lambda one: one[0]):
            act(model, ask.Expire(show_id=model.show_id, purchase_id=p.name))
        for model in {one[1] for one in due}:
            model.settle()

    def model_tends(self, model: Show) -> None:
        if model.status == "published" and self.clock.ms >= model.terms.sale_opens_ms:
            act(model, ask.OpenSale(show_id=model.show_id))
        if model.status == "drawing":
            model.draw(SIGNER.seed(model.slug))
            model.settle()
        if model.status in {"closed", "cancelled"}:
            for p in list(model.purchases.values()):
                act(model, ask.End(show_id=model.show_id, purchase_id=p.name))
        act(model, ask.Wake(show_id=model.show_id))
        model.settle()

    @rule(unanswered=st.none() | INTENTS)
    def crash(self, unanswered: Intent | None) -> None:
        """The power goes: only what is in the files is left. An answer may have been lost."""
        request = self.compose(unanswered) if unanswered else None
        if request is not None:
            self.await_(self.at_once(request))
        self.crashes += 1
        self.lose()
        self.open()
        if request is not None:
            self.take_in(request)

    def lose(self) -> None:
        """Go on with what is in the files; the process closes nothing in good order."""
        assert isinstance(self.database, SqliteDatabase)
        after = self.folder / f"office{self.crashes}.db"
        for end in ("", "-wal"):
            before = Path(f"{self.database.path}{end}")
            if before.exists():
                shutil.copy(before, f"{after}{end}")
        self.await_(self.store.close())
        self.database = SqliteDatabase(after)

    def take_in(self, request: ask.ShowRequest) -> None:
        """Tell the model of the request whose answer was lost."""
        model = self.shows[request.show_id]
        act(model, request)
        model.settle()
        self.past.append(request)

    # What must hold after each step.

    def books(self) -> list[dict[str, Any]]:
        return books.rows(self.database, "select * from books where show_id > 0")

    def entries(self) -> int:
        return sum(book["ledger_seq"] for book in self.books())

    @invariant()
    def agree(self) -> None:
        for model in self.shows.values():
            model.clock = self.clock.ms
        if not hasattr(self, "store"):
            return
        sql = "select * from purchases where show_id = :show"
        for show_id, model in self.shows.items():
            rows = {row["purchase_id"]: row for row in books.rows(self.database, sql, show=show_id)}
            assert rows.keys() == model.purchases.keys()
            for name, p in model.purchases.items():
                row = rows[name]
                found = (row["state"], row["number"], row["deadline_ms"], row["session_ms"])
                assert found == (p.state, p.number, p.until, p.session), (name, p)
                tickets = p.held if p.live else len(p.tickets)
                assert (row["tickets"], row["ending"]) == (tickets, p.ending), (name, p)
        for book in self.books():
            assert book["status"] == self.shows[book["show_id"]].status

    @invariant()
    def add_up(self) -> None:
        if hasattr(self, "store"):
            books.check(self.database, audited=False)
            assert not self.store.broken, "a batch had to be taken apart"

    @invariant()
    def positions_are_ranks(self) -> None:
        if not hasattr(self, "store"):
            return
        for show_id, model in self.shows.items():
            line = [p.name for p in model.in_line()]
            seen = self.await_(self.office.look.line(show_id, 100))
            assert [p.purchase_id for p in seen] == line
            for ahead, name in enumerate(line):
                assert self.await_(self.office.look.position(show_id, name)) == ahead

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.await_(self.office.close())
            self.await_(self.store.close())
            books.check(self.database)
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        self.places.close()
        shutil.rmtree(self.folder)


class PostgresStorm(Storm):
    """The same on PostgreSQL, where a crash is that the server ends what the process had there."""

    engine = "postgres"

    def lose(self) -> None:
        books.rows(
            self.database,
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()",
        )
        self.await_(self.store.close())


EXAMPLES = 40 if settings().derandomize else 1_000
Storm.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=40,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),  # Explaining takes hours.
)
TestStorm = Storm.TestCase
# Each look at its books costs a server more; the rules are the same, what stores them is not.
PostgresStorm.TestCase.settings = settings(Storm.TestCase.settings, max_examples=EXAMPLES // 4)
TestPostgresStorm = PostgresStorm.TestCase
