"""Turns: lower lanes first, nobody behind somebody else's pause, one pace for all processes."""

import asyncio

import pytest

from app.clock import SystemClock
from app.pace import OwnTurns, Pace, Rate
from core.messages import Lane
from core.ports import StorageLost
from core.turns import Block, Turns
from data.database import Database
from tests.auxil.offices import HandClock

EMAIL, GAP_MS, BLOCK, AHEAD_MS = "email", 40, 2, 100


def block(now_ms: int, ahead_ms: int = 0, channel: str = EMAIL) -> Block:
    """Two turns at 25 a second."""
    span_ms = BLOCK * GAP_MS
    return Block(channel=channel, now_ms=now_ms, span_ms=span_ms, gap_ms=GAP_MS, ahead_ms=ahead_ms)


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_without_a_rate_everyone_goes_at_once():
    pace = Pace(HandClock(), Rate(per_s=0))
    assert await asyncio.gather(*(pace.turn(4, str(n)) for n in range(100))) == [0] * 100


async def test_who_comes_late_in_a_lower_lane_goes_first():
    clock = HandClock()
    pace = Pace(clock, Rate(per_s=200), patient=True)
    order: list[str] = []

    async def go(lane: int, name: str) -> None:
        assert await pace.turn(lane, name) == 0
        order.append(name)

    news = [asyncio.create_task(go(4, f"news {n}")) for n in range(60)]
    await asyncio.sleep(0)
    call = asyncio.create_task(go(0, "call"))
    await settled()
    assert order.index("call") <= 20, "a block may be given before it comes"
    while not all(one.done() for one in news):
        clock.ms += 100
        await asyncio.sleep(0.001)
    await call
    assert [one for one in order if one != "call"] == [f"news {n}" for n in range(60)]


async def test_one_person_is_written_to_in_turns_and_holds_up_nobody():
    clock = HandClock()
    pace = Pace(clock, Rate(per_s=0, each_ms=3_000, each_burst=2))
    assert [await pace.turn(0, "ana"), await pace.turn(0, "ana")] == [0, 0]
    assert await pace.turn(0, "ana") == 3_000
    assert await pace.turn(0, "bia") == 0
    clock.ms += 3_000
    assert await pace.turn(0, "ana") == 0


async def test_who_is_patient_is_not_sent_away():
    pace = Pace(SystemClock(), Rate(per_s=0, each_ms=1), patient=True)
    pace.hold(3, "ana")
    assert [await pace.turn(0, "ana") for _ in range(9)] == [0] * 9


async def test_a_pause_for_one_chat_is_that_chat_s():
    clock = HandClock()
    pace = Pace(clock, Rate(per_s=0, each_ms=1, each_burst=4))
    pace.hold(30_000, "ana")
    assert await pace.turn(0, "ana") >= 30_000
    assert await pace.turn(0, "bia") == 0
    clock.ms += 30_001
    assert await pace.turn(0, "ana") == 0


async def test_pauses_for_two_chats_are_everyone_s():
    clock = HandClock()
    pace = Pace(clock, Rate(per_s=0))
    pace.hold(30_000, "ana")
    pace.hold(20_000, "bia")
    assert await pace.turn(0, "caio") == 20_000
    clock.ms += 30_000
    assert await pace.turn(0, "caio") == 0


async def test_a_clock_set_back_stops_nobody_for_ever():
    clock = HandClock()
    pace = Pace(clock, Rate(per_s=100, each_ms=1_000))
    for n in range(20):
        assert await pace.turn(0, str(n)) == 0
    pace.hold(10_000)
    clock.ms -= 86_400_000
    assert await pace.turn(0, "ana") == 0


async def test_who_goes_away_takes_no_turn():
    clock = HandClock()
    pace = Pace(clock, Rate(per_s=10), patient=True)
    assert await pace.turn(Lane.NEWS, "first") == 0
    gone = asyncio.create_task(pace.turn(Lane.NEWS, "gone"))
    after = asyncio.create_task(pace.turn(Lane.NEWS, "next"))
    await asyncio.sleep(0)
    gone.cancel()
    clock.ms += 100
    async with asyncio.timeout(30):
        assert await after == 0, "the one turn that came due"
    assert gone.cancelled()


class Lost:
    """Turns in a database that is away."""

    async def reserve(self, block: Block) -> int | None:
        raise StorageLost(block.channel)


async def test_while_the_database_is_away_the_pace_is_kept_alone():
    clock = HandClock()
    pace = Pace(clock, Rate(per_s=25), Lost(), patient=True)
    sends = [asyncio.create_task(pace.turn(Lane.NEWS, str(n))) for n in range(9)]
    await settled()
    assert sum(one.done() for one in sends) == BLOCK, "not as many as come"
    while not all(one.done() for one in sends):
        clock.ms += GAP_MS
        await asyncio.sleep(0.001)


async def most_in_a_second(turns: list[Turns]) -> int:
    """Ask for more than there is, each in turn, for 4 s by hand; return the fullest second."""
    clock, sent = HandClock(), list[int]()
    for step in range(400):
        clock.ms += 10
        for n, one in enumerate(turns):
            asked = block(clock.ms, AHEAD_MS if (step // 50 + n) % 2 else 0)
            if await one.reserve(asked) is not None:
                sent += [clock.ms] * BLOCK
    assert len(sent) >= 4 * 25 - BLOCK, "and no turn is lost"
    return max(sum(at <= one < at + 1_000 for one in sent) for at in sent)


async def test_two_processes_together_keep_the_pace(database: Database) -> None:
    async with database.store() as one, database.store() as other:
        assert await most_in_a_second([one, other]) <= 30
        late = 1 << 41
        assert await one.reserve(block(late)) is not None
        assert await other.reserve(block(late)) is None, "what can wait, waits"
        assert await other.reserve(block(late, AHEAD_MS)) is not None, "an answer does not"
        assert await other.reserve(block(late, channel="sms")) is not None
        assert await other.reserve(block(late - 86_400_000)) is not None, "a clock was set back"


async def test_turns_at_once_are_given_once(database: Database) -> None:
    async with database.store() as one, database.store() as other:
        given = await asyncio.gather(*(store.reserve(block(1)) for store in [one, other] * 8))
        assert len(given) - given.count(None) == 1


async def test_alone_the_same_pace_is_kept() -> None:
    assert await most_in_a_second([OwnTurns()]) <= 30


@pytest.mark.parametrize("per_s", [1, 3, 1_000])
async def test_an_answer_at_a_quiet_time_waits_for_no_database(per_s: int) -> None:
    class Slow(OwnTurns):
        def __init__(self) -> None:
            super().__init__()
            self.open = asyncio.Event()

        async def reserve(self, block: Block) -> int | None:
            await self.open.wait()
            return await super().reserve(block)

    clock, turns = HandClock(), Slow()
    turns.open.set()
    pace = Pace(clock, Rate(per_s=per_s), turns, patient=True)
    await pace.turn(Lane.RECEIPTS, "ana")
    clock.ms += 2_000
    await pace.turn(Lane.RECEIPTS, "ana")
    await asyncio.sleep(0)
    turns.open.clear()
    async with asyncio.timeout(30):
        await pace.turn(Lane.RECEIPTS, "ana")
