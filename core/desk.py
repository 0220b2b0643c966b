"""The desk: gathers requests into batches.

While one batch is being committed the next one gathers, so there is no timer and no added delay: a
lone request is a batch of one, and under load a batch grows to its named limit. What one person
gets wrong never fails the others: a batch that breaks a rule is taken apart and run one by one.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence

from core import limits
from core.decide import Batch
from core.forms import malformed
from core.ports import BrokenInvariant, Clock, Ids, Overloaded, StorageLost, Store
from core.requests import AnyRequest

_Waiting = tuple[AnyRequest, "asyncio.Future[object]"]


class Desk:
    """Takes requests in order of arrival and answers each with its outcome."""

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._waiting: deque[_Waiting] = deque()
        self._work: asyncio.Task[None] | None = None

    def submit(self, request: AnyRequest) -> "asyncio.Future[object]":
        """Queue a request; the future brings its outcome, `StorageLost` or `BrokenInvariant`.

        Raises `Overloaded` at once when too many wait already.
        """
        if len(self._waiting) >= limits.REQUESTS_WAITING:
            message = f"{len(self._waiting)} requests wait; try again in a moment"
            raise Overloaded(message)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[object] = loop.create_future()
        refused = malformed(request)
        if refused is not None:
            answer.set_result(refused)
            return answer
        self._waiting.append((request, answer))
        if self._work is None or self._work.done():
            self._work = loop.create_task(self._serve(), name="desk")
        return answer

    async def close(self) -> None:
        """Wait until every request taken in is answered."""
        if self._work is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._work

    async def _serve(self) -> None:
        while self._waiting:
            size = min(len(self._waiting), limits.REQUESTS_PER_BATCH)
            taken = [self._waiting.popleft() for _ in range(size)]
            await self._answer(taken)

    async def _answer(self, taken: Sequence[_Waiting]) -> None:
        batch = Batch([request for request, _ in taken], self._clock.now_ms(), self._ids)
        try:
            await self._store.transact(batch.steps)
        except StorageLost as lost:
            _fail(taken, lost)
        except Exception as broken:  # noqa: BLE001 - whatever broke, each caller must hear of it
            if len(taken) == 1:
                _fail(taken, broken if isinstance(broken, BrokenInvariant) else _bug(broken))
                return
            for one in taken:
                await self._answer([one])
        else:
            for (_, answer), outcome in zip(taken, batch.outcomes, strict=True):
                if not answer.done():
                    answer.set_result(outcome)


def _bug(cause: Exception) -> BrokenInvariant:
    broken = BrokenInvariant(repr(cause))
    broken.__cause__ = cause
    return broken


def _fail(taken: Sequence[_Waiting], error: Exception) -> None:
    for _, answer in taken:
        if not answer.done():
            answer.set_exception(error)
