"""Carries out the effects in the outbox: at least once each, under an idempotency key.

A worker leases an effect, does the deed, then tells the office that it is done. Killed anywhere in
between, it leaves a lease that ends by itself, and whoever comes next does the deed again with
the same ids. Failures are tried again, later and later. Messages are given up after
`limits.EFFECT_ATTEMPTS`, and kept for a person to see; what concerns money never is.
"""

import asyncio
import logging
from collections.abc import Iterable
from hashlib import sha256
from typing import Protocol

from core import limits
from core.box_office import BoxOffice
from core.messages import MESSAGE_KINDS, Effect
from core.ports import BrokenInvariant, Overloaded, StorageLost
from core.requests import EffectDead, EffectDone

_log = logging.getLogger("bilheteria.effects")
_LEASED_AT_ONCE = 32
_IDLE_S = 0.5
_PATIENCE_S = limits.LEASE_MS * 3 // 4 / 1_000
"""A deed that takes longer is broken off while its lease still lives."""


class Deed(Protocol):
    """What it takes to carry out an effect of some kind."""

    async def __call__(self, effect: Effect) -> int | None:
        """Do it. None: done. A number: ask again in so many ms. Raising: it failed.

        An exception may bear `retry_after_ms`, the pause that the other side asked for; `tries`,
        how often it failed, where not every attempt was a failure; `final`, if trying again
        changes nothing; and `safe`, a text fit for the log. Its message is not kept: libraries
        put URLs and with them tokens there.
        """
        ...


class EffectWorker:
    """Carries out effects of some kinds; any number of workers may share an office.

    `name` must be no other worker's: leases bear it.
    """

    def __init__(  # noqa: PLR0913 - whose effects, and the worker's limits
        self,
        office: BoxOffice,
        name: str,
        kinds: Iterable[str],
        deed: Deed,
        patience_s: float = _PATIENCE_S,
        *,
        idle_s: float = _IDLE_S,
        at_once: int = _LEASED_AT_ONCE,
    ) -> None:
        self._office = office
        self._name = name
        self._kinds = sorted(kinds)
        self._deed = deed
        self._patience_s = patience_s
        self._idle_s = idle_s
        self._at_once = at_once

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop, then finish what is in hand."""
        in_hand: set[asyncio.Task[None]] = set()
        stopping = asyncio.create_task(stop.wait())
        while not stop.is_set():
            # Half a handful at a time: a lease is a commit, however many it takes.
            free = self._at_once - len(in_hand)
            taken = await self._take(free if free * 2 >= self._at_once else 0)
            in_hand |= {asyncio.create_task(self._carry_out(effect)) for effect in taken}
            waiting = {stopping, *in_hand}
            await asyncio.wait(waiting, timeout=self._idle_s, return_when=asyncio.FIRST_COMPLETED)
            in_hand = {task for task in in_hand if not task.done()}
        if in_hand:
            await asyncio.wait(in_hand)

    async def round(self) -> int:
        """Carry out what is due now; return how many effects that were."""
        taken = await self._take(self._at_once)
        await asyncio.gather(*(self._carry_out(effect) for effect in taken))
        return len(taken)

    async def _take(self, most: int) -> tuple[Effect, ...]:
        if most <= 0:
            return ()
        try:
            return await self._office.take_effects(self._name, self._kinds, most)
        except StorageLost as lost:
            _log.warning("no effects can be taken: %s", lost)
            return ()

    async def _carry_out(self, effect: Effect) -> None:
        try:
            again_ms = await self._attempt(effect)
            if isinstance(again_ms, Exception):
                await self._failed(effect, again_ms)
            elif again_ms is None:
                await self._office.finish(
                    EffectDone(
                        show_id=effect.show_id, ledger_seq=effect.ledger_seq, item=effect.item
                    )
                )
            else:
                due_ms = self._office.clock.now_ms() + again_ms
                await self._office.put_back(effect, self._name, due_ms, "waits for its turn")
        except (StorageLost, Overloaded) as lost:
            # The lease ends by itself, and the effect is carried out again under the same key.
            _log.warning("effect %s could not be noted as done: %s", effect.key, lost)
        except Exception:  # noqa: BLE001 - one effect's trouble must not stop the worker
            _log.exception("effect %s could not be noted", effect.key)

    async def _attempt(self, effect: Effect) -> int | Exception | None:
        """Do the deed; return its answer, or what it raised, so that nothing logs it as a cause."""
        try:
            async with asyncio.timeout(self._patience_s):
                return await self._deed(effect)
        except (StorageLost, Overloaded):
            raise
        except Exception as failed:  # noqa: BLE001 - whatever failed outside is tried again
            return failed

    async def _failed(self, effect: Effect, failed: Exception) -> None:
        error = told(failed)[: limits.REASON_LENGTH]
        _log.warning("effect %s (%s) failed: %s", effect.key, effect.kind, error)
        tries: int = getattr(failed, "tries", effect.attempts)
        hopeless = tries >= limits.EFFECT_ATTEMPTS or getattr(failed, "final", False)
        if effect.kind in MESSAGE_KINDS and hopeless:
            await self._office.finish(
                EffectDead(
                    show_id=effect.show_id,
                    ledger_seq=effect.ledger_seq,
                    item=effect.item,
                    error=error,
                )
            )
            return
        pause_ms = max(pause_after(effect), getattr(failed, "retry_after_ms", 0))
        due_ms = self._office.clock.now_ms() + pause_ms
        await self._office.put_back(effect, self._name, due_ms, error)


def told(failed: Exception) -> str:
    """Return what is kept of a failure: our own words about it, or else its kind alone."""
    if isinstance(failed, BrokenInvariant):
        return f"BrokenInvariant: {failed}"
    if isinstance(failed, TimeoutError):
        return "no answer in time"
    return getattr(failed, "safe", "") or type(failed).__name__


def pause_after(effect: Effect) -> int:
    """Return how long to wait after a failed attempt, in ms.

    It doubles up to its limit, less up to half, so that what failed together is not tried
    together: the part is drawn from the effect's key and attempt, the same each time.
    """
    doublings = min(max(effect.attempts, 1) - 1, limits.BACKOFF_MAX_MS.bit_length())
    whole_ms = min(limits.BACKOFF_MS << doublings, limits.BACKOFF_MAX_MS)
    lot = int.from_bytes(sha256(f"{effect.key}:{effect.attempts}".encode()).digest()[:4], "big")
    return whole_ms - (whole_ms // 2 * lot >> 32)
