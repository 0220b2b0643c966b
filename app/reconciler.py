"""Compares payments with their providers: those open too long all the time, all of a day nightly.

What differs and has a rule is repaired at once (`app.reporting`); what has none is listed, for a
person. Webhooks may all be lost: this alone ends with the money right.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, cast
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from app.reporting import Difference, Money
from core.ports import BrokenInvariant, Clock, Lister, Overloaded, StorageLost
from core.terms import DAY_MS, MINUTE_MS
from core.views import PaymentName, Views

if TYPE_CHECKING:
    from app.settings import Settings

_log = logging.getLogger("bilheteria.reconcile")
OPEN_MS = 2 * MINUTE_MS
"""A payment open for longer is looked at: its webhook may be lost."""
TRYING_MS = 15_000
"""The same where no money moves: who tries things out does not wait."""
_AT_ONCE = 4
"""Payments looked at together: providers bound how often they may be asked."""
_OPEN_MAX = 500
_PAGE = 500
_NIGHT_MS = 2 * DAY_MS
"""How far a night looks back: a night that was missed is made up for by the next."""


@dataclass(slots=True)
class Reconciled:
    """What came of comparing."""

    checked: int = 0
    differences: list[Difference] = field(default_factory=list[Difference])
    failed: list[tuple[PaymentName, str]] = field(default_factory=list[tuple[PaymentName, str]])
    """Payments that could not be compared, and why."""

    @property
    def listed(self) -> list[Difference]:
        """Differences that a person must see to."""
        return [one for one in self.differences if not one.repaired]


class Reconciler:
    """Reconciles the payments of one office."""

    def __init__(self, money: Money, look: Views, clock: Clock) -> None:
        self._money = money
        self._look = look
        self._clock = clock

    async def open_too_long(self, open_ms: int = OPEN_MS) -> Reconciled:
        """Look at the payments that have been open for so long, the oldest first."""
        done = Reconciled()
        before_ms = self._clock.now_ms() - open_ms
        await self._check(await self._look.payments_open(before_ms, _OPEN_MAX), done)
        return done

    async def since(self, since_ms: int) -> Reconciled:
        """Compare every payment begun since then, whatever else providers have, and failed refunds.

        First what is known here, so that providers are asked once about each.
        """
        done = Reconciled()
        after: PaymentName | None = None
        while names := await self._look.payments_since(since_ms, _PAGE, after):
            await self._check(names, done)
            after = names[-1]
        await self._check(await self._look.refunds_failed(since_ms, _PAGE), done)
        for gateway in self._money.that_list():
            await self._check_seen(gateway, since_ms, done)
        done.differences = list(dict.fromkeys(done.differences))
        return done

    async def _check_seen(self, gateway: Lister, since_ms: int, done: Reconciled) -> None:
        """Hold what a provider has against what is known here."""
        name = PaymentName(0, "", "", gateway.name)
        try:
            async for seen in gateway.seen(since_ms):
                there = seen.payment
                name = PaymentName(there.show_id, there.purchase_id, there.payment_id, gateway.name)
                found = await self._money.meet(gateway, seen, since_ms)
                done.checked += found is not None
                done.differences += found or ()
        except (StorageLost, Overloaded, BrokenInvariant):
            raise
        except Exception as failed:  # noqa: BLE001 - what was found counts all the same
            done.failed.append((name, getattr(failed, "safe", type(failed).__name__)))

    async def _check(self, names: tuple[PaymentName, ...], done: Reconciled) -> None:
        room = asyncio.Semaphore(_AT_ONCE)

        async def one(name: PaymentName) -> None:
            async with room:
                try:
                    found = await self._money.check(name.show_id, name.purchase_id, name.payment_id)
                except (StorageLost, Overloaded, BrokenInvariant):
                    raise
                except Exception as failed:  # noqa: BLE001 - the others are compared all the same
                    done.failed.append((name, getattr(failed, "safe", type(failed).__name__)))
                else:
                    done.checked += 1
                    done.differences += found

        await asyncio.gather(*(one(name) for name in names))


class _Jobs(Protocol):
    """What is used of APScheduler, which tells no types."""

    def add_job(self, func: object, trigger: object) -> object: ...

    def start(self) -> None: ...

    def shutdown(self, wait: bool) -> None: ...  # noqa: FBT001 - its own form


class ReconcilerJobs:
    """Runs a reconciler as the settings say; `start` it inside a running loop."""

    def __init__(
        self,
        reconciler: Reconciler,
        settings: "Settings",
        clock: Clock,
        open_ms: int = OPEN_MS,
    ) -> None:
        self._reconciler = reconciler
        self._clock = clock
        self._open_ms = open_ms
        zone = ZoneInfo(settings.time_zone)
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._jobs = cast("_Jobs", AsyncIOScheduler(timezone=zone, job_defaults=defaults))
        hour, minute = settings.reconcile_at.split(":")
        every = IntervalTrigger(seconds=settings.reconcile_seconds, timezone=zone)
        nightly = CronTrigger(hour=int(hour), minute=int(minute), timezone=zone)
        self._jobs.add_job(self._open, every)
        self._jobs.add_job(self._night, nightly)

    def start(self) -> None:
        """Begin."""
        self._jobs.start()

    async def stop(self) -> None:
        """Stop; what is under way is idempotent and goes on next time."""
        self._jobs.shutdown(wait=False)
        await asyncio.sleep(0)  # APScheduler stops in the loop's next turn.

    async def _open(self) -> None:
        try:
            tell(await self._reconciler.open_too_long(self._open_ms))
        except (StorageLost, Overloaded) as lost:
            _log.warning("payments could not be looked at, and are soon again: %s", lost)

    async def _night(self) -> None:
        try:
            done = await self._reconciler.since(self._clock.now_ms() - _NIGHT_MS)
        except (StorageLost, Overloaded) as lost:
            _log.error("payments could not be reconciled: run `payments reconcile`: %s", lost)
            return
        tell(done)
        _log.info("reconciled %d payments, %d to be seen to", done.checked, len(done.listed))


def tell(done: Reconciled) -> None:
    """Log what was found."""
    for one in done.differences:
        level = logging.INFO if one.repaired else logging.ERROR
        _log.log(level, "payment %s (%s): %s", one.payment_id, one.gateway, one.what)
    for name, why in done.failed:
        _log.warning(
            "payment %s (%s) could not be compared: %s", name.payment_id, name.gateway, why
        )
