"""Turns to send: lanes, chats, pauses that Telegram asks for. The clock is moved by the waiting."""

import asyncio

from app.clock import SystemClock
from app.pace import Pace
from tests.auxil.offices import HandClock

CALLS, NEWS = 0, 4


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_lower_lane_goes_first() -> None:
    clock = HandClock()
    pace, order = Pace(clock), list[str]()

    async def send(name: str, chat_id: int, lane: int) -> None:
        await pace.turn(chat_id, lane)
        order.append(name)

    pace.hold(50)
    sends = [asyncio.create_task(send(f"news {n}", n, NEWS)) for n in range(3)]
    sends.append(asyncio.create_task(send("call", 9, CALLS)))
    await settled()
    assert not order, "everybody waits as long as Telegram asked"
    clock.ms += 50
    await asyncio.gather(*sends)
    assert order == ["call", "news 0", "news 1", "news 2"]


async def test_one_chat_that_had_its_share_lets_others_pass() -> None:
    clock = HandClock()
    pace, order = Pace(clock), list[int]()

    async def send(chat_id: int) -> None:
        await pace.turn(chat_id, CALLS)
        order.append(chat_id)

    sends = [asyncio.create_task(send(1)) for _ in range(7)]
    sends += [asyncio.create_task(send(2))]
    await settled()
    assert order == [1, 1, 1, 1, 1, 2]
    clock.ms += 2_000
    await asyncio.gather(*sends)
    assert order.count(1) == 7


async def test_no_more_than_the_pace_in_all() -> None:
    clock = HandClock()
    pace = Pace(clock, per_s=10)
    sends = [asyncio.create_task(pace.turn(n, CALLS)) for n in range(60)]
    await settled()
    given = sum(one.done() for one in sends)
    assert 28 <= given <= 30, "a burst, then none until time passes"
    while not all(one.done() for one in sends):
        clock.ms += 1_000
        await asyncio.sleep(0.01)


async def test_a_clock_set_back_stops_nobody() -> None:
    clock = HandClock()
    pace = Pace(clock)
    await asyncio.gather(*(pace.turn(1, CALLS) for _ in range(5)))
    clock.ms -= 86_400_000
    await asyncio.gather(*(pace.turn(1, CALLS) for _ in range(2)))


async def test_who_gave_up_waiting_takes_no_turn() -> None:
    pace = Pace(SystemClock())
    pace.hold(20)
    gone = asyncio.create_task(pace.turn(1, CALLS))
    await asyncio.sleep(0)
    gone.cancel()
    await pace.turn(2, NEWS)
    assert gone.cancelled()
