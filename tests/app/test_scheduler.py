"""The scheduler wakes when something is due; several may run; none overlaps itself."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from app.clock import SystemClock
from app.keys import make_key
from app.scheduler import Scheduler
from app.settings import Settings
from app.wiring import Open, open_office
from core.caretaker import Caretaker
from core.draw import seed_digest
from core.outcomes import Published, Standing
from core.ports import BrokenInvariant, StorageLost
from core.requests import Choose, Join, Publish, Register
from data.auditing import audit
from data.condition import prepare
from tests.auxil.drafts import show, tier


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(
        database=str(tmp_path / "office.db"), key_file=tmp_path / "house.key", sweep_seconds=1
    )
    prepare(Path(made.database))
    make_key(made.key_file)
    return made


async def put_on(an_office: Open, **terms: Any) -> int:  # noqa: ANN401 - as `show` takes them
    now_ms = an_office.clock.now_ms()
    window: dict[str, Any] = {"sale_opens_ms": now_ms, "sale_closes_ms": now_ms + 3_600_000}
    draft = show(tier("pista", 1), slug="s", **(window | terms))
    digests = {"s": seed_digest(an_office.signer.seed("s"))}
    answer = await an_office.office.publish(Publish(drafts=(draft,), seed_digests=digests))
    assert isinstance(answer, Published), answer
    return answer.show_ids["s"]


async def join(an_office: Open, show_id: int, name: str) -> Standing:
    await an_office.office.register(Register(customer_id=name, contacts=(("telegram", name),)))
    request = Join(show_id=show_id, purchase_id=f"p-{name}", customer_id=name)
    answer = await an_office.office.join(request)
    assert isinstance(answer, Standing), answer
    return answer


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


async def test_two_processes_look_after_one_office(settings: Settings) -> None:
    """A basket lapses, and the next is called: once, by whichever scheduler comes first."""
    async with AsyncExitStack() as stack:
        offices = [await stack.enter_async_context(open_office(settings)) for _ in range(2)]
        one = offices[0]
        show_id = await put_on(one, choosing_ms=1_000, claim_ms=1_000)
        schedulers = [Scheduler(each.caretaker, each.clock, 1) for each in offices]
        for scheduler in schedulers:
            scheduler.start()
        path = Path(settings.database)
        await until(lambda: rows(path, "select status from books where show_id = 1") == [("open",)])
        assert (await join(one, show_id, "ana")).state == "choosing"
        wanted = ((1, 1),)
        await one.office.choose(Choose(show_id=show_id, purchase_id="p-ana", wanted=wanted))
        assert (await join(one, show_id, "bia")).state == "in_line"
        called = "select count(*) from effects where kind = 'your_turn' and purchase_id = 'p-bia'"
        await until(lambda: rows(path, called) == [(1,)])
        states = rows(path, "select purchase_id, state from purchases order by purchase_id")
        assert states == [("p-ana", "lapsed"), ("p-bia", "called")]
        for scheduler in schedulers:
            await scheduler.stop()
    assert audit(Path(settings.database)).ok


async def test_a_sale_opens_at_its_moment_not_at_the_next_sweep(settings: Settings) -> None:
    clock = SystemClock()
    async with open_office(settings) as one:
        opens_ms = clock.now_ms() + 400
        await put_on(one, sale_opens_ms=opens_ms)
        scheduler = Scheduler(one.caretaker, clock, 60)
        scheduler.start()
        path = Path(settings.database)
        await until(lambda: rows(path, "select status from books where show_id = 1") == [("open",)])
        assert opens_ms <= clock.now_ms() < opens_ms + 5_000  # some 20 ms on an idle machine
        await scheduler.stop()


class Troubled(Caretaker):
    """Fails, then hands over; notes how many rounds run at a time."""

    def __init__(self, *troubles: Exception, pause_s: float = 0, due_ms: int | None = None) -> None:
        self.troubles = list(troubles)
        self.pause_s, self.due_ms = pause_s, due_ms
        self.rounds = self.running = self.most = 0

    async def round(self) -> int | None:
        self.rounds += 1
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(self.pause_s)
        self.running -= 1
        if self.troubles:
            raise self.troubles.pop(0)
        return self.due_ms


async def test_a_round_that_fails_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    caretaker = Troubled(StorageLost("locked"), BrokenInvariant("odd"), ValueError("bug"))
    scheduler = Scheduler(caretaker, SystemClock(), 1)
    for _ in range(4):
        await scheduler.look_after()
    assert not caretaker.troubles
    assert caretaker.rounds == 4
    assert caplog.text.count("is tried again") == 3


async def test_the_sweep_comes_after_a_failed_round() -> None:
    caretaker = Troubled(StorageLost("locked"))
    scheduler = Scheduler(caretaker, SystemClock(), 1)
    scheduler.start()
    await until(lambda: caretaker.rounds >= 2)
    await scheduler.stop()


async def test_a_scheduler_never_overlaps_itself() -> None:
    caretaker = Troubled(pause_s=0.3, due_ms=1)
    scheduler = Scheduler(caretaker, SystemClock(), 1)
    scheduler.start()
    await asyncio.gather(*(scheduler.look_after() for _ in range(10)))
    await asyncio.sleep(1.2)
    await scheduler.stop()
    assert caretaker.most == 1
    assert caretaker.running == 0


async def test_a_deadline_that_does_not_move_does_not_spin() -> None:
    caretaker = Troubled(due_ms=1)
    scheduler = Scheduler(caretaker, SystemClock(), 60)
    scheduler.start()
    await asyncio.sleep(2)
    await scheduler.stop()
    assert 2 <= caretaker.rounds <= 20


class Wayward(SystemClock):
    """A machine's clock that is set back while the scheduler runs."""

    back_ms = 0

    def now_ms(self) -> int:
        return super().now_ms() - self.back_ms


async def test_a_clock_set_back_is_noticed(caplog: pytest.LogCaptureFixture) -> None:
    clock = Wayward()
    caretaker = Troubled()
    scheduler = Scheduler(caretaker, clock, 1)
    scheduler.start()
    await until(lambda: caretaker.rounds >= 1)
    await asyncio.sleep(0)
    clock.back_ms = 3_600_000
    await until(lambda: "set back" in caplog.text)
    await scheduler.stop()


async def test_stopping_waits_for_the_round_under_way() -> None:
    caretaker = Troubled(pause_s=0.3)
    scheduler = Scheduler(caretaker, SystemClock(), 1)
    scheduler.start()
    await until(lambda: caretaker.running == 1)
    await scheduler.stop()
    assert caretaker.running == 0
