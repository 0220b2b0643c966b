"""Turns: lower lanes first, nobody behind somebody else's pause. No time is measured."""

import asyncio

from app.clock import SystemClock
from notifier.pace import Pace
from tests.auxil.offices import HandClock


async def test_without_a_rate_everyone_goes_at_once():
    pace = Pace(HandClock(), 0)
    assert await asyncio.gather(*(pace.turn(4, str(n)) for n in range(100))) == [0] * 100


async def test_who_comes_late_in_a_lower_lane_goes_first():
    pace = Pace(SystemClock(), 200)
    order: list[str] = []

    async def go(lane: int, name: str) -> None:
        assert await pace.turn(lane, name) == 0
        order.append(name)

    news = [asyncio.create_task(go(4, f"news {n}")) for n in range(20)]
    await asyncio.sleep(0)
    call = asyncio.create_task(go(0, "call"))
    await asyncio.gather(*news, call)
    assert order.index("call") <= 2
    assert [one for one in order if one != "call"] == [f"news {n}" for n in range(20)]


async def test_one_person_is_written_to_in_turns_and_holds_up_nobody():
    clock = HandClock()
    pace = Pace(clock, 0, each_ms=3_000, each_burst=2)
    assert [await pace.turn(0, "ana"), await pace.turn(0, "ana")] == [0, 0]
    assert await pace.turn(0, "ana") == 3_000
    assert await pace.turn(0, "bia") == 0
    clock.ms += 3_000
    assert await pace.turn(0, "ana") == 0


async def test_a_pause_for_one_chat_is_that_chat_s():
    clock = HandClock()
    pace = Pace(clock, 0, each_ms=1, each_burst=4)
    pace.hold(30_000, "ana")
    assert await pace.turn(0, "ana") >= 30_000
    assert await pace.turn(0, "bia") == 0
    clock.ms += 30_001
    assert await pace.turn(0, "ana") == 0


async def test_pauses_for_two_chats_are_everyone_s():
    clock = HandClock()
    pace = Pace(clock, 0)
    pace.hold(30_000, "ana")
    pace.hold(20_000, "bia")
    assert await pace.turn(0, "caio") == 20_000
    clock.ms += 30_000
    assert await pace.turn(0, "caio") == 0


async def test_a_clock_set_back_stops_nobody_for_ever():
    clock = HandClock()
    pace = Pace(clock, 100, each_ms=1_000)
    pace.hold(10_000)
    clock.ms -= 86_400_000
    assert await pace.turn(0, "ana") == 0


async def test_who_goes_away_takes_no_turn():
    pace = Pace(SystemClock(), 50)
    assert [await pace.turn(0, name) for name in ("first", "second")] == [0, 0]
    gone = asyncio.create_task(pace.turn(0, "gone"))
    await asyncio.sleep(0)
    gone.cancel()
    assert await pace.turn(4, "next") == 0
    assert gone.cancelled()
