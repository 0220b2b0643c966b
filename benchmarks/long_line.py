"""A million people in one line: position, the next 500 calls, the draw, and memory.

In a process of its own (so that the harness does not count) a million people come through the
office's own door: registered, then in the lobby of one show. Then the sale opens:

    draw        meanwhile one seller sells another show without a pause; its longest request counts
    position    of 2,000 people picked over the whole line, one after the other, each checked
                against the number that the draw gave
    call        500 tickets come free at once, by releasing an allotment; the time of the request
                whose transaction calls the next 500. 9 times, in the pace of 1,000 calls a second
    memory      the most that the process ever held (VmHWM)
"""

import asyncio
import json
import resource
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.buyers import buy
from benchmarks.ground import Ground, Room, Seed, draft, ground, open_terms, tier
from benchmarks.loops import run
from benchmarks.results import Figure, Result, quantile
from benchmarks.running import Options, say
from core.caretaker import Caretaker
from core.catalogue import Allotment
from core.outcomes import Joined, Registered, SaleNow
from core.requests import Join, Register, ReleaseAllotment
from core.terms import HOUR_MS
from data.database import database_at

SIZE = 1_000_000
CALLERS = 1_000
CALLED = 500
RELEASES = 9
_PICKED = 2_000
_SETTLE_S = 0.6
"""Until the pace of 1,000 calls a second has room for the next 500."""
_QUIET_S = 1
"""How long the other show sells before the draw begins."""
_KIB = 1 << 10


def measure(place: Room, options: Options) -> Result:
    """Measure once, in a child process."""
    return found_by_child(str(place.file("line")), options.size or SIZE)


def found_by_child(where: str, size: int) -> Result:
    """Measure in a child process, on the database that is named."""
    command = [sys.executable, "-m", "benchmarks.long_line", where, str(size)]
    child = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(child.stdout.splitlines()[-1])
    return Result(
        name="long_line",
        work=f"{size:,} people in one line",
        figures=(
            Figure(
                field="position_p99_ms",
                what="exact position, 99 in 100",
                value=found["position_p99_ms"],
                unit=" ms",
                most=5,
            ),
            Figure(
                field="call_500_ms",
                what=f"calling the next {CALLED}",
                value=found["call_500_ms"],
                unit=" ms",
                most=50,
            ),
            Figure(
                field="draw_longest_pause_ms",
                what="longest pause of another sale in the draw",
                value=found["draw_longest_pause_ms"],
                unit=" ms",
                most=250,
            ),
            Figure(
                field="memory_mb",
                what="memory of the process",
                value=found["memory_mb"],
                unit=" MB",
                most=300,
            ),
        ),
        notes=(
            "filled through the office's own door in {fill_s:,.0f} s; draw {draw_s:.1f} s, "
            "{sold:,.0f} purchases sold meanwhile, half of its requests within {pause_p50_ms:.1f} "
            "ms, longest before the draw {quiet_pause_ms:.1f} ms; position p50 "
            "{position_p50_ms:.2f} ms; call: median of {calls:.0f}, longest {call_most_ms:.1f} ms; "
            "memory after filling {filled_mb:,.0f} MB".format(**found),
        ),
    )


async def main(where: str, size: int) -> dict[str, float]:
    """Fill, draw, ask and call; return what was found."""
    found: dict[str, float] = {}
    database = database_at(where)
    async with ground(database) as here:
        lobby_id, other_id = await _shows(here)
        sellers = await here.register(200, first=size)
        started = perf_counter()
        picked = await _fill(here, lobby_id, size)
        found["fill_s"] = perf_counter() - started
        found["filled_mb"] = _memory_mb()
        found |= await _draw(here, lobby_id, other_id, sellers)
        found |= await _positions(here, lobby_id, picked)
        found |= await _calls(here, lobby_id)
        found["memory_mb"] = _memory_mb()
    return found


async def _shows(here: Ground) -> list[int]:
    opened = open_terms()
    terms = open_terms(
        lobby_opens_ms=opened.sale_opens_ms,
        sale_opens_ms=opened.sale_opens_ms + HOUR_MS,
        calls_per_s=1_000,
    )
    kept = (
        Allotment(channel="window", quantity=CALLED, release_ms=terms.sale_closes_ms - HOUR_MS),
    )
    tiers = [tier("Pista", CALLED)]
    tiers += [tier(f"Setor {n}", CALLED, kept) for n in range(1, RELEASES + 1)]
    (lobby_id,) = await here.open(draft("lobby", tiers, terms), opened=False)
    (other_id,) = await here.open(
        draft("other", [tier("Pista", 1_000_000)], open_terms(limit_per_customer=1_000))
    )
    return [lobby_id, other_id]


async def _fill(here: Ground, show_id: int, size: int) -> list[str]:
    """Have everyone come to the lobby; return the purchases of some, picked evenly."""
    every = max(1, size // _PICKED)
    people, picked = iter(range(size)), list[str]()

    async def caller() -> None:
        for number in people:
            customer_id, purchase_id = here.ids.new(), here.ids.new()
            contacts = (("telegram", str(100_000_000 + number)),)
            known = await here.office.register(Register(customer_id=customer_id, contacts=contacts))
            assert isinstance(known, Registered), known
            joined = await here.office.join(
                Join(show_id=show_id, purchase_id=purchase_id, customer_id=customer_id)
            )
            assert isinstance(joined, Joined), joined
            if number % every == 0:
                picked.append(purchase_id)
            if number % 100_000 == 0:
                say(f"{number:,} in the lobby, {_memory_mb():,.0f} MB")

    await asyncio.gather(*(caller() for _ in range(min(CALLERS, size))))
    return picked


async def _draw(here: Ground, lobby_id: int, other_id: int, people: list[str]) -> dict[str, float]:
    took, stop = list[float](), asyncio.Event()

    async def seller() -> int:
        sold = 0
        while not stop.is_set():
            await buy(here, other_id, people[sold % len(people)], took)
            sold += 1
        return sold

    selling = asyncio.create_task(seller())
    await asyncio.sleep(_QUIET_S)
    quiet_ms, before = max(took) * 1e3, len(took)
    started = perf_counter()
    await Caretaker(here.office, Seed()).open(lobby_id)
    draw_s = perf_counter() - started
    stop.set()
    sold = await selling
    say(f"drawn in {draw_s:.1f} s, {_memory_mb():,.0f} MB")
    return {
        "draw_s": draw_s,
        "sold": sold,
        "quiet_pause_ms": quiet_ms,
        "pause_p50_ms": median(took[before:]) * 1e3,
        "draw_longest_pause_ms": max(took[before:]) * 1e3,
    }


async def _positions(here: Ground, show_id: int, picked: list[str]) -> dict[str, float]:
    took: list[float] = []
    for purchase_id in picked:
        began = perf_counter()
        ahead = await here.office.look.position(show_id, purchase_id)
        took.append((perf_counter() - began) * 1e3)
        found = await here.office.look.purchase(show_id, purchase_id)
        assert found is not None, purchase_id
        number = found.purchase.number or 0
        # The first of the drawn were called at the opening.
        assert ahead == (None if number <= CALLED else number - CALLED - 1), (ahead, number)
    return {"position_p50_ms": median(took), "position_p99_ms": quantile(took, 0.99)}


async def _calls(here: Ground, show_id: int) -> dict[str, float]:
    took: list[float] = []
    for number in range(RELEASES):
        await asyncio.sleep(_SETTLE_S)
        before = await here.office.look.show(show_id)
        request = ReleaseAllotment(show_id=show_id, tier_no=2 + number, channel="window")
        began = perf_counter()
        answer = await here.office.run(request)
        took.append((perf_counter() - began) * 1e3)
        assert isinstance(answer, SaleNow), answer
        after = await here.office.look.show(show_id)
        assert before is not None, show_id
        assert after is not None, show_id
        assert after.opened - before.opened == min(CALLED, before.waiting), (before, after)
    return {"call_500_ms": median(took), "call_most_ms": max(took), "calls": len(took)}


def _memory_mb() -> float:
    """Return the most memory that this process ever held."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / (_KIB * _KIB if sys.platform == "darwin" else _KIB)
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / _KIB


if __name__ == "__main__":
    print(json.dumps(run(main(sys.argv[1], int(sys.argv[2])))))
