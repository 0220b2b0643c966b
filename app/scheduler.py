"""Runs the caretaker when something comes due.

Two jobs of APScheduler share the work. One is set, after every round, to the moment when something
next comes due. The other sweeps at a fixed interval, as other processes may have made earlier
deadlines and a failed round must be tried again. Rounds of one process never overlap; rounds of
several processes may, as every step of a round is idempotent.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Protocol, cast

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from core.caretaker import Caretaker
from core.ports import BrokenInvariant, Clock, Overloaded, StorageLost

_log = logging.getLogger("bilheteria.scheduler")
_SOONEST_MS = 25
"""The shortest pause between two rounds."""
_DUE, _SWEEP = "due", "sweep"


class _Jobs(Protocol):
    """What is used of APScheduler, which tells no types."""

    def add_job(
        self,
        func: Callable[[], Awaitable[None]],
        trigger: DateTrigger | IntervalTrigger,
        *,
        id: str,  # noqa: A002 - its own name
        replace_existing: bool,
    ) -> object: ...

    def start(self) -> None: ...

    def shutdown(self, wait: bool) -> None: ...  # noqa: FBT001 - its own form


class Scheduler:
    """Looks after one office until stopped; `start` it inside a running loop."""

    def __init__(self, caretaker: Caretaker, clock: Clock, sweep_seconds: int) -> None:
        self._caretaker = caretaker
        self._clock = clock
        self._sweep_seconds = sweep_seconds
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._jobs = cast("_Jobs", AsyncIOScheduler(timezone=UTC, job_defaults=defaults))
        self._round: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._stopping = False
        self._due_ms: int | None = None
        self._pause_ms = _SOONEST_MS

    def start(self) -> None:
        """Begin with a round at once."""
        self._sweep_regularly()
        self._wake_at(self._clock.now_ms())
        self._jobs.start()
        self._watch = asyncio.create_task(self._watch_clock(), name="clock watch")

    async def stop(self) -> None:
        """Let the round under way end, then stop."""
        self._stopping = True
        self._jobs.shutdown(wait=False)
        await asyncio.sleep(0)  # APScheduler stops in the loop's next turn.
        if self._watch is not None:
            self._watch.cancel()
        if self._round is not None:
            await asyncio.wait([self._round])

    async def look_after(self) -> None:
        """Run a round and wait for its end; if one is running, wait for that."""
        await self._begin()
        if self._round is not None:
            await asyncio.wait([self._round])

    async def _begin(self) -> None:
        """Begin a round, unless one is running: that one sees what is due itself."""
        idle = self._round is None or self._round.done()
        if idle and not self._stopping:
            self._round = asyncio.create_task(self._one_round(), name="caretaker's round")

    async def _one_round(self) -> None:
        try:
            due_ms = await self._caretaker.round()
        except (StorageLost, Overloaded) as lost:
            _log.warning("a round failed and is tried again: %s", lost)
        except BrokenInvariant:
            _log.exception("a round broke a rule of the house and is tried again")
        except Exception:  # noqa: BLE001 - whatever failed, the office must be looked after again
            _log.exception("a round failed and is tried again")
        else:
            if due_ms is not None:
                self._wake_at(self._not_too_soon(due_ms))
            self._due_ms = due_ms

    def _not_too_soon(self, due_ms: int) -> int:
        """Keep a deadline that a round does not move from spinning: its pauses double."""
        now_ms = self._clock.now_ms()
        stuck = due_ms == self._due_ms and due_ms <= now_ms
        doubled_ms = min(self._pause_ms * 2, self._sweep_seconds * 1_000)
        self._pause_ms = doubled_ms if stuck else _SOONEST_MS
        return max(due_ms, now_ms + self._pause_ms)

    def _wake_at(self, at_ms: int) -> None:
        at = DateTrigger(run_date=datetime.fromtimestamp(at_ms / 1_000, UTC))
        self._jobs.add_job(self._begin, at, id=_DUE, replace_existing=True)

    def _sweep_regularly(self) -> None:
        every = IntervalTrigger(seconds=self._sweep_seconds, timezone=UTC)
        self._jobs.add_job(self._begin, every, id=_SWEEP, replace_existing=True)

    async def _watch_clock(self) -> None:
        """Notice a clock that was set back, for which APScheduler would wait."""
        while True:
            before_ms = self._clock.now_ms()
            await asyncio.sleep(self._sweep_seconds)
            if self._clock.now_ms() < before_ms:
                _log.warning("the machine's clock was set back")
                self._sweep_regularly()
                self._wake_at(self._clock.now_ms())
