"""The desk: outcome i answers request i, batches grow while one is committed, nobody harms others.

`Counter` is a store that commits when told to, for what a real one does too fast to be seen.
"""

import asyncio
import contextlib
from collections.abc import Callable

import pytest

from core import limits
from core import requests as ask
from core.box_office import BoxOffice
from core.desk import Desk
from core.outcomes import Registered, UnknownShow
from core.ports import BrokenInvariant, Names, Snapshot, Steps, StorageLost
from data.sqlite import SqliteStore
from tests.auxil.drafts import show, tier
from tests.auxil.fans import Fan, register
from tests.auxil.offices import CountedIds, HandClock, publish


class Counter:
    """A store with no rows, that says which shows each batch named and commits when let go."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.free = asyncio.Event()
        self.free.set()
        self.fails: list[Exception] = []

    async def transact(self, steps: Callable[[], Steps]) -> None:
        running = steps()
        names = next(running)
        assert isinstance(names, Names)
        self.batches.append(sorted(names.shows))
        await self.free.wait()
        if self.fails:
            raise self.fails.pop(0)
        with contextlib.suppress(StopIteration):
            running.send(Snapshot())


@pytest.fixture
def store() -> Counter:
    return Counter()


@pytest.fixture
def desk(store: Counter) -> Desk:
    return Desk(store, HandClock(), CountedIds())  # type: ignore[arg-type]


def wake(show_id: int) -> ask.Wake:
    return ask.Wake(show_id=show_id)


async def test_each_answer_answers_its_own_request(desk: Desk, store: Counter) -> None:
    answers = await asyncio.gather(*(desk.submit(wake(n)) for n in range(1, 100)))
    assert answers == [UnknownShow(n) for n in range(1, 100)]
    assert store.batches == [list(range(1, 100))]


async def test_one_alone_is_a_batch_of_one(desk: Desk, store: Counter) -> None:
    for number in (1, 2, 3):
        assert await desk.submit(wake(number)) == UnknownShow(number)
    assert store.batches == [[1], [2], [3]]


async def test_what_comes_while_a_batch_is_committed_is_the_next_batch(
    desk: Desk, store: Counter
) -> None:
    store.free.clear()
    first = desk.submit(wake(1))
    await asyncio.sleep(0)
    later = [desk.submit(wake(number)) for number in (4, 2, 3)]
    await asyncio.sleep(0.01)
    assert store.batches == [[1]]
    assert not first.done()
    store.free.set()
    assert await asyncio.gather(first, *later) == [UnknownShow(n) for n in (1, 4, 2, 3)]
    assert store.batches == [[1], [2, 3, 4]]


async def test_a_batch_grows_to_its_named_limit(desk: Desk, store: Counter) -> None:
    many = limits.REQUESTS_PER_BATCH + 5
    await asyncio.gather(*(desk.submit(wake(n)) for n in range(1, many + 1)))
    assert [len(batch) for batch in store.batches] == [limits.REQUESTS_PER_BATCH, 5]


async def test_a_caller_who_gives_up_harms_no_one(desk: Desk, store: Counter) -> None:
    store.free.clear()
    waiting = [desk.submit(wake(number)) for number in (1, 2, 3)]
    await asyncio.sleep(0.01)
    waiting[1].cancel()
    store.free.set()
    assert await waiting[0] == UnknownShow(1)
    assert await waiting[2] == UnknownShow(3)
    assert await desk.submit(wake(4)) == UnknownShow(4)


async def test_a_caller_who_gives_up_has_still_asked(office: BoxOffice) -> None:
    request = ask.Register(customer_id="ana", contacts=(("telegram", "1"),))
    asked = asyncio.ensure_future(office.register(request))
    await asyncio.sleep(0)
    asked.cancel()
    assert await office.register(request) == Registered("ana")
    assert await office.look.customer_of("telegram", "1") == "ana"


async def test_closing_answers_all_that_was_taken_in(desk: Desk, store: Counter) -> None:
    store.free.clear()
    waiting = [desk.submit(wake(number)) for number in range(1, 2_000)]
    closing = asyncio.ensure_future(desk.close())
    await asyncio.sleep(0.01)
    assert not closing.done()
    store.free.set()
    await closing
    assert [answer.result() for answer in waiting] == [UnknownShow(n) for n in range(1, 2_000)]


async def test_closing_an_idle_desk_is_nothing(desk: Desk) -> None:
    await desk.close()


async def test_lost_storage_fails_the_batch_and_not_the_next(desk: Desk, store: Counter) -> None:
    store.fails.append(StorageLost("the disk is full"))
    lost = await asyncio.gather(desk.submit(wake(1)), desk.submit(wake(2)), return_exceptions=True)
    assert [str(one) for one in lost] == ["the disk is full"] * 2
    assert all(isinstance(one, StorageLost) for one in lost)
    assert await desk.submit(wake(3)) == UnknownShow(3)
    assert store.batches == [[1, 2], [3]]


async def test_a_broken_batch_is_taken_apart_and_only_the_culprit_fails(
    desk: Desk, store: Counter
) -> None:
    store.fails += [BrokenInvariant("of all"), BrokenInvariant("of the first")]
    answers = await asyncio.gather(
        *(desk.submit(wake(number)) for number in (1, 2, 3)), return_exceptions=True
    )
    assert isinstance(answers[0], BrokenInvariant)
    assert str(answers[0]) == "of the first"
    assert answers[1:] == [UnknownShow(2), UnknownShow(3)]
    assert store.batches == [[1, 2, 3], [1], [2], [3]]


async def test_any_other_failure_is_said_to_be_a_bug(desk: Desk, store: Counter) -> None:
    store.fails.append(ZeroDivisionError("no such thing"))
    with pytest.raises(BrokenInvariant, match="no such thing") as broken:
        await desk.submit(wake(1))
    assert isinstance(broken.value.__cause__, ZeroDivisionError)


async def test_requests_are_served_in_their_order_of_arrival(office: BoxOffice) -> None:
    await publish(office, show(tier("pista", 1)))
    await office.run(ask.OpenSale(show_id=1))
    names = [f"fan{n}" for n in range(300)]
    await register(office, *names)
    joined = await asyncio.gather(*(Fan(office, 1, name).join() for name in names))
    assert [one.number for one in joined] == list(range(1, 301))


async def test_leaving_and_joining_again_at_once_is_one_batch(path: object) -> None:
    """People who give up and come back do not make a batch be taken apart."""
    counted = 0

    class Counting(SqliteStore):
        async def transact(self, steps: Callable[[], Steps]) -> None:
            nonlocal counted
            counted += 1
            await super().transact(steps)

    async with Counting(path) as store:  # type: ignore[arg-type]
        office = BoxOffice(store, store.views, HandClock(), CountedIds())
        await publish(office, show(tier("pista", 1)))
        await office.run(ask.OpenSale(show_id=1))
        await register(office, "ana", "beto")
        for name in ("ana", "beto"):
            await Fan(office, 1, name).join()
        before = counted
        left, again = await asyncio.gather(
            office.leave(ask.Leave(show_id=1, purchase_id="beto")),
            office.join(ask.Join(show_id=1, purchase_id="beto2", customer_id="beto")),
        )
        assert (left.state, again.number) == ("left", 3)  # type: ignore[union-attr]
        assert counted == before + 1
        await office.close()
